"""Streams that remember rows of earlier updates: structured streaming of Apache Spark, run until nothing is left.

What is new is laid into a folder that Spark streams from; what it gives goes to a folder of its own. The checkpoint of
an update is a copy of the one before it, and counts when the table's commit has the number of its progress: a killed
update leaves nothing behind that the next one would take for done.
"""

import re
import shutil
from dataclasses import replace
from pathlib import Path

from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.work import Work
from local.engine.language.model import Flow
from local.engine.language.schemas import nullable
from local.engine.storage.delta import read_files
from local.engine.storage.progress import Progress
from local.engine.writing.laid import INPUTS, LaidReading, clear_unfinished, folder_of_flow

_INPUT = re.compile(rf'"path":"[^"]*/{INPUTS}/')


def stateful_result(work: Work, flow: Flow, number: int, before: Progress, given: Evaluated) -> Evaluated:
    """What a flow with state gives for what is new; `number` is that of its progress before."""
    base = folder_of_flow(work, flow)
    now = base / str(number + 1)
    _prepare(base, number, before)
    reading = LaidReading(work, given.reading, before, base, number + 1, as_stream=True)
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


def _prepare(base: Path, number: int, before: Progress) -> None:
    """Only what the update before this one left stays, or nothing when all is read from the start."""
    clear_unfinished(base, number, before, base / str(number))
    if before == Progress():
        return
    for folder in base.iterdir():
        if folder.name not in (INPUTS, str(number)):
            shutil.rmtree(folder)
    now = shutil.copytree(base / str(number) / "checkpoint", base / str(number + 1) / "checkpoint")
    for sums in (now / "sources").glob("*/.*.crc"):
        sums.unlink()
    for log in (now / "sources").glob("*/*"):
        # Spark knows what it read by absolute paths; the home may have been moved.
        log.write_text(_INPUT.sub(f'"path":"{(base / INPUTS).as_uri()}/', log.read_text("utf-8")), "utf-8")
