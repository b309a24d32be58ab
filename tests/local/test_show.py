"""What a person or a program reads of rows."""

import json

import pytest

from local.commands.options import Format
from local.engine.query import Rows
from local.show import show, show_all

ROWS = Rows(["name"], [("[/b]x",), ("[bold]kept[/bold]",)])


def test_brackets_in_data_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS)
    shown = capsys.readouterr().out
    assert "[/b]x" in shown and "[bold]kept[/bold]" in shown


def test_several_results_are_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    show_all({"Expectations": ROWS, "Quarantine": Rows(["n"], [(1,)])}, Format.JSON)
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "expectations": [{"name": "[/b]x"}, {"name": "[bold]kept[/bold]"}],
        "quarantine": [{"n": 1}],
    }
