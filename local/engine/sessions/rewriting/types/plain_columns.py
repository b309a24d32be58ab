"""The columns of relations that need no engine to tell."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pyspark.sql.connect.proto import Aggregate, Drop, Expression, Join, Relation, WithColumnsRenamed
from pyspark.sql.types import ArrayType, StructField, StructType

from local.engine.sessions.rewriting.protobuf_messages import children
from local.engine.sessions.rewriting.types.plain_types import plain_field, plain_type

Columns = Sequence[StructField]
RelationColumns = Callable[[Relation], Columns]
_SAME_COLUMNS = ("filter", "subquery_alias", "sort", "limit", "deduplicate")


def plain_columns(relation: Relation, columns_of: RelationColumns) -> Columns | None:
    """The columns of a relation, given what tells those of its input; None where only Sail knows."""
    kind = relation.WhichOneof("rel_type") or ""
    if kind in _KINDS:
        return _KINDS[kind](getattr(relation, kind), columns_of)
    schema = relation.read.data_source.schema
    return StructType.fromJson(json.loads(schema)).fields if schema.startswith("{") else None


def names_columns_only(expression: Expression) -> bool:
    """Whether the columns that an expression names are named by no more than that (no alias or frame of theirs)."""
    if b"." in expression.SerializeToString():
        return False
    return not any(attribute.HasField("plan_id") for attribute in _attributes(expression))


def _replaced(columns: Columns, aliases: Iterable[Expression.Alias]) -> Columns | None:
    """The columns, with each alias in the place of those of its name or behind them."""
    named = {column.name.lower(): column for column in columns}
    new = [plain_field(Expression(alias=alias), lambda: columns) for alias in aliases]
    if not columns or len(named) < len(columns):
        return None
    for column in new:
        if column is None:
            return None
        named[column.name.lower()] = column
    return list(named.values())


def _projected(columns: Columns, expressions: Iterable[Expression]) -> Columns | None:
    found = [field for expression in expressions for field in _fields(expression, columns)]
    return [field for field in found if field] if columns and all(found) else None


def _fields(expression: Expression, columns: Columns) -> Sequence[StructField | None]:
    """The columns that an expression makes: one, or those of the structs that it takes out of an array."""
    call = expression.unresolved_function
    if call.function_name != "inline":
        return [plain_field(expression, lambda: columns)]
    type_ = plain_type(call.arguments[0], lambda: columns)
    if isinstance(type_, ArrayType) and isinstance(type_.elementType, StructType):
        return type_.elementType.fields
    return [None]


def _joined(join: Join, left: Columns, right: Columns) -> Columns | None:
    is_half = join.join_type in (Join.JOIN_TYPE_LEFT_SEMI, Join.JOIN_TYPE_LEFT_ANTI)
    if is_half and not join.using_columns:
        return left or None
    shared = {name.lower() for name in join.using_columns}
    first, second = (
        {one.name.lower(): one for one in side if one.name.lower() in shared} for side in (left, right)
    )
    if not left or not right or not shared == first.keys() == second.keys():
        return None
    if any(first[name].dataType != second[name].dataType for name in shared):
        return None
    shown = left if is_half else [*left, *right]
    rest = [one for one in shown if one.name.lower() not in shared]
    return [*(first[name.lower()] for name in join.using_columns), *rest]


def _without(drop: Drop, columns: Columns) -> Columns | None:
    named = [one.unresolved_attribute for one in drop.columns]
    names = [*drop.column_names, *(one.unparsed_identifier for one in named)]
    if any(one.HasField("plan_id") for one in named) or any(not name or "." in name for name in names):
        return None
    gone = {name.strip("`").lower() for name in names}
    return [column for column in columns if column.name.lower() not in gone] or None


def _renamed(renamed: WithColumnsRenamed, columns: Columns) -> Columns | None:
    new = {one.col_name: one.new_col_name for one in renamed.renames}
    if not columns or renamed.rename_columns_map:
        return None
    return [StructField(new.get(one.name, one.name), one.dataType, one.nullable) for one in columns]


def _attributes(message: Any) -> Iterator[Expression.UnresolvedAttribute]:
    if isinstance(message, Expression.UnresolvedAttribute):
        yield message
    for child in children(message):
        yield from _attributes(child)


def _aggregated(aggregate: Aggregate, columns_of: RelationColumns) -> Columns | None:
    if aggregate.group_type != Aggregate.GROUP_TYPE_GROUPBY:
        return None
    expressions = [*aggregate.grouping_expressions, *aggregate.aggregate_expressions]
    return _projected(columns_of(aggregate.input), expressions)


_KINDS: dict[str, Callable[[Any, RelationColumns], Columns | None]] = {
    **dict.fromkeys(_SAME_COLUMNS, lambda one, columns_of: columns_of(one.input) or None),
    "with_columns": lambda one, columns_of: _replaced(columns_of(one.input), one.aliases),
    "project": lambda one, columns_of: (
        _projected(columns_of(one.input), one.expressions) if one.HasField("input") else None
    ),
    "aggregate": _aggregated,
    "join": lambda one, columns_of: _joined(one, columns_of(one.left), columns_of(one.right)),
    "with_columns_renamed": lambda one, columns_of: _renamed(one, columns_of(one.input)),
    "drop": lambda one, columns_of: _without(one, columns_of(one.input)),
}
