"""Lakehouses that tests fill and run."""

import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa

from common.checkout import REPOSITORY
from common.home import Home
from generator.engine import generate
from generator.spec import Settings
from lakehouse.main_job import pipelines_of, rebuild_tables, run_pipelines
from lakehouse.rebuilding import steps_of
from local.engine.running.events import Event, OnEvent
from local.engine.sessions.engines import EngineChoice
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.lock import locked
from local.engine.storage.log import table_names, table_path
from tests import oracle

# What tells when a row was read, not what it says.
READING_TIME = {"_ingested_at", "read_until"}
HOME_OF_FILES = re.compile(r"file:[^'\"]*?/volumes/")
KILLED = """
import os, signal, sys
from pathlib import Path
from common.home import Home
from lakehouse.main_job import run_pipelines
from local.engine.storage.lock import locked

def on_event(_, event):
    if event.state == "COMPLETED":
        os.kill(os.getpid(), signal.SIGKILL)

home = Home(Path(sys.argv[1]))
with locked(home, "a test"):
    run_pipelines(home, ["medallion"], False, (), on_event)
"""


class Lakehouse:
    """A home with the steps of a user."""

    def __init__(self, path: Path, engine: EngineChoice = "auto") -> None:
        self.home = Home(path)
        self.engines: set[str] = set()
        self.engine: EngineChoice = engine

    def generate(self, orders: int, dirty: float = 0.0) -> None:
        settings = (
            Settings(orders, 60, 40, 12, 2, dirty, 7)
            if not self.home.raw.exists()
            else Settings(orders, None, None, None, 2, dirty, None)
        )
        generate(settings, self.home.raw, self.home.cdc)

    def run(
        self,
        what: str = "all",
        full_refresh: bool = False,
        select: tuple[str, ...] = (),
        on_event: OnEvent | None = None,
    ) -> list[Event]:
        """The events of what was written; `on_event` hears of all of them."""
        events: list[Event] = []

        def tell(_: str, event: Event) -> None:
            events.append(event)
            if on_event:
                on_event(event)

        with locked(self.home, "a test"):
            results = run_pipelines(
                self.home,
                pipelines_of(what, select),
                full_refresh,
                select,
                tell,
                self.engine,
            )
        self.engines |= {result.engine for result in results}
        return [event for event in events if event.state == "COMPLETED"]

    def rebuild(self, start: str | None = None, select: tuple[str, ...] = ()) -> list[str]:
        """The tables that were written from the start."""
        written: list[str] = []
        tables = {step.pipeline: step.tables for step in steps_of(start, select)}

        def on_event(_: str, event: Event) -> None:
            written.extend([event.dataset] if event.state == "COMPLETED" else [])

        with locked(self.home, "a test"):
            rebuild_tables(self.home, tables, on_event, self.engine)
        return written

    def kill_a_run(self) -> None:
        """A run of the medallion in a process of its own, killed once the first table is written."""
        command = [sys.executable, "-c", KILLED, str(self.home.path)]
        assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == -signal.SIGKILL

    def table(self, name: str) -> pa.Table:
        found = open_table(table_path(self.home.warehouse, name))
        assert found
        return arrow_table(found)

    def rows(self, name: str) -> list[dict[str, Any]]:
        return oracle.rows_of(self.table(name))

    def contents(self) -> dict[str, list[str]]:
        """Every table's rows as sorted text, without when and in which home they were read."""
        names = table_names(self.home.warehouse)
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(names, pool.map(self._content, names), strict=True))

    def _content(self, name: str) -> list[str]:
        table = self.table(name)
        table = table.drop_columns([column for column in table.column_names if column in READING_TIME])
        # A world is copied to where a test works on it, and rows keep the path that they were read from.
        return sorted(HOME_OF_FILES.sub("/volumes/", str(row)) for row in oracle.rows_of(table))

    def versions(self) -> dict[str, int | None]:
        tables = {
            name: open_table(table_path(self.home.warehouse, name))
            for name in table_names(self.home.warehouse)
        }
        return {name: table.version() if table else None for name, table in tables.items()}
