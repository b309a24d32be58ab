"""Asks a query of a pipeline again, for some of its rows and with the rows that these are made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame

from local.engine.cdc.comparing import column
from local.engine.tracing.batch_reading import BatchReading
from local.engine.tracing.carried_rows import CARRIED
from local.engine.tracing.source_rows import RowValues, TraceStep
from local.engine.tracing.tracer import Traced, Tracer

# So many values of a column are looked for by the engine; beyond, all rows are asked for, and these are picked.
MOST_VALUES = 2_000
Carrying = tuple[dict[str, Any], list[tuple[str, list[RowValues]]]]
"""A row, and the rows that it carries by their table."""


@dataclass(frozen=True)
class Asking:
    """What is asked, and by what the queries read."""

    tracer: Tracer
    reading: BatchReading

    def again(self, step: TraceStep, frame: DataFrame, keys: Sequence[str]) -> Iterator[Carrying]:
        """The rows of a frame that may be those of the step, which are told by the keys. Raises NotTraceable."""
        conditions = [one for one in (_among(name, step.rows) for name in keys) if one is not None]
        chosen = frame.where(reduce(and_, conditions)) if conditions else frame
        traced = self.tracer.traced(chosen, self.reading.schemas)
        step.origins = traced.origins
        step.whole |= traced.carried.whole
        step.deciding |= traced.carried.deciding - {*traced.carried.sources}
        step.windowed |= traced.carried.windowed
        for source in traced.carried.sources:
            step.add(source, ())
        return _rows_of(traced)


def _rows_of(traced: Traced) -> Iterator[Carrying]:
    for row in traced.rows.to_pylist():
        carried = [row.pop(f"{CARRIED}{number}") or [] for number in range(len(traced.carried.sources))]
        yield row, list(zip(traced.carried.sources, carried, strict=True))


def _among(name: str, rows: Sequence[RowValues]) -> Column | None:
    """That a column has one of the rows' values; None where the engine had to look for too many."""
    values = {row[name] for row in rows}
    if len(values) > MOST_VALUES:
        return None
    found = column(name).isin([value for value in values if value is not None])
    return found | column(name).isNull() if None in values else found
