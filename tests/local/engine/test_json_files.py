"""JSON lines as rows of text."""

import json

import pytest

from local.engine.json_files import parse_json

PATH = "/files/a.jsonl"


def rows(text: str, multiline: bool = False) -> list[tuple[str | None, ...]]:
    arrays = parse_json(text.encode(), PATH, ["id", "value"], multiline)
    return list(zip(*[array.to_pylist() for array in arrays], strict=True))


@pytest.mark.parametrize(
    ("written", "read"),
    [('"a"', "a"), ("1.50", "1.50"), ("12345678901234567890", "12345678901234567890"), ("true", "true"),
     ("null", None), ('{"a":1}', '{"a":1}'), ("[1,2.0]", "[1,2.0]")],
)  # fmt: skip
def test_a_value_keeps_its_text(written: str, read: str | None) -> None:
    assert rows(f'{{"id": "1", "value": {written}}}') == [("1", read, None)]


def test_an_unknown_field_is_rescued() -> None:
    [(_, _, rescued)] = rows('{"id": "1", "other": 2}')
    assert json.loads(rescued or "") == {"other": "2", "_file_path": PATH}


@pytest.mark.parametrize("line", ['{"id": "2"', "2", "nonsense"])
def test_a_broken_line_costs_itself_only(line: str) -> None:
    found = rows(f'{{"id": "1"}}\n{line}\n\n{{"id": "3"}}\n')
    assert [row[0] for row in found] == ["1", "3", None]
    assert json.loads(found[2][2] or "") == {"_corrupt_record": line, "_file_path": PATH}


def test_multiline_takes_a_list_of_records() -> None:
    assert [row[0] for row in rows('[{"id": "1"},\n {"id": "2"}]', multiline=True)] == ["1", "2"]


@pytest.mark.parametrize("broken", [r'{"id": "\ud83d"}', '{"id": ' + "[" * 100_000, r'{"other": "\ud83d"}'])
def test_a_record_that_is_no_text_costs_itself_only(broken: str) -> None:
    found = rows(f'{{"id": 1}}\n{broken}\n{{"id": 3}}\n')
    assert [row[0] for row in found] == ["1", "3", None]
    assert "_corrupt_record" in (found[2][2] or "")


def test_a_mark_of_utf8_at_the_beginning_is_no_part_of_the_first_record() -> None:
    assert rows('\ufeff{"id": 1, "value": 2}\n') == [("1", "2", None)]
