"""The types of expressions that need no engine to tell: literals, comparisons, casts and columns by their names."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pyspark.sql.connect.proto import Expression, Relation
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DoubleType,
    IntegerType,
    LongType,
    NullType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from local.engine.sessions.rewriting.messages import children

Columns = Callable[[], Sequence[StructField]]

_LITERALS: dict[str, DataType] = {
    "null": NullType(),
    "boolean": BooleanType(),
    "integer": IntegerType(),
    "long": LongType(),
    "double": DoubleType(),
    "string": StringType(),
}
_NAMED: dict[str, DataType] = {
    "boolean": BooleanType(),
    "int": IntegerType(),
    "bigint": LongType(),
    "double": DoubleType(),
    "string": StringType(),
    "date": DateType(),
    "timestamp": TimestampType(),
}
_RESULTS: dict[str, DataType] = {
    **dict.fromkeys(
        ("and", "or", "not", "==", "<=>", "<", "<=", ">", ">=", "in", "isnull", "isnotnull", "like", "rlike"),
        BooleanType(),
    ),
    **dict.fromkeys(
        ("concat_ws", "initcap", "lower", "regexp_replace", "replace", "trim", "upper"), StringType()
    ),
    **dict.fromkeys(("count", "count_if"), LongType()),
}
_SAME_COLUMNS = ("filter", "subquery_alias", "sort", "limit", "deduplicate")


def plain_type(expression: Expression, columns: Columns) -> DataType | None:
    """The type of an expression over rows of these columns, which are asked for at need; None where only Sail knows."""
    match expression.WhichOneof("expr_type"):
        case "literal":
            return _LITERALS.get(expression.literal.WhichOneof("literal_type") or "")
        case "cast":
            return _cast_to(expression.cast)
        case "unresolved_function":
            return _of_call(expression.unresolved_function, columns)
        case "unresolved_attribute" if not expression.unresolved_attribute.HasField("plan_id"):
            return _of_column(expression.unresolved_attribute.unparsed_identifier, columns)
        case _:
            return None


def plain_columns(relation: Relation) -> Sequence[StructField] | None:
    """The columns of a relation that has them written on it, or those of its input; None where only Sail knows."""
    kind = relation.WhichOneof("rel_type") or ""
    if kind in _SAME_COLUMNS:
        return plain_columns(getattr(relation, kind).input)
    schema = relation.read.data_source.schema
    return StructType.fromJson(json.loads(schema)).fields if schema.startswith("{") else None


def names_columns_only(expression: Expression) -> bool:
    """Whether the columns that an expression names are named by no more than that (no alias or frame of theirs)."""
    if b"." in expression.SerializeToString():
        return False
    return not any(attribute.HasField("plan_id") for attribute in _attributes(expression))


def _attributes(message: Any) -> Iterator[Expression.UnresolvedAttribute]:
    if isinstance(message, Expression.UnresolvedAttribute):
        yield message
    for child in children(message):
        yield from _attributes(child)


def _cast_to(cast: Expression.Cast) -> DataType | None:
    if cast.HasField("type"):
        return proto_schema_to_pyspark_data_type(cast.type)
    return _NAMED.get(cast.type_str.lower())


def _of_call(call: Expression.UnresolvedFunction, columns: Columns) -> DataType | None:
    name, arguments = call.function_name.lower(), call.arguments
    if name in _RESULTS:
        return _RESULTS[name]
    if name == "when":
        # Each value stands behind its condition, and the last behind none.
        values = [value for at, value in enumerate(arguments) if at % 2 == 1 or at == len(arguments) - 1]
    elif name in ("coalesce", "nullif"):
        values = list(arguments)
    else:
        return None
    types = {plain_type(value, columns) for value in values}
    return types.pop() if len(types) == 1 else None


def _of_column(name: str, columns: Columns) -> DataType | None:
    """Of the only column of this name: what else a name may mean (a field, an alias before it) Sail is asked for."""
    plain = name[1:-1] if name.startswith("`") and name.count("`") == 2 else name
    found = [field.dataType for field in columns() if field.name.lower() == plain.lower()]
    return found[0] if len(found) == 1 else None
