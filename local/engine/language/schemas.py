"""The columns that a pipeline declares, from DDL."""

import re
from collections.abc import Sequence
from typing import Any

import sqlglot
from pyspark.sql.types import (
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.errors import UserError

_PLAIN: dict[str, DataType] = {
    "STRING": StringType(),
    "INT": IntegerType(),
    "BIGINT": LongType(),
    "DOUBLE": DoubleType(),
    "BOOLEAN": BooleanType(),
    "DATE": DateType(),
    "TIMESTAMP": TimestampType(),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+), (\d+)\)")


def struct_of(schema: str | StructType) -> StructType:
    """The columns of a DDL string such as `id INT COMMENT 'the id', tags ARRAY<STRING>`; a StructType as it is.

    A column's comment stands in its metadata under `comment`. Raises UserError for text that is no DDL.
    """
    if isinstance(schema, StructType):
        return schema
    try:
        table = sqlglot.parse_one(f"CREATE TABLE t ({schema})", dialect="databricks")
        columns = list(table.this.expressions)
        types = [column.kind.sql("spark") for column in columns]
    except (SqlglotError, AttributeError) as error:
        raise UserError(f"the schema {schema!r} is no list of columns: {error}") from None
    names = [column.name for column in columns]
    return StructType(
        [
            StructField(name, kind, True, _metadata(column))
            for name, kind, column in zip(names, _types_of(types), columns, strict=True)
        ]
    )


def _types_of(names: Sequence[str]) -> list[DataType]:
    """Types by their names in SQL; the engine is asked for those that are not plain."""
    plain = [_PLAIN.get(name) or _decimal(name) for name in names]
    if all(plain):
        return [kind for kind in plain if kind]
    parsed: Any = StructType.fromDDL(", ".join(f"c{number} {name}" for number, name in enumerate(names)))
    return [field.dataType for field in parsed.fields]


def _decimal(name: str) -> DecimalType | None:
    found = _DECIMAL.fullmatch(name)
    return DecimalType(int(found[1]), int(found[2])) if found else None


def _metadata(column: exp.ColumnDef) -> dict[str, str]:
    comment = column.find(exp.CommentColumnConstraint)
    return {"comment": comment.this.name} if comment else {}
