"""Aggregates over a stream without a watermark: the whole result, computed anew from all rows that the stream gave.

It takes the place of the rows before, as in Spark's output mode "complete".
"""

from dataclasses import replace

from local.engine.evaluating.evaluating import Evaluated
from local.engine.evaluating.work import Work, nullable
from local.engine.language.model import Flow
from local.engine.storage.progress import Progress
from local.engine.writing.laid import INPUTS, LaidReading, base_of, prepare


def aggregated(work: Work, flow: Flow, number: int, before: Progress, given: Evaluated) -> Evaluated:
    """The result of a flow that aggregates; `number` is that of its progress before."""
    base = base_of(work, flow)
    prepare(base, number, before, base / INPUTS)
    reading = LaidReading(work, given.reading, before, base, number + 1, as_stream=False)
    with work.session.reading(reading):
        rows = flow.query()
        schema = nullable(rows.schema)
    return replace(given, rows=rows, schema=schema, reading=reading)
