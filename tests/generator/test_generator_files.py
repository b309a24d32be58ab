"""What a reader meets: CSV by RFC 4180, JSON lines, and no half-written file under a name it reads."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import GeneratorError
from generator.writer import CsvFile, JsonLinesFile, NewFile

COLUMNS = ("text", "number")
# A file's text cannot hold half a surrogate pair, and CSV readers need not take a NUL.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
tables = st.lists(st.tuples(texts | st.none(), st.integers(-(2**62), 2**62)), max_size=20)


def as_table(rows: list[tuple]) -> pa.Table:
    columns = [
        pa.array([row[0] for row in rows], pa.string()),
        pa.array([row[1] for row in rows], pa.int64()),
    ]
    return pa.table(dict(zip(COLUMNS, columns, strict=True)))


@settings(max_examples=60)
@given(tables)
def test_csv_reads_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple]) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with CsvFile(path, COLUMNS) as file:
        file.add(as_table(rows))
        for text, number in rows:
            file.add_line(file.line({"text": text, "number": number}))
    read = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""), strict=True))
    expected = [[text or "", str(number)] for text, number in rows]
    assert read == [list(COLUMNS), *expected, *expected]


clean_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@settings(max_examples=60)
@given(st.lists(st.tuples(clean_texts | st.none(), st.integers(-(2**62), 2**62)), max_size=20))
def test_json_lines_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple]
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    with JsonLinesFile(path, COLUMNS) as file:
        file.add(as_table(rows))
        for text, number in rows:
            file.add_line(file.line({"text": text, "number": number}))
    lines = path.read_bytes().decode().split("\n")
    assert lines.pop() == ""
    expected = [{"text": text, "number": number} for text, number in rows]
    assert [json.loads(line) for line in lines] == expected * 2


def seen_by_readers(folder: Path) -> list[Path]:
    return [*folder.glob("*.csv"), *folder.glob("*.jsonl")]


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    with CsvFile(tmp_path / "a.csv", COLUMNS) as file:
        file.add(as_table([("x", 1)]))
        assert seen_by_readers(tmp_path) == []
    assert seen_by_readers(tmp_path) == [tmp_path / "a.csv"]
    assert [*tmp_path.iterdir()] == [tmp_path / "a.csv"]


def fail_midway(path: Path) -> None:
    with NewFile(path) as file:
        file.write(b"half", 1)
        raise RuntimeError("stop")


def test_an_error_midway_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="stop"):
        fail_midway(tmp_path / "a.csv")
    assert [*tmp_path.iterdir()] == []


def write_again(path: Path, content: bytes) -> None:
    with NewFile(path) as file:
        file.write(content, 1)


def test_the_same_file_again_is_left_alone_and_another_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_again(path, b"one")
    time = path.stat().st_mtime_ns
    write_again(path, b"one")
    assert path.stat().st_mtime_ns == time
    with pytest.raises(GeneratorError, match="is not what this run writes"):
        write_again(path, b"two")
    assert path.read_bytes() == b"one"
    assert [*tmp_path.iterdir()] == [path]
