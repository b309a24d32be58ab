"""What `schema=` says beside names and types: NOT NULL, generated columns, constraints."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql.types import StructType

from common.errors import NotSupplied, UserError
from local.engine.language.model import Expectation, Place
from local.engine.language.places import PlacedError
from local.engine.language.schemas import not_null

# A text without these words has names, types and comments only; one with them may have more.
_MORE = ("NOT NULL", "GENERATED", "DEFAULT", "MASK", "CONSTRAINT", "PRIMARY", "FOREIGN")
# Under these a type's JSON says whether there may be nulls.
_NULLS = ("nullable", "containsNull", "valueContainsNull")
# Of a history: no change event has it, and no row is without it.
_OF_AUTO_CDC = ("__START_AT",)


@dataclass(frozen=True)
class DeclaredColumns:
    """The columns as DDL or StructType, what must hold in them, and the expressions of those that are computed."""

    schema: str | StructType | None = None
    expectations: tuple[Expectation, ...] = ()
    generated: Mapping[str, str] = field(default_factory=dict)


def columns_of_schema(schema: str | StructType | None, place: Place) -> DeclaredColumns:
    """The columns of a schema, whose DDL is that of CREATE STREAMING TABLE. Raises UserError for what is no such DDL,
    and NotSupplied for a mask, a default and an identity column."""
    if isinstance(schema, StructType):
        return DeclaredColumns(_nullable(schema), tuple(_not_null(schema)))
    if schema is None or not any(word in " ".join(schema.upper().split()) for word in _MORE):
        return DeclaredColumns(schema)
    # What reads SQL takes a moment to import, and most schemas are plain.
    from local.engine.language.sql.column_list import column_list
    from local.engine.language.sql.cursor import Cursor

    try:
        found = column_list(Cursor(f"({schema})", place.file, place.line))
    except PlacedError as error:
        # Lines of the text are none of the file's.
        text = f"the schema: {error}"
        raise (NotSupplied if isinstance(error.cause, NotSupplied) else UserError)(text) from None
    if found.renamed:
        raise UserError(f"the schema: give {', '.join(found.renamed)} a type")
    return DeclaredColumns(found.schema, found.expectations, found.generated)


def _not_null(schema: StructType, parents: tuple[str, ...] = ()) -> Iterator[Expectation]:
    for field_ in schema.fields:
        path = (*parents, field_.name)
        if not field_.nullable and path != _OF_AUTO_CDC:
            yield not_null(*path)
        if isinstance(field_.dataType, StructType):
            yield from _not_null(field_.dataType, path)


def _nullable(schema: StructType) -> StructType:
    """The columns where nothing is kept from being null: rows are cast to them before they are checked."""

    def without(part: dict[str, Any]) -> dict[str, Any]:
        return {name: True if name in _NULLS else value for name, value in part.items()}

    return StructType.fromJson(json.loads(schema.json(), object_hook=without))
