"""The columns that a pipeline declares, from DDL."""

from typing import Any

import sqlglot
from pyspark.sql.types import StructField, StructType
from sqlglot import exp
from sqlglot.errors import SqlglotError

from common.errors import UserError


def struct_of(schema: str | StructType) -> StructType:
    """The columns of a DDL string such as `id INT COMMENT 'the id', tags ARRAY<STRING>`; a StructType as it is.

    A column's comment stands in its metadata under `comment`. Raises UserError for text that is no DDL.
    """
    if isinstance(schema, StructType):
        return schema
    try:
        table = sqlglot.parse_one(f"CREATE TABLE t ({schema})", dialect="databricks")
        columns = list(table.this.expressions)
        types = ", ".join(f"`{column.name}` {column.kind.sql('spark')}" for column in columns)
    except (SqlglotError, AttributeError) as error:
        raise UserError(f"the schema {schema!r} is no list of columns: {error}") from None
    parsed: Any = StructType.fromDDL(types)
    return StructType(
        [
            StructField(field.name, field.dataType, True, _metadata(column))
            for field, column in zip(parsed.fields, columns, strict=True)
        ]
    )


def _metadata(column: exp.ColumnDef) -> dict[str, str]:
    comment = column.find(exp.CommentColumnConstraint)
    return {"comment": comment.this.name} if comment else {}
