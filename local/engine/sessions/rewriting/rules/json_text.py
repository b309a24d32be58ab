"""`to_json` as Spark writes it."""

import json
from typing import NoReturn

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.expressions import Cast, Field, Given, Tree, call
from local.engine.sessions.rewriting.rules.numbers import text_of_double

_INTEGERS = (ByteType, ShortType, IntegerType, LongType, BooleanType)
# All that Jackson, which writes for Spark, escapes.
_ESCAPED = r'["\\\x00-\x1f]'
_ZONED = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
_LOCAL = "yyyy-MM-dd'T'HH:mm:ss.SSS"


def to_json(value: Given, options: Given | None = None) -> Tree | None:
    """The text of a struct, an array or a map; fields that are null are left out unless `ignoreNullFields` is false.

    Raises NeedsSpark for types and options that Sail writes otherwise and that are not written anew here.
    """
    keeps_nulls = options is not None and _keeps_nulls(options)
    if value.type is None:
        # In SQL text: Sail heeds no option.
        return _refused("its options") if options else None
    if _is_alike(value.type) and not (keeps_nulls and _has_struct(value.type)):
        return call("to_json", value)
    return _text(value, value.type, keeps_nulls)


def _keeps_nulls(options: Given) -> bool:
    words = _words(options)
    if words is None or words.keys() != {"ignorenullfields"}:
        return _refused("options other than ignoreNullFields")
    return words["ignorenullfields"].lower() == "false"


def _words(options: Given) -> dict[str, str] | None:
    """The options as they stand in the query, names in lower case; None where they do not stand there."""
    words = options.words
    if not words or None in words:
        return None
    pairs = [word or "" for word in words]
    return {name.lower(): value for name, value in zip(pairs[::2], pairs[1::2], strict=True)}


def _refused(what: str) -> NoReturn:
    raise NeedsSpark("to_json", f"Sail writes {what} otherwise")


def _is_alike(type_: DataType) -> bool:
    """Whether Sail writes the type as Spark does, without options."""
    if isinstance(type_, StructType):
        return all(_is_alike(field.dataType) for field in type_)
    if isinstance(type_, ArrayType):
        return _is_alike(type_.elementType)
    if isinstance(type_, MapType):
        return isinstance(type_.keyType, StringType) and _is_alike(type_.valueType)
    return isinstance(type_, (StringType, DateType, NullType, *_INTEGERS))


def _has_struct(type_: DataType) -> bool:
    if isinstance(type_, ArrayType):
        return _has_struct(type_.elementType)
    if isinstance(type_, MapType):
        return _has_struct(type_.valueType)
    return isinstance(type_, StructType)


def _text(value: Tree, type_: DataType, keeps_nulls: bool) -> Tree:
    """The JSON of a value; null for null."""
    if isinstance(type_, StructType):
        return call(
            "if",
            call("isnotnull", value),
            _text_of_struct(value, type_, keeps_nulls),
            Cast(call("nullif", "", ""), "string"),
        )
    if isinstance(type_, (DecimalType, *_INTEGERS)):
        return Cast(value, "string")
    if isinstance(type_, DoubleType):
        return _number_or_word(value)
    if isinstance(type_, TimestampType | TimestampNTZType):
        pattern = _ZONED if isinstance(type_, TimestampType) else _LOCAL
        return call("concat", '"', call("date_format", value, pattern), '"')
    if _is_alike(type_) and not (keeps_nulls and _has_struct(type_)):
        within = call("to_json", call("array", value))
        text = call("substring", within, 2, call("-", call("length", within), 2))
        return call("if", call("isnotnull", value), text, Cast(call("nullif", "", ""), "string"))
    return _refused(type_.simpleString())


def _number_or_word(value: Tree) -> Tree:
    text = text_of_double(value)
    return call("if", call("rlike", text, "^(NaN|-?Infinity)$"), call("concat", '"', text, '"'), text)


def _text_of_struct(value: Tree, type_: StructType, keeps_nulls: bool) -> Tree:
    kinds = {field.dataType for field in type_}
    if keeps_nulls and len(kinds) == 1 and isinstance(next(iter(kinds)), StringType):
        return _text_of_strings(value, type_.names)
    fields = [_field(Field(value, field.name), field.name, field.dataType, keeps_nulls) for field in type_]
    return call("concat", "{", call("array_join", call("array", *fields), ","), "}")


def _text_of_strings(value: Tree, names: list[str]) -> Tree:
    """What is null is kept. Texts that need no escape, nearly all, are put together, four times as quick."""
    fields = [Field(value, name) for name in names]
    written = [call("coalesce", call("concat", '"', field, '"'), "null") for field in fields]
    keys = ["{" + _key(names[0]), *("," + _key(name) for name in names[1:])]
    plain = call("concat", *(part for pair in zip(keys, written, strict=True) for part in pair), "}")
    # A map keeps what is null too, and is escaped.
    escaped = call(
        "to_json", call("map", *(part for pair in zip(names, fields, strict=True) for part in pair))
    )
    return call("if", call("rlike", call("concat_ws", "", *fields), _ESCAPED), escaped, plain)


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ":"


def _field(value: Tree, name: str, type_: DataType, keeps_nulls: bool) -> Tree:
    key = _key(name)
    text = call("concat", key, _text(value, type_, keeps_nulls))
    return call("coalesce", text, key + "null") if keeps_nulls else text
