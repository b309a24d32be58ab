"""on_event_hook, by which a pipeline's code is told of the events of its updates."""

from collections.abc import Callable
from typing import Any

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.model import EventHook
from local.engine.language.python.parameters import parameters_of


def event_hook(definitions: Definitions) -> Callable[..., Any]:
    """The decorator, with or without parentheses."""

    def on_event_hook(*arguments: Any, **named: Any) -> Any:
        given = parameters_of(
            "on_event_hook", ("user_event_hook_fn", "max_allowable_consecutive_failures"), arguments, named
        )
        most = given.get("max_allowable_consecutive_failures")
        if most is not None and (not isinstance(most, int) or most < 0):
            raise UserError(
                f"on_event_hook: max_allowable_consecutive_failures is a number from 0 on, not {most!r}"
            )

        def decorate(function: Any) -> Any:
            definitions.event_hooks.append(EventHook(function, most))
            return function

        function = given.get("user_event_hook_fn")
        return decorate if function is None else decorate(function)

    return on_event_hook
