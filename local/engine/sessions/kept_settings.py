"""A session's settings as the client asks for them, several at each query: asked for once, until one may change."""

from collections.abc import Callable
from typing import Any

from pyspark.sql.connect.proto import ConfigRequest, ExecutePlanRequest

_CHANGE_NOTHING = {"get", "get_with_default", "get_option", "get_all"}


class KeptSettings:
    """The answers to a client's questions for settings (ConfigResponse), which hold for as long as nothing changed."""

    def __init__(self) -> None:
        self._answers: dict[bytes, Any] = {}

    def answer(self, request: Any, ask: Callable[[], Any]) -> Any:
        """What the engine answers to a request of any kind, which is asked where it is not known."""
        if not isinstance(request, ConfigRequest):
            return self._asked(ask) if _may_change(request) else ask()
        if request.operation.WhichOneof("op_type") not in _CHANGE_NOTHING:
            return self._asked(ask)
        # What was asked before a change is put where nobody looks after it.
        answers, question = self._answers, request.SerializeToString(deterministic=True)
        if question not in answers:
            answers[question] = ask()
        return answers[question]

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        finally:
            self._answers = {}


def _may_change(request: Any) -> bool:
    """Whether it may be `SET`, in SQL."""
    return isinstance(request, ExecutePlanRequest) and request.plan.command.HasField("sql_command")
