"""Columns from DDL, in its plain form and in any other."""

import pytest
from pyspark.sql.types import DecimalType, StructType

from common.errors import UserError
from local.engine.language.schemas import struct_of


def shown(schema: StructType) -> list[tuple[str, str, str | None]]:
    return [
        (field.name, field.dataType.simpleString(), field.metadata.get("comment")) for field in schema.fields
    ]


def test_columns_of_plain_types_keep_their_comments() -> None:
    schema = r"id INT NOT NULL COMMENT 'it''s a key, not `x`', `a b`: string COMMENT 'the person\'s', c decimal(8,2)"
    assert shown(struct_of(schema)) == [
        ("id", "int", "it's a key, not `x`"),
        ("a b", "string", "the person's"),
        ("c", "decimal(8,2)", None),
    ]


def test_other_columns_are_parsed() -> None:
    schema = 'id INT PRIMARY KEY COMMENT "key", year INT GENERATED ALWAYS AS (1 + 1), n DECIMAL(3, 1)'
    assert shown(struct_of(schema)) == [
        ("id", "int", "key"),
        ("year", "int", None),
        ("n", "decimal(3,1)", None),
    ]
    assert struct_of("n DECIMAL(3, 1)").fields[0].dataType == DecimalType(3, 1)


@pytest.mark.parametrize("schema", ["nonsense", "id INT COMMENT", "id INT COMMENT 'open, b STRING"])
def test_what_is_no_list_of_columns_is_named(schema: str) -> None:
    with pytest.raises(UserError, match="is no list of columns"):
        struct_of(schema)
