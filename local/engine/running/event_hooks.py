"""Tells a pipeline's event hooks of the events of an update."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.engine.language.model import EventHook


def call_hooks(hooks: Sequence[EventHook], lines: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Calls each hook with each event, in the form of Lakeflow's own; gives what went wrong in hooks."""
    events = [
        {**line, "timestamp": line["timestamp"].isoformat(), "details": json.loads(line["details"])}
        for line in lines
    ]
    for hook in hooks:
        yield from _told(hook, events)


def _told(hook: EventHook, events: Sequence[dict[str, Any]]) -> Iterator[str]:
    failures = 0
    for event in events:
        try:
            hook.function(event)
            failures = 0
        except Exception as error:
            failures += 1
            name = getattr(hook.function, "__name__", "a function")
            yield f"the event hook {name} failed: {type(error).__name__}: {error}"
            if hook.most_failures is not None and failures > hook.most_failures:
                yield f"the event hook {name} is not called again in this update"
                return
