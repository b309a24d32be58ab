"""The types of expressions that need no engine to tell: literals, comparisons, casts and columns by their names."""

import re
from collections.abc import Callable, Sequence

from pyspark.sql.connect.proto import Expression
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type
from pyspark.sql.types import (
    ArrayType,
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

from local.engine.sessions.rewriting.rules.rules import values_of_when
from local.engine.sessions.rewriting.types.named_types import named_type

InputColumns = Callable[[], Sequence[StructField]]

_LITERALS: dict[str, DataType] = {
    "null": NullType(),
    "boolean": BooleanType(),
    "integer": IntegerType(),
    "long": LongType(),
    "double": DoubleType(),
    "string": StringType(),
}
_RESULTS: dict[str, DataType] = {
    **dict.fromkeys(
        ("and", "or", "not", "==", "<=>", "<", "<=", ">", ">=", "in", "isnull", "isnotnull", "like", "rlike"),
        BooleanType(),
    ),
    **dict.fromkeys(
        (
            "btrim",
            "concat_ws",
            "initcap",
            "lower",
            "regexp_extract",
            "regexp_replace",
            "replace",
            "trim",
            "upper",
        ),
        StringType(),
    ),
    **dict.fromkeys(("count", "count_if"), LongType()),
    **dict.fromkeys(("hash", "row_number", "rank", "dense_rank"), IntegerType()),
    **dict.fromkeys(("current_timestamp", "timestamp_seconds"), TimestampType()),
    **dict.fromkeys(("to_date", "trunc"), DateType()),
    "percent_rank": DoubleType(),
}
_SUMS: dict[type, DataType] = {IntegerType: LongType(), LongType: LongType(), DoubleType: DoubleType()}
# A query that reads files names parts of this column, and nobody an alias so.
_FILE_FACTS = "_metadata."
_COMPARISON = re.compile(r"\w+ *(?:<=>|<>|!=|<=|>=|=|<|>) *(?:'[^'\\]*'|\d{1,9})")


def plain_type(expression: Expression, columns_of: InputColumns) -> DataType | None:
    """The type of an expression over rows of these columns, which are asked for at need; None where only Sail knows."""
    type_: DataType | None = None
    match expression.WhichOneof("expr_type"):
        case "literal":
            type_ = _LITERALS.get(expression.literal.WhichOneof("literal_type") or "")
        case "cast":
            type_ = _cast_to(expression.cast)
        case "unresolved_function":
            type_ = _of_call(expression.unresolved_function, columns_of)
        case "window":
            type_ = plain_type(expression.window.window_function, columns_of)
        case "unresolved_attribute" if not expression.unresolved_attribute.HasField("plan_id"):
            type_ = _of_column(expression.unresolved_attribute.unparsed_identifier, columns_of)
        case "expression_string":
            type_ = _of_text(expression.expression_string.expression, columns_of)
        case _:
            pass
    return type_


def _cast_to(cast: Expression.Cast) -> DataType | None:
    if cast.HasField("type"):
        return proto_schema_to_pyspark_data_type(cast.type)
    return named_type(cast.type_str)


def _of_call(call: Expression.UnresolvedFunction, columns_of: InputColumns) -> DataType | None:
    arguments, type_ = call.arguments, None
    match call.function_name.lower():
        # Of a third argument, what stands where there is no row, Sail is asked.
        case "max" | "min" | "first" | "last" | "lead" | "lag" if len(arguments) < 3:
            type_ = plain_type(arguments[0], columns_of)
        case "sum":
            type_ = _SUMS.get(type(plain_type(arguments[0], columns_of)))
        case "avg":
            is_number = type(plain_type(arguments[0], columns_of)) in _SUMS
            type_ = DoubleType() if is_number else None
        case "concat" | "lpad" | "rpad":
            is_text = isinstance(plain_type(arguments[0], columns_of), StringType)
            type_ = StringType() if is_text else None
        case "when":
            type_ = _common([arguments[place] for place in values_of_when(len(arguments))], columns_of)
        case "if" | "coalesce" | "nullif" as name:
            type_ = _common(arguments[1:] if name == "if" else arguments, columns_of)
        case "array":
            element = _common(arguments, columns_of)
            type_ = ArrayType(element) if element else None
        case "struct":
            type_ = _struct(arguments, columns_of)
        case name:
            type_ = _RESULTS.get(name)
    return type_


def _common(values: Sequence[Expression], columns_of: InputColumns) -> DataType | None:
    """The type of all of them, if it is one; what only raises an error has none."""
    values = [value for value in values if value.unresolved_function.function_name != "raise_error"]
    first = plain_type(values[0], columns_of) if values else None
    return first if all(plain_type(value, columns_of) == first for value in values[1:]) else None


def _struct(values: Sequence[Expression], columns_of: InputColumns) -> DataType | None:
    names = {column.name for column in columns_of()}
    fields = [plain_field(value, columns_of) for value in values]
    # How a name is spelled that is another's in the table, Sail is asked.
    if any(
        value.HasField("unresolved_attribute") and field and field.name not in names
        for value, field in zip(values, fields, strict=True)
    ):
        return None
    return StructType([field for field in fields if field]) if all(fields) else None


def plain_field(expression: Expression, columns_of: InputColumns) -> StructField | None:
    """The column that an alias, or a column's plain name, makes; None where only Sail knows."""
    kind = expression.WhichOneof("expr_type")
    if kind == "alias" and len(expression.alias.name) == 1:
        name, value = expression.alias.name[0], expression.alias.expr
    elif kind == "unresolved_attribute" and "." not in expression.unresolved_attribute.unparsed_identifier:
        name, value = expression.unresolved_attribute.unparsed_identifier.strip("`"), expression
    else:
        return None
    type_ = plain_type(value, columns_of)
    return StructField(name, type_) if type_ else None


def _of_text(text: str, columns_of: InputColumns) -> DataType | None:
    """Of a literal, a column's name or a condition."""
    if text.lower() in ("true", "false") or _is_condition(text):
        return BooleanType()
    if re.fullmatch(r"\d{1,9}", text):
        return IntegerType()
    if re.fullmatch(r"'[^'\\]*'", text):
        return StringType()
    return _of_column(text, columns_of) if re.fullmatch(r"[a-zA-Z_]\w*", text) else None


def _is_condition(text: str) -> bool:
    """Whether it is a comparison with a literal, or conditions in parentheses between AND and OR."""
    if _COMPARISON.fullmatch(text):
        return True
    if re.search(r"[\\\"`\0]|--|/\*", text):
        return False
    before, plain = "", re.sub(r"'[^']*'", "", text)
    while plain != before:
        before, plain = plain, re.sub(r"\([^()]+\)", "\0", plain)
    return bool(re.fullmatch(r"\0(?: (?:AND|OR) \0)+", plain, re.IGNORECASE))


def _of_column(name: str, columns_of: InputColumns) -> DataType | None:
    """Of the only column of this name: what else a name may mean (a field, an alias before it) Sail is asked for."""
    plain = name[1:-1] if name.startswith("`") and name.count("`") == 2 else name
    found = [field.dataType for field in columns_of() if field.name.lower() == plain.lower()]
    if not found and name.startswith(_FILE_FACTS):
        whole = _of_column(_FILE_FACTS[:-1], columns_of)
        facts = whole.fields if isinstance(whole, StructType) else []
        found = [field.dataType for field in facts if f"{_FILE_FACTS}{field.name}" == name]
    return found[0] if len(found) == 1 else None
