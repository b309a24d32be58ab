"""The client's way to either engine, on which a message that cannot be read is asked for again, or an error."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc
from grpc.experimental import ChannelOptions
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.proto import ExecutePlanRequest

from local.engine.sessions.kept_settings import KeptSettings


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
    """A gRPC channel that asks for a setting once, and whose streams do not end in silence at an unreadable message.

    gRPC ends such a stream with an error only where the server has not said yet that all went well. Otherwise it ends
    as if nothing more had come, and rows would be missing.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._settings = KeptSettings()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)

    def unary_unary(
        self, method: str, request_serializer: Any, response_deserializer: Callable, **options: Any
    ) -> Callable[..., Any]:
        call = self._channel.unary_unary(
            method, request_serializer, _read_by(response_deserializer), **options
        )

        def ask(request: Any, **how: Any) -> Any:
            return _asked(lambda: [call(request, **how)], tries=2)[0]

        return lambda request, **how: self._settings.answer(request, lambda: ask(request, **how))

    def unary_stream(
        self, method: str, request_serializer: Any, response_deserializer: Callable, **options: Any
    ) -> Callable[..., Iterator[Any]]:
        call = self._channel.unary_stream(
            method, request_serializer, _read_by(response_deserializer), **options
        )

        def messages(request: Any, **how: Any) -> Iterator[Any]:
            # A command may have changed something, so it is not given twice.
            is_query = isinstance(request, ExecutePlanRequest) and request.plan.HasField("root")
            tries = 2 if is_query else 1
            answers = self._settings.answer(request, lambda: _asked(lambda: call(request, **how), tries))
            while answers:
                # Each is let go at once: together they may be large.
                yield answers.popleft()

        return messages


def _read_by(deserializer: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        try:
            return deserializer(data)
        except Exception:
            # Whatever it is, gRPC would swallow it.
            return _Unreadable()

    return read


def _asked(call: Callable[[], Iterable[Any]], tries: int) -> deque[Any]:
    """All that the server answers; pyspark's SparkConnectException when a message cannot be read at any try."""
    for _ in range(tries):
        messages = deque(call())
        if not any(isinstance(message, _Unreadable) for message in messages):
            return messages
    raise SparkConnectException(
        "a message of the engine could not be read, so a part is missing: run it again"
    )
