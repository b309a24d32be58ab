"""`lakehouse check` as it is called: formats and exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lakehouse.cli import main

SPEC = "name: shop\ncatalog: main\nschema: shop\nlibraries:\n  - glob: {include: transformations/**}\n"
RIGHT = "CREATE MATERIALIZED VIEW orders AS\nSELECT 1 AS price;\n"
WRONG = RIGHT + "CREATE MATERIALIZED VIEW sums AS\nSELECT sum(prise)\nFROM orders;\n"


def checked(
    folder: Path, sql: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *options: str
) -> tuple[Any, str]:
    """The exit code and what was written."""
    (folder / "transformations").mkdir(exist_ok=True)
    (folder / "transformations" / "a.sql").write_text(sql)
    (folder / "shop.yml").write_text(SPEC)
    arguments = ["lakehouse", "check", "--spec", "shop.yml", "--home", "home", *options]
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, capsys.readouterr().out


def test_the_terminal_is_told_file_and_line_and_the_exit_code_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = checked(tmp_path, WRONG, capsys, monkeypatch)
    assert (code, out.splitlines()) == (
        1,
        [
            "transformations/a.sql:4: shop.sums: there is no column prise in shop.orders: did you mean price? "
            "[unknown-column]",
            "1 finding",
        ],
    )
    assert checked(tmp_path, RIGHT, capsys, monkeypatch) == (0, "no findings\n")
    assert not (tmp_path / "home").exists()


def test_json_has_every_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = checked(tmp_path, WRONG, capsys, monkeypatch, "--format", "json")
    assert (code, json.loads(out)["findings"]) == (
        1,
        [
            {
                "code": "unknown-column",
                "level": "error",
                "file": "transformations/a.sql",
                "line": 4,
                "message": "shop.sums: there is no column prise in shop.orders: did you mean price?",
                "pipeline": "shop",
                "dataset": "shop.sums",
            }
        ],
    )


def test_sarif_has_what_its_schema_requires(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, out = checked(tmp_path, WRONG, capsys, monkeypatch, "--format", "sarif")
    log = json.loads(out)
    [run] = log["runs"]
    [result] = run["results"]
    [location] = result["locations"]
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    assert result["ruleId"] in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert run["tool"]["driver"]["name"] == "lakehouse check"
    assert result["level"] == "error"
    assert "did you mean price?" in result["message"]["text"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "transformations/a.sql"},
        "region": {"startLine": 4},
    }
    moved = json.loads(checked(tmp_path, "\n\n" + WRONG, capsys, monkeypatch, "--format", "sarif")[1])
    [other] = moved["runs"][0]["results"]
    assert other["partialFingerprints"] == result["partialFingerprints"]
    assert other["locations"] != result["locations"]


def test_a_wrong_option_is_a_wrong_use() -> None:
    command = [sys.executable, "-m", "lakehouse", "check", "--format", "xml"]
    root = Path(__file__).parents[2]
    assert subprocess.run(command, capture_output=True, check=False, cwd=root).returncode == 2
