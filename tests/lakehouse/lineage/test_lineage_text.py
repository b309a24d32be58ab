"""`lakehouse lineage` for a person: tables, the columns of one, and what breaks when a column goes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from common.home import Home
from lakehouse.cli import app
from tests.lakehouse.lineage.test_column_ways import lineage_of

TABLES = {
    "s.one": {"x": {"/files.x": ["IDENTITY"]}, "y": {"/files.y": ["IDENTITY"]}},
    "s.two": {
        "a": {"s.one.x": ["TRANSFORMATION"]},
        "b": {"s.one.x": ["CONDITIONAL"], "s.one.y": ["IDENTITY"]},
    },
    "s.three": {"sum": {"s.two.b": ["AGGREGATION"]}},
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    lineage_of(found, TABLES, {"s.two": {"s.one.x": ["GROUP_BY"]}})
    return found


def told(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["lineage", *arguments, "--home", str(home.path)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_without_a_name_all_tables_are_told(home: Home) -> None:
    lines = [line.split() for line in told(home).splitlines()]
    assert ["s.three", "1", "s.two"] in lines
    assert ["s.two", "2", "s.one"] in lines


def test_a_table_has_its_columns_values_apart_from_decisions(home: Home) -> None:
    lines = [" ".join(line.split()) for line in told(home, "s.two").splitlines()]
    assert "a s.one.x (transformation) 0" in lines
    assert "b s.one.y (identity) s.one.x (conditional) 1" in lines
    assert "all rows s.one.x (group by) 0" in lines


def test_a_column_has_its_ways_and_what_is_behind_its_decisions(home: Home) -> None:
    lines = [line.strip(" │├└─") for line in told(home, "s.one.x").splitlines()]
    assert lines == [
        "s.one.x",
        "made of",
        "/files.x (identity)",
        "made of it: 1 column",
        "s.two.a (transformation)",
        "decides, itself or by a column made of it",
        "group by of s.two, all rows, by s.one.x",
        "conditional of s.two.b, by s.one.x",
        "other values behind these decisions",
        "s.two.b",
        "s.three.sum",
        "other rows behind these decisions",
        "s.two",
        "s.three, which reads s.two",
    ]


def test_a_column_without_an_origin_is_told_as_such_with_what_decides_its_rows(tmp_path: Path) -> None:
    home = Home(tmp_path)
    lineage_of(
        home,
        {"s.one": {"count": {}, "flag": {"/files.x": ["CONDITIONAL"]}}},
        {"s.one": {"/files.y": ["FILTER"]}},
    )
    none = ["made of", "no column: it counts rows, or is a constant or a clock's"]
    rows = ["the rows of its table are decided by", "/files.y (filter)", "made of it: 0 columns"]
    for column, decided in (("count", []), ("flag", ["decided by", "/files.x (conditional)"])):
        lines = [line.strip(" │├└─") for line in told(home, f"s.one.{column}").splitlines()]
        assert lines == [f"s.one.{column}", *none, *decided, *rows]


def test_brackets_in_a_name_are_no_markup(tmp_path: Path) -> None:
    home = Home(tmp_path)
    lineage_of(home, {"s.one": {"[bold]x": {"/files.[red]y": ["IDENTITY"]}}}, {})
    assert "/files.[red]y (identity)" in told(home, "s.one.[bold]x")
    assert "/files.[red]y (identity)" in told(home, "s.one")


def test_a_name_that_is_unknown_is_told_with_those_that_are(home: Home) -> None:
    result = CliRunner().invoke(app, ["lineage", "s.one.z", "--home", str(home.path)])
    assert "s.one.z: s.one has no column z; it has: x, y" in str(result.exception)


@pytest.mark.parametrize("name", ["s.tree", "s.tree.sum"])
def test_of_a_table_that_is_unknown_the_nearest_are_told(home: Home, name: str) -> None:
    result = CliRunner().invoke(app, ["lineage", name, "--home", str(home.path)])
    assert f"{name}: no run of this home has told the lineage of such a table" in str(result.exception)
    assert "the nearest that it has: s.three" in str(result.exception)
