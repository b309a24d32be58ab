"""The columns that a pipeline declares, from DDL, and as a table takes them."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType, StructField, StructType

from common.errors import UserError
from common.sql_text import quoted
from local.engine.language.model import Expectation
from local.engine.sessions.rewriting.types.named_types import NAMED, named_type

if TYPE_CHECKING:
    from sqlglot import exp

# A column of a plain type with its comment, to its comma: most schemas have no other.
_PLAIN_TYPE = rf"(?:{'|'.join(NAMED)}|decimal\(\d+, ?\d+\))"
_COLUMN = re.compile(
    rf"\s*(?:(\w+)|`([^`]+)`)(?:\s*:\s*|\s+)({_PLAIN_TYPE}|ARRAY<{_PLAIN_TYPE}>)(?:\s+NOT\s+NULL)?"
    r"(?:\s+COMMENT\s+'((?:[^'\\]|''|\\['\"\\])*)')?\s*(?:,|\Z)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"'(')|\\(.)")


def struct_of(schema: str | StructType) -> StructType:
    """The columns of a DDL string such as `id INT COMMENT 'the id', tags ARRAY<STRING>`; a StructType as it is.

    A column's comment stands in its metadata under `comment`. Raises UserError for text that is no DDL.
    """
    return schema if isinstance(schema, StructType) else _struct_of(schema)


@cache
def _struct_of(schema: str) -> StructType:
    return _plain_struct(schema) or _parsed_struct(schema)


def _plain_struct(schema: str) -> StructType | None:
    """The columns, where all are of plain types; None for any other text."""
    fields, at = [], 0
    while found := _COLUMN.match(schema, at):
        bare, quoted, type_, comment = found.groups()
        metadata = {} if comment is None else {"comment": _ESCAPED.sub(lambda one: one[1] or one[2], comment)}
        fields.append(StructField(bare or quoted, _types_of([type_])[0], True, metadata))
        at = found.end()
    return StructType(fields) if fields and at == len(schema) and schema[-1] != "," else None


def _parsed_struct(schema: str) -> StructType:
    # It takes a moment to import, and plain columns need none of it.
    import sqlglot
    from sqlglot.errors import SqlglotError

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
    plain = [named_type(name) for name in names]
    if all(plain):
        return [kind for kind in plain if kind]
    parsed: Any = StructType.fromDDL(", ".join(f"c{number} {name}" for number, name in enumerate(names)))
    return [field.dataType for field in parsed.fields]


def _metadata(column: "exp.ColumnDef") -> dict[str, str]:
    from sqlglot import exp

    comment = column.find(exp.CommentColumnConstraint)
    return {"comment": comment.this.name} if comment else {}


def not_null(*path: str) -> Expectation:
    """That a column, or a field of a struct by its path, takes no null, as a Delta table holds it."""
    predicate = f"{'.'.join(map(quoted, path))} IS NOT NULL"
    return Expectation(f"{'.'.join(path)} NOT NULL", predicate, "fail", is_constraint=True)


def nullable(schema: StructType) -> StructType:
    """The same columns, each of which may be null: what a later file lacks is null.

    What Spark notes at a column of a stream (its watermark) is none of the table's.
    """
    return StructType([StructField(f.name, f.dataType, True, _own(f.metadata)) for f in schema.fields])


def _own(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (metadata or {}).items() if not name.startswith("spark.")}
