"""Columns of dates and times that a CSV file writes by a pattern of its own."""

import json
from collections.abc import Mapping

import pyarrow as pa
from pyarrow.compute import call_function
from pyspark.sql.types import DataType, DateType, TimestampNTZType

from local.engine.sources.rows import Wanted, batch
from local.engine.sources.texts.times import Times


def with_times(
    rows: pa.RecordBatch, wanted: Wanted, patterns: Mapping[type[DataType], Times]
) -> pa.RecordBatch:
    """The rows with these types' columns in ISO's form; what does not follow the pattern is rescued."""
    if not patterns:
        return rows
    *columns, members = rows.columns
    for place, field in enumerate(wanted.fields):
        times = patterns.get(type(field.dataType))
        if times:
            columns[place], misfits = _converted(columns[place], field.dataType, times)
            members = _joined(members, field.name, misfits) if wanted.rescues else members
    return batch(columns, members)


def _converted(texts: pa.Array, kind: DataType, times: Times) -> tuple[pa.Array, pa.Array]:
    """The texts in ISO's form, and those that are none."""
    known = {
        text: _iso(text, kind, times)
        for text in call_function("unique", [texts]).to_pylist()
        if text is not None
    }
    values = texts.to_pylist()
    fits = pa.array([known.get(text) for text in values], pa.string())
    return fits, pa.array([text if known.get(text) is None else None for text in values], pa.string())


def _iso(text: str, kind: DataType, times: Times) -> str | None:
    if isinstance(kind, DateType):
        day = times.date(text)
        return day.isoformat() if day else None
    moment = times.timestamp(text)
    if moment is None:
        return None
    if isinstance(kind, TimestampNTZType):
        moment = moment.astimezone(times.zone).replace(tzinfo=None)
    return moment.isoformat(" ")


def _joined(members: pa.Array, name: str, misfits: pa.Array) -> pa.Array:
    key = json.dumps(name, ensure_ascii=False)
    found = [
        ",".join(
            filter(None, [member, None if text is None else f"{key}:{json.dumps(text, ensure_ascii=False)}"])
        )
        for member, text in zip(members.to_pylist(), misfits.to_pylist(), strict=True)
    ]
    return pa.array([text or None for text in found], pa.string())
