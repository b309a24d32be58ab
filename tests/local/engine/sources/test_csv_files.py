"""CSV files as rows: by Spark's rules, and by Auto Loader's for what does not fit."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql.types import StringType, StructField

from common.errors import UserError
from local.engine.sources.rows import Wanted
from local.engine.sources.texts.csv_files import CsvFile
from local.engine.sources.texts.csv_format import CsvFormat

COLUMNS = ("id", "text")
RFC_4180 = CsvFormat(escape='"', multiline=True)


class Reading:
    """Reads texts as if they stood in one file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(
        self,
        content: str | bytes,
        layout: CsvFormat = RFC_4180,
        rescues: bool = True,
        columns: tuple[str, ...] = COLUMNS,
        by_position: bool = False,
    ) -> list[tuple[str | None, ...]]:
        self.file.write_bytes(content.encode() if isinstance(content, str) else content)
        wanted = Wanted(tuple(StructField(name, StringType()) for name in columns), rescues)
        batches = CsvFile(self.file, "/files/a.csv", layout).batches(wanted, by_position)
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


@pytest.fixture
def rows(tmp_path: Path) -> Reading:
    return Reading(tmp_path / "a.csv")


def corrupt(text: str) -> tuple[None, None, str]:
    return (
        None,
        None,
        json.dumps({"_corrupt_record": text}, ensure_ascii=False, separators=(",", ":"))[1:-1],
    )


def test_with_a_column_for_its_text_a_row_that_is_not_whole_has_the_values_that_could_be_read(
    rows: Reading,
) -> None:
    lines = ("1,a,", "2,b", "3,c,d,e", '4,"open', "5,\ufffd,x")
    found = rows(f"text,id,more\n{chr(10).join(lines)}\n", columns=("id", "text", "more", "_corrupt_record"))
    assert found[0] == ("a", "1", None, None, None)
    kept = [("b", "2", None), ("c", "3", "d"), ("open", "4", None), ("\ufffd", "5", "x")]
    for row, values, line in zip(found[1:], kept, lines[1:], strict=True):
        assert row == (*values, line, corrupt(line)[-1])


def test_columns_are_matched_by_name(rows: Reading) -> None:
    assert rows("text,id\nhello,1\n") == [("1", "hello", None)]


def test_text_stands_as_it_is(rows: Reading) -> None:
    assert rows('id,text\n01037,"a ""b"",\nc"\n') == [("01037", 'a "b",\nc', None)]


def test_a_missing_column_is_null(rows: Reading) -> None:
    assert rows("id\n1\n") == [("1", None, None)]


def test_an_unknown_column_is_rescued(rows: Reading) -> None:
    assert rows("id,text,extra\n1,a,b\n2,c,\n") == [("1", "a", '"extra":"b"'), ("2", "c", None)]


@pytest.mark.parametrize("record", ["2", "2,b,c", '2,"b\nb",c'])
def test_a_record_with_the_wrong_number_of_fields_is_rescued_whole(rows: Reading, record: str) -> None:
    assert rows(f"id,text\n1,a\n{record}\n3,c\n") == [("1", "a", None), ("3", "c", None), corrupt(record)]


def test_without_rescued_data_a_short_record_is_filled_and_a_long_one_cut(rows: Reading) -> None:
    found = rows("id,text\n1,a\n2\n3,c,d\n", rescues=False)
    assert found == [("1", "a", None), ("2", None, None), ("3", "c", None)]


def test_an_open_quote_at_the_end_costs_its_own_record_only(rows: Reading) -> None:
    assert rows('id,text\n1,a\n2,"cut off') == [("1", "a", None), corrupt('2,"cut off')]


@pytest.mark.parametrize("broken", ['2,b"c" d', '2,"b"c', '2,"never closed', '2,"never closed\n5,"x"'])
def test_a_stray_quote_in_the_middle_costs_its_own_line_only(rows: Reading, broken: str) -> None:
    found = rows(f"id,text\n1,a\n{broken}\n3,c\n4,d\n")
    assert {("1", "a", None), ("3", "c", None), ("4", "d", None)} <= set(found)
    assert len(found) == 4 + broken.count("\n")


