"""CSV files as rows: by RFC 4180 and by Auto Loader's rules for what does not fit."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.engine.csv_files import CsvFormat, parse_csv

COLUMNS = ["id", "text"]


def rows(content: str | bytes, columns: list[str] = COLUMNS) -> list[tuple[str | None, ...]]:
    raw = content.encode() if isinstance(content, str) else content
    arrays = parse_csv(raw, "/files/a.csv", columns, CsvFormat())
    return list(zip(*[array.to_pylist() for array in arrays], strict=True))


def corrupt(text: str) -> tuple[None, None, str]:
    return (
        None,
        None,
        json.dumps({"_corrupt_record": text, "_file_path": "/files/a.csv"}, ensure_ascii=False),
    )


def test_columns_are_matched_by_name() -> None:
    assert rows("text,id\nhello,1\n") == [("1", "hello", None)]


def test_text_stands_as_it_is() -> None:
    assert rows('id,text\n01037,"a ""b"",\nc"\n') == [("01037", 'a "b",\nc', None)]


def test_an_empty_place_is_null_and_a_quoted_one_is_empty() -> None:
    assert rows('id,text\n1,\n2,""\n') == [("1", None, None), ("2", "", None)]


def test_a_missing_column_is_null() -> None:
    assert rows("id\n1\n") == [("1", None, None)]


def test_an_unknown_column_is_rescued_with_its_file() -> None:
    [(number, text, rescued)] = rows("id,text,extra\n1,a,b\n")
    assert (number, text) == ("1", "a")
    assert json.loads(rescued or "") == {"extra": "b", "_file_path": "/files/a.csv"}


@pytest.mark.parametrize("record", ["2", "2,b,c"])
def test_a_record_with_the_wrong_number_of_fields_is_rescued_whole(record: str) -> None:
    assert rows(f"id,text\n1,a\n{record}\n3,c\n") == [("1", "a", None), ("3", "c", None), corrupt(record)]


def test_an_open_quote_at_the_end_costs_its_own_record_only() -> None:
    good, bad = rows('id,text\n1,a\n2,"cut off')
    assert good == ("1", "a", None)
    assert bad[:2] == (None, None)
    assert "_corrupt_record" in (bad[2] or "")


@pytest.mark.parametrize("broken", ['2,b"c" d', '2,"b"c', '2,"never closed'])
def test_a_stray_quote_in_the_middle_costs_its_own_line_only(broken: str) -> None:
    found = rows(f"id,text\n1,a\n{broken}\n3,c\n4,d\n")
    assert [row for row in found if row[0] in ("1", "3", "4")] == [
        ("1", "a", None),
        ("3", "c", None),
        ("4", "d", None),
    ]
    assert len(found) == 4


def test_bytes_that_are_not_utf8_cost_their_own_record_only() -> None:
    good, bad = rows("id,text\n1,a\n2,São Paulo\n".encode("latin-1"))
    assert good == ("1", "a", None)
    assert bad[:2] == (None, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\x00\x01", "the file is no text"),
        (b"name,place\na,b\n", "the header has none of the expected columns: name,place"),
        (b"id,id\n1,2\n", "the header names a column twice: id,id"),
    ],
)
def test_a_file_that_holds_no_table_is_one_row_that_says_why(content: bytes, reason: str) -> None:
    assert rows(content) == [corrupt(reason)]


def test_a_header_alone_is_no_row() -> None:
    assert rows("id,text\n") == []


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert rows(b"\xef\xbb\xbfid,text\n1,a\n") == [("1", "a", None)]


@given(
    st.lists(st.tuples(st.text("ab\"',\n 0é", min_size=1), st.text("ab\"',\n 0é", min_size=1)), max_size=8)
)
def test_what_a_writer_of_rfc_4180_wrote_is_read_back(records: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([COLUMNS, *records])
    assert rows(text.getvalue()) == [(*record, None) for record in records]
