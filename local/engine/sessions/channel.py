"""The client's way to either engine, on which a message that cannot be read is asked for again, or an error."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from grpc.experimental import ChannelOptions
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.proto import ExecutePlanRequest


class EngineChannel(DefaultChannelBuilder):
    """A channel to an engine on loopback."""

    def __init__(self, url: str) -> None:
        # An answer is read by the thread that asked for it: handed over by a second one it takes twice as long.
        super().__init__(url, [(ChannelOptions.SingleThreadedUnaryStream, 1)])

    def toChannel(self) -> Any:  # noqa: N802 - pyspark's name
        """The gRPC channel that a client speaks on."""
        return _CheckedChannel(super().toChannel())


class _Unreadable:
    """In the place of a message that could not be read."""


class _CheckedChannel:
    """A gRPC channel whose streams do not end in silence at a message that cannot be read.

    gRPC ends such a stream with an error only where the server has not said yet that all went well. Otherwise it ends
    as if nothing more had come, and rows would be missing.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def unary_stream(
        self, method: str, request_serializer: Any, response_deserializer: Callable, **options: Any
    ) -> Callable[..., Iterator[Any]]:
        def read(data: bytes) -> Any:
            try:
                return response_deserializer(data)
            except Exception:
                # Whatever it is, gRPC would swallow it.
                return _Unreadable()

        call = self._channel.unary_stream(method, request_serializer, read, **options)
        return lambda request, **how: _messages(lambda: call(request, **how), request)


def _messages(call: Callable[[], Iterator[Any]], request: Any) -> Iterator[Any]:
    """What the server sends. A query of which no rows were passed on yet may be asked a second time.

    Raises pyspark's SparkConnectException at a message that cannot be read.
    """
    may_repeat = isinstance(request, ExecutePlanRequest) and request.plan.HasField("root")
    for message in call():
        if not isinstance(message, _Unreadable):
            may_repeat = may_repeat and not message.HasField("arrow_batch")
            yield message
        elif may_repeat:
            yield from _messages(call, None)
            return
        else:
            raise SparkConnectException(
                "a message of the engine could not be read, so rows would be missing: run it again"
            )
