"""Relations that Sail would answer otherwise than Spark: written anew, or sent there."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pyspark.sql.connect.proto import (
    Deduplicate,
    Drop,
    Join,
    NAReplace,
    Relation,
    SetOperation,
    WithColumnsRenamed,
)
from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.plans.set_operations import cast_to_common_types
from local.engine.sessions.rewriting.protobuf_messages import children
from local.engine.sessions.rewriting.types.plain_columns import RelationColumns

_KEEP_ORDER = (
    "filter",
    "project",
    "with_columns",
    "with_columns_renamed",
    "drop",
    "subquery_alias",
    "fill_na",
    "hint",
)
_QUOTED = re.compile(r"`[^`]*`")

# By the field of Relation: what it is called, and what Sail does.
_ONLY_IN_SPARK = {
    "crosstab": ("crosstab", "Sail takes null for no value, and puts the columns in another order"),
    "corr": ("DataFrame.corr", "Sail passes over nulls, which count as 0"),
    "cov": ("DataFrame.cov", "Sail passes over nulls, which count as 0"),
    "describe": ("describe", "Sail writes doubles otherwise"),
    "summary": ("summary", "Sail gives percentiles that are no values, and writes doubles otherwise"),
}


def check_relation(relation: Relation) -> None:
    """Raises NeedsSpark for a kind of relation that Sail computes otherwise."""
    if found := _ONLY_IN_SPARK.get(relation.WhichOneof("rel_type") or ""):
        raise NeedsSpark(*found)


def mend(message: Any, columns_of: RelationColumns) -> None:
    """Writes what a relation is (one of its fields) anew, in place. Raises NeedsSpark for what has no other form."""
    if rule := _RULES.get(type(message)):
        rule(message, columns_of)


def _renamed(message: WithColumnsRenamed, columns_of: RelationColumns) -> None:
    """Sail passes over a column that is named in other letters."""
    renames = [(one.col_name, one.new_col_name) for one in message.renames]
    renames += message.rename_columns_map.items()
    columns = [column.name for column in columns_of(message.input)]
    asked = [name for name, _ in renames]
    if not columns or all(name in columns for name in asked):
        return
    anew = [
        WithColumnsRenamed.Rename(col_name=found, new_col_name=new)
        for name, new in renames
        for found in _written_as(name, columns)
    ]
    message.rename_columns_map.clear()
    del message.renames[:]
    message.renames.extend(anew)


def _written_as(name: str, columns: Iterable[str]) -> Iterator[str]:
    return (column for column in columns if column.lower() == name.lower())


def _joined(message: Join, columns_of: RelationColumns) -> None:
    """A key is written as on the side whose rows all stay."""
    if not message.using_columns:
        return
    side = message.right if message.join_type == Join.JOIN_TYPE_RIGHT_OUTER else message.left
    names = [column.name for column in columns_of(side)]
    anew = [next(_written_as(name, names), name) for name in message.using_columns]
    if anew != list(message.using_columns):
        del message.using_columns[:]
        message.using_columns.extend(anew)


def _dropped(message: Drop, _: RelationColumns) -> None:
    """Sail drops no column by the alias of its frame, as `col("a.id")`: it is given the frame."""
    for column in message.columns:
        named = column.unresolved_attribute
        alias, dot, name = named.unparsed_identifier.rpartition(".")
        if not dot or named.HasField("plan_id") or _QUOTED.fullmatch(named.unparsed_identifier):
            continue
        frames = [one.common.plan_id for one in _aliased(message.input, alias.replace("`", "").lower())]
        if len(frames) != 1:
            raise NeedsSpark("drop", f"Sail does not know the frame of {named.unparsed_identifier}")
        named.unparsed_identifier, named.plan_id = name, frames[0]


def _aliased(message: Any, alias: str) -> Iterator[Relation]:
    """The relations within a message that have the alias (in small letters); another alias hides those within."""
    if isinstance(message, Relation) and message.HasField("subquery_alias"):
        if message.subquery_alias.alias.lower() == alias:
            yield message
        return
    for child in children(message):
        yield from _aliased(child, alias)


def _each_once(message: Deduplicate, _: RelationColumns) -> None:
    """Of a sorted frame Spark keeps the first row of each key."""
    below = message.input
    while message.column_names and below.WhichOneof("rel_type") in _KEEP_ORDER:
        below = getattr(below, below.WhichOneof("rel_type") or "").input
    if message.column_names and below.HasField("sort"):
        raise NeedsSpark("dropDuplicates behind orderBy", "Sail keeps another row than the first")


def _replaced(message: NAReplace, _: RelationColumns) -> None:
    values = (value for one in message.replacements for value in (one.old_value, one.new_value))
    if any(value.HasField("double") and not value.double.is_integer() for value in values):
        raise NeedsSpark("replace", "Sail rounds the number for columns of integers")


def _united(message: SetOperation, columns_of: RelationColumns) -> None:
    sides = [columns_of(side) for side in (message.left_input, message.right_input)]
    for one, other in _pairs(*sides, by_name=message.by_name):
        if isinstance(one, _NESTED) and isinstance(other, _NESTED) and not _alike(one, other):
            raise NeedsSpark(
                "union", "Sail takes the first side's type for what is within structs, arrays and maps"
            )
    cast_to_common_types(message, columns_of)


def _pairs(
    left: Sequence[StructField], right: Sequence[StructField], *, by_name: bool
) -> Iterator[tuple[DataType, DataType]]:
    """The types of the columns that come together."""
    if not by_name:
        yield from ((one.dataType, other.dataType) for one, other in zip(left, right, strict=False))
        return
    named = {column.name.lower(): column.dataType for column in right}
    yield from ((one.dataType, named[one.name.lower()]) for one in left if one.name.lower() in named)


def _alike(one: DataType, other: DataType) -> bool:
    """Whether two types are the same, or fields of structs stand in another order."""
    if isinstance(one, StructType) and isinstance(other, StructType):
        mine, theirs = ({field.name: field.dataType for field in each.fields} for each in (one, other))
        return mine.keys() == theirs.keys() and all(_alike(mine[name], theirs[name]) for name in mine)
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        return _alike(one.elementType, other.elementType)
    if isinstance(one, MapType) and isinstance(other, MapType):
        return _alike(one.keyType, other.keyType) and _alike(one.valueType, other.valueType)
    return one == other


_NESTED = (StructType, ArrayType, MapType)
_RULES: dict[type, Callable[[Any, RelationColumns], None]] = {
    WithColumnsRenamed: _renamed,
    Join: _joined,
    Deduplicate: _each_once,
    Drop: _dropped,
    NAReplace: _replaced,
    SetOperation: _united,
}
