"""Unions and their like of columns of several types, each of which Spark makes one type first."""

from collections.abc import Callable, Sequence

from pyspark.sql.connect.proto import Expression, Project, Relation, SetOperation
from pyspark.sql.connect.types import pyspark_types_to_proto_types
from pyspark.sql.types import DataType, NullType, StructField

from local.engine.sessions.rewriting.expressions import attribute
from local.engine.sessions.rewriting.rules.common_type import column_type

_Columns = Sequence[StructField]


def cast_to_common_types(operation: SetOperation, columns_of: Callable[[Relation], _Columns]) -> None:
    """Puts casts around the two sides, in place, where Sail would take the first side's types."""
    sides = [operation.left_input, operation.right_input]
    columns = [columns_of(side) for side in sides]
    named = [_named(own, by_name=operation.by_name) for own in columns]
    if not all(named) or (named[0].keys() != named[1].keys() and not operation.allow_missing_columns):
        return
    types = {key: column_type(_types(key, named)) for key in {**named[0], **named[1]}}
    lack = [[key for key in types if key not in own] for own in named]
    if any(types.values()):
        for side, own, missing in zip(sides, named, lack, strict=True):
            side.CopyFrom(_cast(side, own, missing, types, {**named[1], **named[0]}))


def _named(columns: _Columns, *, by_name: bool) -> dict[str, StructField]:
    """The columns by what matches them on the other side; none where two have one name."""
    keys = [column.name.lower() for column in columns]
    if len(set(keys)) < len(keys):
        return {}
    return dict(zip(keys if by_name else map(str, range(len(keys))), columns, strict=True))


def _types(key: str, named: Sequence[dict[str, StructField]]) -> list[DataType]:
    return [own[key].dataType if key in own else NullType() for own in named]


def _cast(
    side: Relation,
    own: dict[str, StructField],
    missing: Sequence[str],
    types: dict[str, DataType | None],
    fields: dict[str, StructField],
) -> Relation:
    columns = [(field.name, attribute(field.name), types[key]) for key, field in own.items()]
    columns += [(fields[key].name, _NULL, types[key]) for key in missing]
    expressions = [
        Expression(alias=Expression.Alias(expr=_as(value, type_), name=[name]))
        for name, value, type_ in columns
    ]
    within = Relation()
    within.CopyFrom(side)
    return Relation(project=Project(input=within, expressions=expressions))


def _as(value: Expression, type_: DataType | None) -> Expression:
    if type_ is None:
        return value
    return Expression(cast=Expression.Cast(expr=value, type=pyspark_types_to_proto_types(type_)))


_NULL = Expression(expression_string=Expression.ExpressionString(expression="null"))
