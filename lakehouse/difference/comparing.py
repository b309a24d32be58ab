"""What differs between a table before and after: Sail finds the rows, Arrow looks at their values."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import compute
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, FloatType, MapType, NumericType, StructType

from lakehouse.difference.pairing import (
    LEFT_ASIDE,
    ROW,
    Pair,
    key_of,
    paired_rows,
    renamed_columns,
    repeated_keys,
    schema_changes,
    surplus_rows,
)
from lakehouse.difference.report import ColumnChange, Example, Figure, TableChange
from local.engine.storage.delta import open_table, read_table
from local.engine.storage.log import table_path

# Its functions are made when it is imported, and no checker of types sees them.
pc: Any = compute
SHOWN = 3
# Sums of fractions depend on the order in which an engine adds them.
NEAR = 1e-9
NESTED = (ArrayType, MapType, StructType)


def compare_table(
    session: SparkSession,
    name: str,
    warehouses: tuple[Path, Path],
    known_key: Sequence[str],
    *,
    with_figures: bool,
) -> TableChange:
    """The table `name` of two warehouses, before and after; both have it."""
    old, new = (_opened(session, warehouse, name) for warehouse in warehouses)
    key = key_of(old, new, known_key)
    renamed = renamed_columns(old, new, key)
    names = dict(renamed)
    both = [(c, names.get(c, c)) for c in old.columns if names.get(c, c) in new.columns]
    pairs = [pair for pair in both if not LEFT_ASIDE & {*pair}]
    change = TableChange(
        name,
        "changed",
        (old.count(), new.count()),
        key,
        schema=schema_changes(old.schema, new.schema, renamed),
    )
    old = _as_after(old, new, pairs)
    if key:
        change = _by_key(old, new, pairs, change)
    else:
        added, removed = surplus_rows(old, new, pairs)
        change = replace(change, added=added, removed=removed)
    return replace(change, figures=_figures(old, new, pairs, key) if with_figures and change.differs else [])


def _opened(session: SparkSession, warehouse: Path, name: str) -> DataFrame:
    table = open_table(table_path(warehouse, name))
    assert table
    return read_table(session, table)


def _as_after(old: DataFrame, new: DataFrame, pairs: Sequence[Pair]) -> DataFrame:
    """The rows before, in the types of after: a number that was text is compared as a number."""
    retyped = {
        a: new.schema[b].dataType for a, b in pairs if old.schema[a].dataType != new.schema[b].dataType
    }
    if not retyped:
        return old
    return old.withColumns({name: F.col(name).try_cast(kind) for name, kind in retyped.items()})


def _by_key(old: DataFrame, new: DataFrame, pairs: Sequence[Pair], change: TableChange) -> TableChange:
    differing = paired_rows(old, new, change.key, pairs).where(f"NOT old.{ROW} <=> new.{ROW}")
    # Values that leave the engine cost more than all that it does: only those of columns that have moved do.
    moved = _moved_pairs(differing, new, pairs)
    if moved is None:
        return change
    values = [
        F.col(f"{side}.{pair[at]}").alias(f"{side} {number}")
        for number, pair in enumerate(moved)
        for at, side in enumerate(("old", "new"))
    ]
    keys = [F.coalesce(f"old.{name}", f"new.{name}").alias(f"key {name}") for name in change.key]
    sides = [F.col(f"{side}.{ROW}").isNotNull().alias(side) for side in ("old", "new")]
    found = differing.select(*sides, *keys, *values).toArrow().combine_chunks()
    added, removed = (found.filter(pc.invert(found[side])) for side in ("old", "new"))
    common = found.filter(pc.and_(found["old"], found["new"]))
    differs = {number: _differing(common, number) for number in range(len(moved))}
    any_differs = _any(list(differs.values()), common.num_rows)
    more = max(repeated_keys(new, change.key) - repeated_keys(old, change.key), 0) if added.num_rows else 0
    return replace(
        change,
        added=added.num_rows,
        removed=removed.num_rows,
        changed=pc.sum(any_differs).as_py() or 0,
        repeated=more,
        columns=[
            _column(common.filter(mask), number, moved[number][1], change.key)
            for number, mask in differs.items()
            if pc.any(mask).as_py()
        ],
        examples=[
            f"{sign} {key}"
            for sign, some in (("+", added), ("-", removed))
            for key in _keys(_first(some, change.key), change.key)
        ],
    )


def _moved_pairs(rows: DataFrame, new: DataFrame, pairs: Sequence[Pair]) -> list[Pair] | None:
    """The columns whose values differ in some of the rows, and those of nested types; None when there is no row."""
    plain = [(a, b) for a, b in pairs if not isinstance(new.schema[b].dataType, NESTED)]
    both = F.expr(f"old.{ROW} IS NOT NULL AND new.{ROW} IS NOT NULL")
    differ = [F.count_if(both & ~F.col(f"old.{a}").eqNullSafe(F.col(f"new.{b}"))) for a, b in plain]
    counts = [F.count("*").alias("rows"), *(one.alias(f"differ {at}") for at, one in enumerate(differ))]
    [(count, *differing)] = zip(*rows.agg(*counts).toArrow().to_pydict().values(), strict=True)
    equal = {pair for pair, rows_of_it in zip(plain, differing, strict=True) if not rows_of_it}
    return [pair for pair in pairs if pair not in equal] if count else None


def _any(masks: Sequence[pa.Array], rows: int) -> pa.Array:
    found = pa.array([False] * rows, pa.bool_())
    for mask in masks:
        found = pc.or_(found, mask)
    return found


def _differing(rows: pa.Table, number: int) -> pa.Array:
    """Whether a column's values differ, row by row."""
    old, new = (rows[f"{side} {number}"].combine_chunks() for side in ("old", "new"))
    if pa.types.is_nested(old.type):
        return pa.array([a != b for a, b in zip(old.to_pylist(), new.to_pylist(), strict=True)], pa.bool_())
    one_is_null = pc.xor(pc.is_null(old), pc.is_null(new))
    if pa.types.is_floating(old.type):
        far = pc.greater(
            pc.abs(pc.subtract(old, new)), pc.multiply(pc.max_element_wise(pc.abs(old), pc.abs(new)), NEAR)
        )
        other = pc.or_(far, pc.xor(pc.is_nan(old), pc.is_nan(new)))
    else:
        other = pc.not_equal(old, new)
    return pc.or_(one_is_null, pc.fill_null(other, False))


