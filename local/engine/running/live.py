"""What the update that is under way tells, as a file that others can follow while it runs."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from common.home import Home
from local.engine.running.events import Event, OnEvent


def live_file(home: Home) -> Path:
    """JSON lines: first `{"pipeline", "pid"}` of the update, then its events, last `{"ended": ...}` when it has."""
    return home.state / "live.jsonl"


@contextmanager
def event_listener(home: Home, pipeline: str, on_event: OnEvent | None) -> Iterator[OnEvent]:
    """What to tell events: they go to `on_event` and to the live file, which begins anew with each update.

    Nobody's update fails because its file cannot be written.
    """
    with _opened(live_file(home)) as file:
        _write(file, {"pipeline": pipeline, "pid": os.getpid()})

        def tell(event: Event) -> None:
            _write(file, asdict(event))
            if on_event:
                on_event(event)

        try:
            yield tell
        finally:
            _write(file, {"ended": pipeline})


@contextmanager
def _opened(path: Path) -> Iterator[TextIO | None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w", encoding="utf-8")
    except OSError:
        yield None
        return
    with file:
        yield file


def _write(file: TextIO | None, line: object) -> None:
    with suppress(OSError):
        if file:
            file.write(json.dumps(line) + "\n")
            file.flush()
