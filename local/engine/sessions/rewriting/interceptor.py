"""The client's way to Sail, on which each plan is read and, where Sail is not Spark, written anew."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import grpc
from pyspark.sql.connect.proto import AnalyzePlanRequest, ConfigRequest, ExecutePlanRequest

from local.engine.sessions.channel import EngineChannel
from local.engine.sessions.rewriting.settings import check_settings

if TYPE_CHECKING:
    from local.engine.sessions.rewriting.plans.plans import Rewriter

_WITH_A_PLAN = (ExecutePlanRequest, AnalyzePlanRequest)


class RewritingChannel(EngineChannel):
    """A channel to Sail on loopback: no token, no TLS, and plans that are written anew, unless `rewrites` is false."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.rewrites = True
        # pyspark names one kind of interceptor, gRPC takes either.
        both: Any = _Rewriting(self)
        self.add_interceptor(both)

    @property
    def secure(self) -> bool:
        """Whether to speak TLS: a token in the environment, which pyspark would take as a sign, is not for Sail."""
        return False


class _Rewriting(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, channel: RewritingChannel) -> None:
        self._channel = channel

    @cached_property
    def _rewriter(self) -> "Rewriter":
        # It takes a moment to import, and a check of plans that Sail takes as they are needs none of it.
        from local.engine.sessions.rewriting.plans.plans import Rewriter
        from local.engine.sessions.rewriting.types.asked_types import Types

        return Rewriter(Types(self._channel.endpoint))

    def intercept_unary_unary(self, continuation: Callable, client_call_details: Any, request: Any) -> Any:
        return self._passed_on(continuation, client_call_details, request)

    def intercept_unary_stream(self, continuation: Callable, client_call_details: Any, request: Any) -> Any:
        return self._passed_on(continuation, client_call_details, request)

    def _passed_on(self, continuation: Callable, details: Any, request: Any) -> Any:
        if self._channel.rewrites and isinstance(request, _WITH_A_PLAN):
            request = self._rewriter.rewritten(request)
        if self._channel.rewrites and isinstance(request, ConfigRequest):
            check_settings(request.operation)
        return continuation(details, request)
