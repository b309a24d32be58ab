"""What a person or a program reads of rows."""

import json
from decimal import Decimal

import pytest

from lakehouse.output.formats import RowFormat
from lakehouse.output.show import show, show_all
from local.engine.running.rows import Rows
from tests.pipelines.frames import A, B

ROWS = Rows(["name"], [("[/b]x",), ("[bold]kept[/bold]",)])


def test_brackets_in_data_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS)
    shown = capsys.readouterr().out
    assert "[/b]x" in shown and "[bold]kept[/bold]" in shown


NUMBERS = Rows(["year", "money", "degrees"], [(2018, Decimal("1234.50"), 1234.5)])


def test_numbers_have_commas_only_where_they_are_known_to_be_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(NUMBERS)
    assert capsys.readouterr().out.splitlines()[1].split() == ["2018", "1234.50", "1234.5"]
    for counts in (lambda: show(NUMBERS, grouped=True), lambda: show_all({"Counts": NUMBERS})):
        counts()
        assert "2,018" in capsys.readouterr().out


def test_no_value_is_rounded(capsys: pytest.CaptureFixture[str]) -> None:
    show(Rows(["share", "third", "large"], [(0.0004, 7 / 3, 1e20)]))
    assert capsys.readouterr().out.splitlines()[1].split() == ["0.0004", "2.3333333333333335", "1e+20"]


def test_a_piped_table_has_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    wide = Rows(["a", "b", "c", "d", "e"], [(A, B, A, B, "x" * 300)] * 2)
    show(wide)
    _, first, second, count = capsys.readouterr().out.splitlines()
    assert first.split() == second.split() == list(wide.rows[0])
    assert count == "2 rows"


def test_several_results_are_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    show_all({"Expectations": ROWS, "Quarantine": Rows(["n"], [(1,)])}, RowFormat.JSON)
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "expectations": [{"name": "[/b]x"}, {"name": "[bold]kept[/bold]"}],
        "quarantine": [{"n": 1}],
    }
