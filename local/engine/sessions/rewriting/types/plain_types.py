"""The types of expressions that need no engine to tell: literals, comparisons, casts and columns by their names."""

import re
from collections.abc import Callable, Sequence

from pyspark.sql.connect.proto import Expression
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
    TimestampType,
)

from local.engine.sessions.rewriting.rules.rules import values_of_when

InputColumns = Callable[[], Sequence[StructField]]

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
_SUMS: dict[type, DataType] = {IntegerType: LongType(), LongType: LongType(), DoubleType: DoubleType()}


def plain_type(expression: Expression, columns_of: InputColumns) -> DataType | None:
    """The type of an expression over rows of these columns, which are asked for at need; None where only Sail knows."""
    match expression.WhichOneof("expr_type"):
        case "literal":
            return _LITERALS.get(expression.literal.WhichOneof("literal_type") or "")
        case "cast":
            return _cast_to(expression.cast)
        case "unresolved_function":
            return _of_call(expression.unresolved_function, columns_of)
        case "unresolved_attribute" if not expression.unresolved_attribute.HasField("plan_id"):
            return _of_column(expression.unresolved_attribute.unparsed_identifier, columns_of)
        case "expression_string":
            return _of_text(expression.expression_string.expression, columns_of)
        case _:
            return None


def named_type(name: str) -> DataType | None:
    """A type by its name in DDL; None for one with parts."""
    return _NAMED.get(name.lower())


def _cast_to(cast: Expression.Cast) -> DataType | None:
    if cast.HasField("type"):
        return proto_schema_to_pyspark_data_type(cast.type)
    return named_type(cast.type_str)


def _of_call(call: Expression.UnresolvedFunction, columns_of: InputColumns) -> DataType | None:
    name, arguments = call.function_name.lower(), call.arguments
    if name in _RESULTS:
        return _RESULTS[name]
    if name in ("max", "min", "first", "last"):
        return plain_type(arguments[0], columns_of)
    if name == "sum":
        return _SUMS.get(type(plain_type(arguments[0], columns_of)))
    if name in ("lpad", "rpad") and plain_type(arguments[0], columns_of) == StringType():
        return StringType()
    if name == "when":
        values = [arguments[place] for place in values_of_when(len(arguments))]
    elif name in ("coalesce", "nullif"):
        values = list(arguments)
    else:
        return None
    types = {plain_type(value, columns_of) for value in values}
    return types.pop() if len(types) == 1 else None


def _of_text(text: str, columns_of: InputColumns) -> DataType | None:
    """Of a literal or a column's name."""
    if text.lower() in ("true", "false"):
        return BooleanType()
    if re.fullmatch(r"\d{1,9}", text):
        return IntegerType()
    if re.fullmatch(r"'[^'\\]*'", text):
        return StringType()
    return _of_column(text, columns_of) if re.fullmatch(r"[a-zA-Z_]\w*", text) else None


def _of_column(name: str, columns_of: InputColumns) -> DataType | None:
    """Of the only column of this name: what else a name may mean (a field, an alias before it) Sail is asked for."""
    plain = name[1:-1] if name.startswith("`") and name.count("`") == 2 else name
    found = [field.dataType for field in columns_of() if field.name.lower() == plain.lower()]
    return found[0] if len(found) == 1 else None
