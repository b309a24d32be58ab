"""JSON as rows: each value of its column's type, and what does not fit beside it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from local.engine.sources.rows import Wanted
from local.engine.sources.texts.json_files import JsonFile
from local.engine.sources.texts.patterns import Pattern
from local.engine.sources.texts.times import Times

TEXTS = StructType([StructField("id", StringType()), StructField("value", StringType())])
POINT = StructType([StructField("x", IntegerType()), StructField("y", IntegerType())])


class Reading:
    """Reads texts as if they stood in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, text: str, schema: StructType = TEXTS, **options: Any) -> list[tuple[Any, ...]]:
        self.file.write_bytes(text.encode())
        wanted = Wanted(
            tuple(schema.fields), rescues=True, case_sensitive=options.get("case_sensitive", True)
        )
        source = JsonFile(self.file, options.get("multiline", False), options.get("times", Times()))
        return [tuple(row.values()) for batch in source.batches(wanted) for row in batch.to_pylist()]

    def one(self, value: str, kind: DataType, **options: Any) -> tuple[Any, Any]:
        [row] = self(f'{{"value": {value}}}', StructType([StructField("value", kind)]), **options)
        return row  # pyright: ignore


@pytest.fixture
def rows(tmp_path: Path) -> Reading:
    return Reading(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("written", "read"),
    [('"a"', "a"), ("1.50", "1.50"), ("12345678901234567890", "12345678901234567890"), ("true", "true"),
     ("null", None), ('{"a": 1.50}', '{"a":1.50}'), ("[1, 2.0]", "[1,2.0]")],
)  # fmt: skip
def test_a_text_column_takes_each_value_as_it_is_written(
    rows: Reading, written: str, read: str | None
) -> None:
    assert rows.one(written, StringType()) == (read, None)


@pytest.mark.parametrize(
    ("written", "kind", "read"),
    [
        ("5", IntegerType(), 5),
        ("-128", ByteType(), -128),
        ("9223372036854775807", LongType(), 2**63 - 1),
        ("1e2", DoubleType(), 100.0),
        ('"NaN"', DoubleType(), float("nan")),
        ("2.555", DecimalType(8, 2), Decimal("2.56")),
        ('"1,234.5"', DecimalType(8, 2), Decimal("1234.50")),
        ("true", BooleanType(), True),
        ('"2024-01-02"', DateType(), date(2024, 1, 2)),
        ('"2024-01-02T03:04:05.5+02:00"', TimestampType(), datetime(2024, 1, 2, 1, 4, 5, 500_000, UTC)),
        ("5", TimestampType(), datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)),
        ('"aGk="', BinaryType(), b"hi"),
        ("[1, 2]", ArrayType(IntegerType()), [1, 2]),
        ('{"k": 1}', MapType(StringType(), IntegerType()), [("k", 1)]),
        ('{"y": 2}', POINT, {"x": None, "y": 2}),
    ],
)
def test_a_value_has_its_columns_type(rows: Reading, written: str, kind: DataType, read: Any) -> None:
    value, rescued = rows.one(written, kind)
    assert value == pytest.approx(read, nan_ok=True) if isinstance(read, float) else value == read
    assert rescued is None


@pytest.mark.parametrize(
    ("written", "kind"),
    [('"5"', IntegerType()), ("5.0", IntegerType()), ("128", ByteType()), ("9223372036854775808", LongType()),
     ('"x"', DoubleType()), ("1234567.5", DecimalType(8, 2)), ("1", BooleanType()), ('"2024-02-30"', DateType()),
     ('"yesterday"', TimestampType()), ("[1,2]", POINT), ('{"x":1}', ArrayType(IntegerType())),
     ('[1,"two"]', ArrayType(IntegerType()))],
)  # fmt: skip
def test_a_value_of_another_type_is_rescued_as_it_stands(rows: Reading, written: str, kind: DataType) -> None:
    value, rescued = rows.one(written, kind)
    assert value in (None, [1, None])
    assert rescued == f'"value":{written}'


def test_what_does_not_fit_inside_an_object_is_rescued_with_its_place(rows: Reading) -> None:
    value, rescued = rows.one('{"x": "zebra", "y": 7, "mango": 5}', POINT)
    assert value == {"x": None, "y": 7}
    assert rescued == '"value":{"x":"zebra","mango":5}'


def test_an_unknown_field_is_rescued(rows: Reading) -> None:
    assert rows('{"id": "1", "other": 2.50}') == [("1", None, '"other":2.50')]


def test_letter_case_matters_unless_it_is_switched_off(rows: Reading) -> None:
    assert rows('{"ID": "1"}') == [(None, None, '"ID":"1"')]
    assert rows('{"ID": "1"}', case_sensitive=False) == [("1", None, None)]


@pytest.mark.parametrize("line", ['{"id": "2"', "2", "nonsense"])
def test_a_broken_line_costs_itself_only(rows: Reading, line: str) -> None:
    found = rows(f'{{"id": "1"}}\n{line}\n\n{{"id": "3"}}\n')
    assert [row[0] for row in found] == ["1", "3", None]
    assert found[2][2].startswith('"_corrupt_record":')


def test_a_column_of_that_name_holds_the_records_that_do_not_fit(rows: Reading) -> None:
    schema = StructType([StructField("id", IntegerType()), StructField("_corrupt_record", StringType())])
    found = rows('{"id": 1}\n{"id": "two"}\nthree\n', schema)
    assert [row[:2] for row in found] == [(1, None), (None, '{"id": "two"}'), (None, "three")]


def test_multiline_takes_a_list_of_records(rows: Reading) -> None:
    assert [row[0] for row in rows('[{"id": "1"},\n {"id": "2"}]', multiline=True)] == ["1", "2"]


@pytest.mark.parametrize("broken", [r'{"id": "\ud83d"}', '{"id": ' + "[" * 100_000, r'{"other": "\ud83d"}'])
def test_a_record_that_is_no_text_costs_itself_only(rows: Reading, broken: str) -> None:
    found = rows(f'{{"id": 1}}\n{broken}\n{{"id": 3}}\n')
    assert [row[0] for row in found] == ["1", "3", None]
    assert "_corrupt_record" in found[2][2]


def test_a_mark_of_utf8_at_the_beginning_is_no_part_of_the_first_record(rows: Reading) -> None:
    assert rows('\ufeff{"id": 1, "value": 2}\n') == [("1", "2", None)]


def test_dates_and_times_follow_the_pattern_that_is_given(rows: Reading) -> None:
    times = Times(UTC, Pattern("dateFormat", "dd/MM/yyyy"), Pattern("timestampFormat", "dd MMM yyyy hh:mm a"))
    assert rows.one('"02/03/2024"', DateType(), times=times) == (date(2024, 3, 2), None)
    assert rows.one('"2024-03-02"', DateType(), times=times) == (None, '"value":"2024-03-02"')
    moment = datetime(2024, 3, 2, 13, 5, tzinfo=UTC)
    assert rows.one('"02 Mar 2024 01:05 PM"', TimestampType(), times=times) == (moment, None)


def test_single_quotes_are_taken_as_spark_does(rows: Reading) -> None:
    found = rows("""{'id': 'it\\'s "1"', "value": "o'clock"}\n{'id': 1'}\n""")
    assert found[0] == ('it\'s "1"', "o'clock", None)
    assert found[1][:2] == (None, None)
