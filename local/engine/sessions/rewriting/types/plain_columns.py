"""The columns of relations that need no engine to tell."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pyspark.sql.connect.proto import Aggregate, Expression, Relation
from pyspark.sql.types import StructField, StructType

from local.engine.sessions.rewriting.messages import children
from local.engine.sessions.rewriting.types.plain_types import plain_type

Columns = Sequence[StructField]
_SAME_COLUMNS = ("filter", "subquery_alias", "sort", "limit", "deduplicate")


def plain_columns(relation: Relation, columns_of: Callable[[Relation], Columns]) -> Columns | None:
    """The columns of a relation, given what tells those of its input; None where only Sail knows."""
    kind = relation.WhichOneof("rel_type") or ""
    if kind in _SAME_COLUMNS:
        return columns_of(getattr(relation, kind).input) or None
    if kind == "with_columns":
        return _replaced(columns_of(relation.with_columns.input), relation.with_columns.aliases)
    if kind == "project" and relation.project.HasField("input"):
        return _projected(columns_of(relation.project.input), relation.project.expressions)
    if kind == "aggregate" and relation.aggregate.group_type == Aggregate.GROUP_TYPE_GROUPBY:
        expressions = [*relation.aggregate.grouping_expressions, *relation.aggregate.aggregate_expressions]
        return _projected(columns_of(relation.aggregate.input), expressions)
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
    new = [_aliased(alias, columns) for alias in aliases]
    if not columns or len(named) < len(columns):
        return None
    for column in new:
        if column is None:
            return None
        named[column.name.lower()] = column
    return list(named.values())


def _projected(columns: Columns, expressions: Iterable[Expression]) -> Columns | None:
    found = [_column(expression, columns) for expression in expressions]
    return [column for column in found if column] if columns and all(found) else None


def _column(expression: Expression, columns: Columns) -> StructField | None:
    if expression.HasField("alias"):
        return _aliased(expression.alias, columns)
    type_ = plain_type(expression, lambda: columns) if expression.HasField("unresolved_attribute") else None
    name = expression.unresolved_attribute.unparsed_identifier.strip("`")
    return StructField(name, type_) if type_ else None


def _aliased(alias: Expression.Alias, columns: Columns) -> StructField | None:
    type_ = plain_type(alias.expr, lambda: columns) if len(alias.name) == 1 else None
    return StructField(alias.name[0], type_) if type_ else None


def _attributes(message: Any) -> Iterator[Expression.UnresolvedAttribute]:
    if isinstance(message, Expression.UnresolvedAttribute):
        yield message
    for child in children(message):
        yield from _attributes(child)