def _column(rows: pa.Table, number: int, name: str, key: Sequence[str]) -> ColumnChange:
    """A column whose values differ in all of the rows: numbers by their moves, the rest in the order of the keys."""
    first = _by_moves(rows, number, key)
    old, new = (first[f"{side} {number}"].to_pylist() for side in ("old", "new"))
    moves = first["move"].to_pylist()
    examples = [
        Example(at, as_reported(a), as_reported(b), None if move is None else round(move, 9))
        for at, a, b, move in zip(_keys(first, key), old, new, moves, strict=True)
    ]
    return ColumnChange(name, rows.num_rows, examples)


def _by_moves(rows: pa.Table, number: int, key: Sequence[str]) -> pa.Table:
    """The first SHOWN rows, with their `move`: null but for numbers. Rows of one move and key go by their values."""
    old, new = (rows[f"{side} {number}"] for side in ("old", "new"))
    numeric = pa.types.is_integer(old.type) or pa.types.is_floating(old.type) or pa.types.is_decimal(old.type)
    move = pc.subtract(*(pc.cast(side, pa.float64()) for side in (new, old))) if numeric else None
    rows = rows.append_column("move", pa.nulls(rows.num_rows, pa.float64()) if move is None else move)
    # What an engine's order of adding leaves of a sum decides nothing.
    rows = rows.append_column("size", pc.round(pc.abs(rows["move"]), 6))
    rows = rows.append_column("old text", _texts(old)).append_column("new text", _texts(new))
    ascending = [*(f"key {name}" for name in key), "old text", "new text"]
    order = [("size", "descending"), *((name, "ascending") for name in ascending)]
    return rows.take(pc.select_k_unstable(rows, SHOWN, order))


def _texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        return pa.chunked_array(
            [[None if one is None else str(one) for one in values.to_pylist()]], pa.string()
        )
    return pc.cast(values, pa.string())


def _first(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    order = [(f"key {name}", "ascending") for name in key]
    return rows.take(pc.select_k_unstable(rows, SHOWN, order))


def _keys(rows: pa.Table, key: Sequence[str]) -> list[str]:
    columns = [rows[f"key {name}"].to_pylist() for name in key]
    return [
        ", ".join(f"{name}={as_reported(value)}" for name, value in zip(key, values, strict=True))
        for values in zip(*columns, strict=True)
    ]


def as_reported(value: Any) -> str:
    """A value as a report shows it."""
    if value is None:
        return "null"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _figures(old: DataFrame, new: DataFrame, pairs: Sequence[Pair], key: Sequence[str]) -> list[Figure]:
    """What the columns of numbers come to, where that has moved: sums, of fractions the mean."""
    numbers = [
        pair for pair in pairs if isinstance(new.schema[pair[1]].dataType, NumericType) and pair[1] not in key
    ]
    if not numbers:
        return []
    inexact = {b: isinstance(new.schema[b].dataType, DoubleType | FloatType) for _, b in numbers}
    before, after = (
        rows.agg(*((F.avg if inexact[pair[1]] else F.sum)(pair[at]).alias(pair[1]) for pair in numbers))
        .toArrow()
        .to_pylist()[0]
        for at, rows in enumerate((old, new))
    )
    return list(_moved(before, after, inexact))


def _moved(before: dict[str, Any], after: dict[str, Any], inexact: dict[str, bool]) -> Iterator[Figure]:
    for name, value in before.items():
        then, now = as_reported(value), as_reported(after[name])
        if then != now:
            yield Figure(f"{'mean' if inexact[name] else 'sum'} of {name}", then, now)
