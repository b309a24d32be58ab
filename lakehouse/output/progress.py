"""What a person sees of an update: a line a table, as it ends."""

import time
from types import TracebackType

from rich.console import Console
from rich.status import Status

from common.counting import counted
from local.engine.running.events import Event, UpdateResult


class ProgressLines:
    """Prints each table with its rows and seconds, and below them which tables are being written now."""

    def __init__(self) -> None:
        self._console = Console()
        self._status = Status("starting", console=self._console)
        self._running: dict[str, None] = {}
        self._pipeline = ""
        self._began = time.monotonic()

    def __enter__(self) -> "ProgressLines":
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._status.stop()

    def on_event(self, pipeline: str, event: Event) -> None:
        """Shows one event of a pipeline's update."""
        if pipeline != self._pipeline and event.state != "EXCLUDED":
            self._pipeline = pipeline
            self._console.print(pipeline, style="bold")
        if not event.dataset:
            self._console.print(f"  {event.message}", style="yellow", highlight=False, markup=False)
        elif event.state == "RUNNING":
            self._running[event.dataset] = None
        else:
            self._running.pop(event.dataset, None)
            self._print(event)
        self._status.update(f"{pipeline}: {', '.join(self._running) or 'planning'}")

    def _print(self, event: Event) -> None:
        if event.state == "EXCLUDED":
            return
        if event.state == "COMPLETED":
            rows = "nothing new" if event.rows is None else counted(event.rows, "row")
            dropped = event.dropped + sum(event.dropped_in_views.values())
            more = f"  {counted(dropped, 'row')} dropped" if dropped else ""
            line = f"  {event.dataset:<34} {rows:>14} {event.seconds:>7.1f} s{more}"
            self._console.print(line, highlight=False)
        else:
            self._console.print(
                f"  {event.dataset:<34} {event.state.lower():>14}", style="red", highlight=False
            )

    def ended(self, results: list[UpdateResult]) -> None:
        """Shows what the updates came to."""
        events = [event for result in results for event in result.datasets]
        fresh = sum(event.state == "EXCLUDED" for event in events)
        written = sum(event.rows is not None for event in events)
        idle = len(events) - written - fresh
        seconds = time.monotonic() - self._began
        self._console.print(
            f"{counted(written, 'table')} written, {f'{idle} had nothing new, ' if idle else ''}"
            f"{fresh} up to date in {seconds:.1f} s",
            highlight=False,
        )
