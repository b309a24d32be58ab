"""The commands as a user starts them: a slip is one line, exit code 1, no stack trace."""

import logging
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pyspark.logger import PySparkLogger

from common.home import Home
from lakehouse.cli import main
from lakehouse.commands import demo, generate, run
from local.engine.storage.lock import locked
from tests.java import need_java

SAMPLE = Path(__file__).parents[1] / "data" / "olist"
FAILING = """
from pyspark import pipelines as dp

@dp.materialized_view(name="shop.orders")
@dp.expect_or_fail("amount_present", "amount IS NOT NULL")
def orders():
    return spark.sql("SELECT CAST(NULL AS INT) AS amount")
"""
SPEC = """
name: shop
libraries:
  - glob: {include: transformations/**}
"""


def lakehouse(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lakehouse", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


def in_this_process(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str | int | None:
    """What the command, on the engine of the tests, ends Python with: 0, or a text, which is exit code 1."""
    monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["run"], "is not there: `lakehouse generate` or `lakehouse load-olist` writes raw files"),
        (["sql", "select 1"], "holds no table yet"),
        (["tables"], "holds no table yet"),
        (["trace", "gold.sales_performance"], "holds no table yet"),
        (["quality"], "has no quality results yet"),
        (["load-olist", "nowhere"], "not there: nowhere/olist_customers_dataset.csv"),
        (["run", "--spec", "nowhere.yml"], "nowhere.yml is not there"),
        (["generate", "--orders", "-1"], "orders"),
        (["ui", "--export", "nowhere/x.html"], "there is no folder nowhere: make it, or name another file"),
        (["ui", "--export", "docs"], "docs is a folder"),
    ],
)
def test_a_slip_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], error: str
) -> None:
    told = in_this_process(monkeypatch, *arguments, "--home", str(tmp_path / "home"))
    assert isinstance(told, str)
    assert told.startswith("error: ") and error in told


@pytest.mark.parametrize("command", ["rehearse", "workspace", "health", "drift"])
def test_an_environment_that_is_none_is_told_at_once(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    told = in_this_process(monkeypatch, command, "--env", "nope")
    assert told == "error: no environment is called 'nope'; choose one of dev, staging, prod, local"


@pytest.mark.parametrize("command", [["diff"], ["drift", "--env", "dev"]])
def test_a_report_that_cannot_be_written_is_told_before_the_work(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    told = in_this_process(monkeypatch, *command, "--write", "nowhere/report.md")
    assert told == "error: nowhere/report.md: there is no folder nowhere: make it, or name another file"


def test_a_slip_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "volumes" / "raw" / "olist").mkdir(parents=True)
    done = lakehouse("run", "--select", "gold", "--home", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("error: --select gold: name a table as schema.table")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["run"], ["load-olist", str(SAMPLE)]])
def test_the_second_of_two_writers_says_who_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    home = Home(tmp_path)
    home.raw.mkdir(parents=True)
    with locked(home, "lakehouse run medallion"):
        told = in_this_process(monkeypatch, *arguments, "--home", str(tmp_path))
    assert not any(home.raw.iterdir())
    assert "(lakehouse run medallion) holds its lock since" in str(told)


def test_a_failed_expectation_is_named_and_the_exit_code_is_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "transformations").mkdir()
    (tmp_path / "transformations" / "orders.py").write_text(FAILING)
    (tmp_path / "shop.yml").write_text(SPEC)
    arguments = ["run", "--spec", str(tmp_path / "shop.yml"), "--home", str(tmp_path / "home")]
    error = in_this_process(monkeypatch, *arguments)
    assert isinstance(error, str)
    assert error.startswith("error: ")
    assert "expectation 'amount_present' of shop.orders failed" in error


def test_sql_shows_a_year_as_a_year_and_tells_of_a_wrong_statement_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path)
    folder = home.warehouse / "shop.db" / "years"
    folder.mkdir(parents=True)
    write_deltalake(folder, pa.table({"year": pa.array([2018], pa.int32())}))
    # Another test's query may have silenced it, and what it has written to is that test's standard error.
    logger = PySparkLogger.getLogger("SQLQueryContextLogger")
    heard: list[logging.LogRecord] = []
    monkeypatch.setattr(logger, "disabled", False)
    monkeypatch.setattr(logger, "callHandlers", heard.append)
    assert in_this_process(monkeypatch, "sql", "select year from shop.years", "--home", str(tmp_path)) == 0
    assert capsys.readouterr().out.split() == ["year", "2018", "1", "row"]
    error = in_this_process(monkeypatch, "sql", "select yaer from shop.years", "--home", str(tmp_path))
    assert isinstance(error, str)
    assert "yaer" in error
    assert not heard


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("selec year from shop.years", "'selec' begins no statement of SQL"),
        ("select", "a SELECT names no column"),
        ("select year +", "something is missing at '+' in its line 1"),
        ("select * from shop.years |> limit 1", "write it without |>"),
        ("show tables", "`lakehouse tables` lists the tables"),
        ("from shop.years select year", "--engine spark"),
    ],
)
def test_sql_says_what_is_wrong_with_a_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, said: str
) -> None:
    folder = Home(tmp_path).warehouse / "shop.db" / "years"
    folder.mkdir(parents=True)
    write_deltalake(folder, pa.table({"year": pa.array([2018], pa.int32())}))
    options = ("--engine", "sail", "--home", str(tmp_path))
    error = in_this_process(monkeypatch, "sql", statement, *options)
    assert isinstance(error, str)
    assert said in error


def test_sql_goes_on_with_spark_for_what_sail_answers_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need_java()
    folder = Home(tmp_path).warehouse / "shop.db" / "prices"
    folder.mkdir(parents=True)
    write_deltalake(folder, pa.table({"price": pa.array([2.5, 3.5], pa.float64())}))
    statement = "select approx_percentile(price, 0.5) as middle, rint(min(price)) as least from shop.prices"
    assert in_this_process(monkeypatch, "sql", statement, "--format", "csv", "--home", str(tmp_path)) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == ["middle,least", "2.5,2.0"]
    assert said.err.startswith("on Apache Spark: approx_percentile: ")


@pytest.mark.parametrize(("file", "generated"), [(None, True), ("orders/orders_run00000.csv", False)])
def test_the_demo_generates_a_world_unless_there_are_files(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str | None,
    generated: bool,
) -> None:
    called: list[str] = []
    for module, name in ((generate, "generate"), (run, "run"), (demo, "_show_headlines")):
        monkeypatch.setattr(module, name, lambda *_, name=name, **__: called.append(name))
    monkeypatch.setattr(demo, "_written_report", lambda place: place.path / "report.html")
    raw = Home(tmp_path).raw
    (raw / "orders").mkdir(parents=True)
    if file:
        (raw / file).touch()
    demo.demo(home=tmp_path)
    assert called == [*(["generate"] if generated else []), "run", "_show_headlines"]
    assert capsys.readouterr().out.endswith(f"\n  {(tmp_path / 'report.html').as_uri()}\n")


def test_help_lists_the_commands() -> None:
    done = lakehouse("--help")
    assert done.returncode == 0
    for command in (
        "generate",
        "load-olist",
        "run",
        "sql",
        "quality",
        "tables",
        "workspace",
        "drift",
        "plan-summary",
    ):
        assert command in done.stdout
