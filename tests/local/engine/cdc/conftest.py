from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from local.engine.cdc.apply import Applied, apply_events
from local.engine.language.model import CdcFlow, Place
from local.engine.storage import delta

PLACE = Place(Path("pipeline.py"), 1)


def flow(**given: Any) -> CdcFlow:
    """A flow over key, sequence, operation, name and seen_at."""
    usual: dict[str, Any] = {
        "name": "target",
        "target": "target",
        "source": "source",
        "place": PLACE,
        "keys": ("key",),
        "sequence_by": "sequence",
        "apply_as_deletes": "operation = 'DELETE'",
        "except_column_list": ("sequence", "operation"),
    }
    if given.get("stored_as_scd_type") == 2 and "track_history_column_list" not in given:
        usual["track_history_except_column_list"] = ("seen_at",)
    return CdcFlow(**(usual | given))


@dataclass
class Table:
    """A target and its hidden table, in folders of their own."""

    session: SparkSession
    root: Path
    schema: StructType | None = None
    deliveries: int = field(default=0)

    @property
    def target(self) -> Path:
        return self.root / "target"

    @property
    def state(self) -> Path:
        return self.root / "state"

    def apply(self, flow: CdcFlow, events: DataFrame, **options: Any) -> Applied:
        self.deliveries += 1
        commit = delta.Commit({flow.name: self.deliveries})
        return apply_events(
            self.session,
            flow,
            events,
            self.target,
            self.state,
            self.schema,
            delta.Layout(),
            commit,
            **options,
        )

    def frame(self) -> DataFrame:
        table = delta.open_table(self.target)
        assert table is not None
        return delta.read_table(self.session, table)

    def rows(self) -> list[tuple[Any, ...]]:
        return sorted((tuple(row) for row in self.frame().collect()), key=repr)

    def progress(self, name: str) -> int | None:
        table = delta.open_table(self.target)
        return table and table.transaction_version(name)


NewTable = Callable[[], Table]


@pytest.fixture
def new_table(sail: SparkSession, tmp_path: Path) -> NewTable:
    """A target that nothing was written to, anew at each call."""
    return lambda: Table(sail, tmp_path / uuid4().hex)


SCHEMA = "key string, sequence bigint, operation string, name string, seen_at int"


def frame(session: SparkSession, events: Iterable[Any]) -> DataFrame:
    """Changes (see replay) as a frame."""
    return session.createDataFrame([tuple(vars(event).values()) for event in events], SCHEMA)
