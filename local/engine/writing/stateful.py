"""Streams that remember rows of earlier updates: structured streaming of Apache Spark, run until nothing is left.

What is new is laid into a folder that Spark streams from; what it gives goes to a folder of its own. The checkpoint of
an update is a copy of the one before it, and counts when the table's commit has the number of its progress: a killed
update leaves nothing behind that the next one would take for done.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from common.errors import UserError
from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.reading import Reading
from local.engine.evaluating.seen_plan import STREAM
from local.engine.evaluating.work import Work, nullable
from local.engine.language.model import Flow
from local.engine.storage.delta import read_files
from local.engine.storage.progress import Progress

INPUTS = "inputs"
_INPUT = re.compile(rf'"path":"[^"]*/{INPUTS}/')


def streamed(work: Work, flow: Flow, number: int, before: Progress, given: Evaluated) -> Evaluated:
    """What a flow with state gives for what is new; `number` is that of its progress before."""
    base = (
        work.home.state / "streams" / quote(work.pipeline, safe="") / flow.target / quote(flow.name, safe="")
    )
    now = base / str(number + 1)
    _prepare(base, number, anew=before == Progress())
    reading = _StreamReading(work, given.reading, before, base / INPUTS, number + 1)
    with work.session.reading(reading):
        rows = flow.query()
    schema = rows.schema
    query = (
        rows.writeStream.format("parquet")
        .option("checkpointLocation", str(now / "checkpoint"))
        .option("path", str(now / "rows"))
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    files = sorted((now / "rows").glob("*.parquet"))
    return replace(
        given, rows=read_files(work.session, schema, files), schema=nullable(schema), reading=reading
    )


def _prepare(base: Path, number: int, *, anew: bool) -> None:
    """Only what the update before this one left stays, or nothing when all is read from the start."""
    if anew:
        shutil.rmtree(base, ignore_errors=True)
        return
    if not (base / str(number)).exists():
        raise UserError(
            f"{base.parent.name}: its flow now remembers rows of earlier updates, and did not when they were read: "
            "run a full refresh of it"
        )
    for folder in base.iterdir():
        if folder.name not in (INPUTS, str(number)):
            shutil.rmtree(folder)
    for unfinished in (base / INPUTS).glob(f"*/{number + 1}-*"):
        unfinished.unlink()
    now = shutil.copytree(base / str(number) / "checkpoint", base / str(number + 1) / "checkpoint")
    for sums in (now / "sources").glob("*/.*.crc"):
        sums.unlink()
    for log in (now / "sources").glob("*/*"):
        # Spark knows what it read by absolute paths; the home may have been moved.
        log.write_text(_INPUT.sub(f'"path":"{(base / INPUTS).as_uri()}/', log.read_text("utf-8")), "utf-8")


class _StreamReading(Reading):
    """Gives a stream's new rows as a stream of Spark's own."""

    def __init__(self, work: Work, seen: Reading, before: Progress, inputs: Path, number: int) -> None:
        super().__init__(work, seen.target, before, with_metadata=seen.with_metadata)
        self._work = work
        self._inputs = inputs
        self._number = number
        self._sources = 0

    def new_rows(self, rows: DataFrame) -> DataFrame:
        """A stream of all that was ever laid into the source's folder, the new rows among it."""
        folder = self._inputs / str(self._sources)
        self._sources += 1
        folder.mkdir(parents=True, exist_ok=True)
        schema: StructType = nullable(rows.schema)
        self._lay(rows, folder)
        stream: Any = self._work.session.native_stream
        return stream.schema(schema).parquet(str(folder)).alias(STREAM)

    def _lay(self, rows: DataFrame, folder: Path) -> None:
        scratch = self._work.scratch / uuid4().hex
        rows.write.parquet(str(scratch))
        for place, file in enumerate(sorted(scratch.glob("*.parquet"))):
            file.rename(folder / f"{self._number}-{place}.parquet")