def test_bytes_that_are_not_utf8_cost_their_own_record_only(rows: Reading) -> None:
    good, bad = rows("id,text\n1,a\n2,São Paulo\n".encode("latin-1"))
    assert good == ("1", "a", None)
    assert bad == corrupt("2,S\ufffdo Paulo")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n \n", "the file is empty"),
        (b"\x89PNG\x00\x01", "the file is no text"),
        (b"name,place\na,b\n", "the header has none of the expected columns: name,place"),
        (b"id,id\n1,2\n", "the header has none of the expected columns: id0,id1"),
    ],
)
def test_a_file_that_holds_no_table_is_one_row_that_says_why(
    rows: Reading, content: bytes, reason: str
) -> None:
    assert rows(content) == [corrupt(reason)]
    with pytest.raises(UserError, match=r"/files/a.csv: "):
        rows(content, rescues=False)


def test_a_header_alone_is_no_row(rows: Reading) -> None:
    assert rows("id,text\n") == rows("id,text") == []


def test_a_byte_order_mark_is_no_part_of_the_first_name(rows: Reading) -> None:
    assert rows(b"\xef\xbb\xbfid,text\n1,a\n") == [("1", "a", None)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.text("ab\"',\n 0é", min_size=1), st.text("ab\"',\n 0é", min_size=1)), max_size=8)
)
def test_what_a_writer_of_rfc_4180_wrote_is_read_back(rows: Reading, records: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([COLUMNS, *records])
    assert rows(text.getvalue()) == [(*record, None) for record in records]


def test_a_value_that_is_longer_than_what_is_read_at_once_is_whole(rows: Reading) -> None:
    long = "many\nlines " * 300_000
    assert rows(f'id,text\n1,"{long}"\n2,{"x" * 3_000_000}\n3,b\n') == [
        ("1", long, None),
        ("2", "x" * 3_000_000, None),
        ("3", "b", None),
    ]


def test_marks_of_null_and_of_the_empty_text(rows: Reading) -> None:
    layout = CsvFormat(escape='"', null_value="NA", empty_value="-")
    expected = [(None, "-", None), (None, None, None), ("1", "x", None)]
    assert rows('id,text\nNA,""\n"NA",\n1,x\n', layout) == expected
    assert rows('id,text\nNA,""\n"NA",\n1,x\n2,"open\n', layout) == [*expected, corrupt('2,"open')]


def test_an_empty_place_is_null_whether_quoted_or_not(rows: Reading) -> None:
    assert rows('id,text\n1,\n2,""\n') == [("1", None, None), ("2", None, None)]


@pytest.mark.parametrize(
    ("written", "read"),
    [(r'"a\"b"', 'a"b'), (r'"a\\b"', r"a\b"), (r'"a\nb"', r"a\nb"), (r"a\"b", r"a\"b"), ('a"b', 'a"b'),
     ('"a""b"', '"a""b"'), ('"a"b', '"a"b'), ('"a,b"c"', '"a,b"c"'), ('"a"  ', "a"), (' "a"', ' "a"'),
     ('"a""', 'a"'), ('"', '"'), ('"open', "open")],
)  # fmt: skip
def test_quotes_and_escapes_are_read_as_spark_does(rows: Reading, written: str, read: str) -> None:
    assert rows(f"id,text\n1,{written}\n2,b\n", CsvFormat(), rescues=False) == [
        ("1", read, None),
        ("2", "b", None),
    ]


def test_several_characters_may_delimit_and_blanks_be_cut_off(rows: Reading) -> None:
    layout = CsvFormat(delimiter="||", trim_left=True, trim_right=True, comment="#")
    assert rows('# note\nid || text\n1 ||"a||b" \n#2||c\n', layout) == [("1", "a||b", None)]


def test_line_ends_of_each_kind_end_a_record(rows: Reading) -> None:
    assert rows("id,text\r\n1,a\r\n2,b\r3,c", CsvFormat()) == [
        ("1", "a", None),
        ("2", "b", None),
        ("3", "c", None),
    ]


def test_without_multiline_a_line_ends_its_record_within_quotes_too(rows: Reading) -> None:
    found = rows('id,text\n1,"two\nlines"\n2,b\n', CsvFormat())
    assert found == [("2", "b", None), corrupt('1,"two'), corrupt('lines"')]


def test_columns_may_be_found_by_their_place(rows: Reading) -> None:
    assert rows("x,y\n1,a\n", by_position=True) == [("1", "a", None)]
    assert rows("1,a\n2,b\n", CsvFormat(header=False), by_position=True) == [
        ("1", "a", None),
        ("2", "b", None),
    ]


def test_a_blank_line_is_no_row(rows: Reading) -> None:
    assert rows("id\n1\n\n  \n2\n", columns=("id",)) == [("1", None), ("2", None)]
