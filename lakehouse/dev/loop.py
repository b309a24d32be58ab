"""The loop of `lakehouse dev`: waits for edits and requests, and runs what they ask for."""

import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.markup import escape

from common.errors import UserError
from common.home import Home
from lakehouse.dev.comparing import TableState, first_rows, row_changes, table_state
from lakehouse.dev.serving import answer_client, engine_socket
from lakehouse.dev.watching import Watch
from lakehouse.main_job import explain, pipelines_of, run_pipelines, specs_of
from lakehouse.output.progress import ProgressLines
from lakehouse.output.show import show
from lakehouse.specs import all_specs
from local.engine.running.opening import opened_session
from local.engine.storage.lock import locked, purpose
from pipelines.schemas import TABLES

POLL_SECONDS = 0.2
FIRST_ROWS = 5


class Loop:
    """One dev engine for one home, until it is stopped or nobody has needed it for `idle_seconds`."""

    def __init__(self, home: Home, idle_seconds: float) -> None:
        self._home = home
        self._idle_seconds = idle_seconds
        self._console = Console()
        self._watch = Watch(all_specs())

    def run(self) -> None:
        """Runs what is stale, then whatever comes; returns when idle, raises SystemExit when told to end."""
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, _end)
        with engine_socket(self._home) as server:
            server.settimeout(POLL_SECONDS)
            with opened_session():
                # The engine stays up for as long as the process does.
                self.update([])
            last = time.monotonic()
            self._print_prompt()
            while time.monotonic() - last < self._idle_seconds:
                edited = self._watch.edited()
                if edited:
                    self._watch.look()
                    self.update(edited)
                elif not self._serve(server):
                    continue
                last = time.monotonic()
                self._print_prompt()
        self._console.print(f"nobody needed the engine for {self._idle_seconds / 60:g} minutes: it has ended")

    def _print_prompt(self) -> None:
        self._console.print("waiting for an edit below pipelines/; Ctrl-C ends", style="dim")

    def _serve(self, server: socket.socket) -> bool:
        try:
            link, _ = server.accept()
        except TimeoutError:
            return False
        link.settimeout(None)
        self._console.print("lakehouse run, in another terminal", style="bold")
        answer_client(link, self._home)
        return True

    def update(self, edited: list[Path]) -> None:
        """Runs what is stale and shows what that did to the tables whose own code or files changed."""
        for file in edited:
            self._console.print(f"{file.name} was edited", style="bold")
        try:
            with locked(self._home, purpose()):
                for name in pipelines_of("all", ()):
                    self._update_pipeline(name, bool(edited))
        except UserError as error:
            self._console.print(f"error: {escape(str(error))}", style="red", highlight=False)

    def _update_pipeline(self, name: str, shown: bool) -> None:
        reasons = {each.table: each.reason for each in explain(self._home, specs_of(self._home, [name]))}
        before = {table: table_state(self._home, table) for table in reasons if table.count(".") == 1}
        with ProgressLines() as progress:
            results = run_pipelines(self._home, [name], False, (), progress.on_event)
            written = [e.dataset for result in results for e in result.datasets if e.state == "COMPLETED"]
            if written:
                progress.ended(results)
        for table in written if shown else ():
            self._show(table, before.get(table, TableState(None, None)), reasons.get(table, ""))

    def _show(self, table: str, before: TableState, reason: str) -> None:
        if not reason.startswith("it reads"):
            show(first_rows(self._home, table, FIRST_ROWS), title=table)
        keys = next((each.keys for each in TABLES if each.name == table), ())
        # Bronze and change events hold every delivery of a key.
        keys = () if table.startswith("bronze.") or table.endswith("_changes") else keys
        told = row_changes(self._home, table, before, keys)
        self._console.print(f"  {table}: {told}", highlight=False)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(f"ended by {signal.Signals(number).name}")
