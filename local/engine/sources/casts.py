"""Text as the type that a column asks for, in the engine, by the rules of Spark's readers of files."""

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    FractionalType,
    IntegralType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

from common.errors import UserError
from local.engine.sources.rows import FILE_PATH

INTEGER = r"^[+-]?[0-9]+$"
DECIMAL = r"^[+-]?([0-9][0-9,]*\.?[0-9]*|\.[0-9]+)$"
FLOAT = r"^ *[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)? *$|^(NaN|[+-]?Inf(inity)?)$"
BOOLEAN = "(?i)^(true|false)$"
DATE = r"^\s*([0-9]{4,}(-[0-9]{1,2}(-[0-9]{1,2})?)?)(|[ T].*)$"
TIMESTAMP = r"^\s*[0-9]{4,}(-[0-9]{1,2}){0,2}([ T].*)?$"


def from_text(text: Column, kind: DataType, name: str) -> Column:
    """The text as a value of a type, null where it is none. Raises UserError for a type that has no text."""
    if isinstance(kind, StringType):
        return text
    if isinstance(kind, BinaryType):
        return text.cast(kind)
    if isinstance(kind, DateType):
        return F.nullif(F.regexp_extract(text, DATE, 1), F.lit("")).try_cast(kind)
    if isinstance(kind, DecimalType):
        return F.when(text.rlike(DECIMAL), F.regexp_replace(text, ",", "").try_cast(kind))
    for base, pattern in (
        (IntegralType, INTEGER),
        (FractionalType, FLOAT),
        (BooleanType, BOOLEAN),
        ((TimestampType, TimestampNTZType), TIMESTAMP),
    ):
        if isinstance(kind, base):
            return F.when(text.rlike(pattern), text.try_cast(kind))
    raise UserError(f"column {name}: CSV and folder names hold no {kind.simpleString()}; read it as STRING")


def misfits(columns: list[tuple[str, Column, Column]]) -> Column:
    """The members of the rescued data for the columns whose text is there and whose value is null; a column here is
    its name, its text and its value. Null when all fit."""
    found = [F.when(text.isNotNull() & value.isNull(), text).alias(name) for name, text, value in columns]
    if not found:
        return F.lit(None).cast("string")
    written = F.to_json(F.struct(*found))
    return F.when(written != "{}", F.substr(written, F.lit(2), F.length(written) - 2))


def rescued_data(unknown: Column, misfit: Column, path: Column) -> Column:
    """The rescued data of a row as JSON: its members of both kinds and the file's path; null when there is none."""
    some = unknown.isNotNull() | misfit.isNotNull()
    return F.when(
        some, F.concat(F.lit("{"), F.concat_ws(",", misfit, unknown, path_member(path)), F.lit("}"))
    )


def path_member(path: Column) -> Column:
    """The member that names the file; its address holds neither quotes nor backslashes."""
    return F.concat(F.lit(f'"{FILE_PATH}":"'), path, F.lit('"'))
