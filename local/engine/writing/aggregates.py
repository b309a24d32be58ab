"""Aggregates over a stream without a watermark: the whole result, computed anew from all rows that the stream gave.

It takes the place of the rows before, as in Spark's output mode "complete".
"""

from dataclasses import replace

from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.work import Work
from local.engine.language.model import Flow
from local.engine.language.schemas import nullable
from local.engine.storage.progress import Progress
from local.engine.writing.laid import INPUTS, LaidReading, clear_unfinished, folder_of_flow


def aggregated_result(work: Work, flow: Flow, number: int, before: Progress, given: Evaluated) -> Evaluated:
    """The result of a flow that aggregates; `number` is that of its progress before."""
    base = folder_of_flow(work, flow)
    clear_unfinished(base, number, before, base / INPUTS)
    reading = LaidReading(work, given.reading, before, base, number + 1, as_stream=False)
    with work.session.reading(reading):
        rows = flow.query()
        schema = nullable(rows.schema)
    return replace(given, rows=rows, schema=schema, reading=reading)
