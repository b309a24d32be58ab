"""Somebody's pipeline: files that a test writes, and a home to run them in."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.running.events import Event, UpdateResult
from local.engine.running.querying import query
from local.engine.running.update import run_update

HEADER = """
from pyspark import pipelines as dp
from pyspark.sql import functions as F

"""


class Project:
    """A project of the pipeline `theirs`, whose tables are in the schema `shop`."""

    def __init__(self, path: Path) -> None:
        self.root = path / "project"
        self.home = Home(path / "home")
        self.home.state.mkdir(parents=True, exist_ok=True)
        self.events: list[Event] = []

    def write(self, name: str, text: str) -> Path:
        """A file of the project; a Python file begins with the usual imports."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((HEADER if name.endswith(".py") else "") + dedent(text), encoding="utf-8")
        return file

    def volume(self, name: str, content: str | bytes) -> Path:
        """A file of a volume."""
        file = self.home.volumes / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    @property
    def spec(self) -> PipelineSpec:
        """The pipeline."""
        return PipelineSpec("theirs", self.root, ["transformations/**"], "main", "shop", {"shop.limit": "10"})

    def run(self, **options: Any) -> UpdateResult:
        """One update; `events` are those that it told."""
        self.events = []
        return run_update(self.spec, self.home, on_event=self.events.append, **options)

    def states(self) -> dict[str, str]:
        """The last state of each dataset of the last update."""
        return {event.dataset: event.state for event in self.events}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return list(query(self.home, sql)[0].rows)

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns."""
        return query(self.home, f"select * from shop.{table}")[0].columns
