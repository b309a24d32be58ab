"""The rows that a flow was ever given of its streams, laid into a folder: what state is made of.

What an update lays is named by the number of its progress. What a killed one laid is removed by the next.
"""

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from common.errors import UserError
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.seen_plan import STREAM
from local.engine.evaluating.work import Work
from local.engine.language.model import Flow
from local.engine.language.schemas import nullable
from local.engine.storage.delta import read_files
from local.engine.storage.progress import Progress

INPUTS = "inputs"


def folder_of_flow(work: Work, flow: Flow) -> Path:
    """The folder of what a flow remembers."""
    return (
        work.home.state / "streams" / quote(work.pipeline, safe="") / flow.target / quote(flow.name, safe="")
    )


def clear_unfinished(base: Path, number: int, before: Progress, needed: Path) -> None:
    """Only what the update of this number left stays, or nothing when all is read from the start.

    Raises UserError when what it left, `needed`, is not there.
    """
    if before == Progress():
        shutil.rmtree(base, ignore_errors=True)
        return
    if not needed.exists():
        raise UserError(
            f"{base.parent.name}: its flow now remembers rows of earlier updates, and did not when they were read: "
            "run a full refresh of it"
        )
    for unfinished in (base / INPUTS).glob(f"*/{number + 1}-*"):
        unfinished.unlink()


class LaidReading(Reading):
    """Lays a stream's new rows beside those before, and gives all: as a batch or, with `streams`, as Spark's stream."""

    def __init__(
        self, work: Work, seen: Reading, before: Progress, base: Path, number: int, *, as_stream: bool
    ) -> None:
        super().__init__(work, seen.target, before, with_metadata=seen.with_metadata)
        self._work = work
        self._inputs = base / INPUTS
        self._number = number
        self._as_stream = as_stream
        self._sources = 0

    def new_rows(self, rows: DataFrame) -> DataFrame:
        """All rows that were ever laid into the source's folder, the new rows among them."""
        folder = self._inputs / str(self._sources)
        self._sources += 1
        folder.mkdir(parents=True, exist_ok=True)
        schema: StructType = nullable(rows.schema)
        self._lay(rows, folder)
        if not self._as_stream:
            return read_files(self._work.session, schema, sorted(folder.glob("*.parquet"))).alias(STREAM)
        stream: Any = self._work.session.native_stream
        return stream.schema(schema).parquet(str(folder)).alias(STREAM)

    def _lay(self, rows: DataFrame, folder: Path) -> None:
        scratch = self._work.scratch / uuid4().hex
        rows.write.parquet(str(scratch))
        for place, file in enumerate(sorted(scratch.glob("*.parquet"))):
            file.rename(folder / f"{self._number}-{place}.parquet")
