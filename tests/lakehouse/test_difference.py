"""`lakehouse diff` over real git histories: each finding is exact."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from common.errors import UserError
from lakehouse.cli import main
from lakehouse.contracts.rendering import CONTRACT_SUFFIX
from lakehouse.difference.collecting import difference
from lakehouse.difference.comparing import compare_table
from lakehouse.difference.kinds import ChangeKind
from lakehouse.difference.project import Project, project_of
from lakehouse.difference.rendering import RENDER
from lakehouse.difference.report import (
    ColumnChange,
    Example,
    Figure,
    QuarantineChange,
    Report,
    RuleChange,
    SchemaChange,
    TableChange,
)
from local.engine.running.opening import opened_session
from local.engine.storage.log import table_path

SPEC = """name: shop
catalog: main
schema: shop
libraries:
  - glob: {include: transformations/**}
"""
ORDERS = """CREATE STREAMING TABLE orders (
  CONSTRAINT priced EXPECT (price >= 0) ON VIOLATION DROP ROW,
  CONSTRAINT placed EXPECT (shop IS NOT NULL)
) AS SELECT id, shop, CAST(price AS DECIMAL(12,3)) AS price
FROM STREAM read_files('/Volumes/main/raw/shop/orders', format => 'csv', header => 'true',
  schema => 'id STRING, shop STRING, price STRING');
"""
SHOPS = """CREATE MATERIALIZED VIEW shops AS SELECT shop, town
FROM read_files('/Volumes/main/raw/shop/shops', format => 'csv', header => 'true',
  schema => 'shop STRING, town STRING');
"""
SALES = """CREATE MATERIALIZED VIEW sales AS
SELECT id, town, CAST(NULL AS STRING) AS region, round(price, 2) AS price FROM orders LEFT JOIN shops USING (shop);
"""
FILES = {"orders.sql": ORDERS, "shops.sql": SHOPS, "sales.sql": SALES}


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.email=test@example.com", "-c", "user.name=Test"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repo")
    (folder / "transformations").mkdir()
    for name, text in FILES.items():
        (folder / "transformations" / name).write_text(text)
    (folder / "shop.yml").write_text(SPEC)
    (folder / ".gitignore").write_text(".cache\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The base")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    for name, text in {
        "orders": "id,shop,price\n1,a,1.004\n2,a,2.006\n3,b,-3\n4,,4\n",
        "shops": "shop,town\na,Santos\nb,Campinas\n",
    }.items():
        (folder / "raw" / "shop" / name).mkdir(parents=True)
        (folder / "raw" / "shop" / name / "1.csv").write_text(text)
    return folder


@pytest.fixture
def change(repo: Path, world: Path) -> Iterator[Callable[..., Report]]:
    """Edits files of the working tree (None deletes one) and gives the report."""

    def changed(**files: str | None) -> Report:
        for name, text in files.items():
            path = repo / "transformations" / f"{name}.sql"
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        return difference(project_of(repo, repo / "shop.yml"), "HEAD", str(world), repo / ".cache", "sail")

    yield changed
    git(repo, "checkout", "-q", "--", ".")
    git(repo, "clean", "-qfd")


def test_a_renamed_column(change: Callable[..., Report]) -> None:
    report = change(sales=SALES.replace("AS price", "AS paid"))
    assert report.tables == [
        TableChange(
            "shop.sales", "changed", (3, 3), ["id"], schema=[SchemaChange("renamed", "paid", "price", "paid")]
        )
    ]
    assert report.found(ChangeKind.SCHEMA)
    assert not report.found(ChangeKind.ROWS)
    assert (report.ran, report.rules, report.failures) == (1, [], [])


def test_a_loosened_rule(change: Callable[..., Report]) -> None:
    report = change(orders=ORDERS.replace("price >= 0", "price >= -5"))
    assert report.tables == [
        TableChange("shop.orders", "changed", (3, 4), ["id"], added=1, examples=["+ id=3"]),
        TableChange(
            "shop.sales",
            "changed",
            (3, 4),
            ["id"],
            added=1,
            examples=["+ id=3"],
            figures=[Figure("sum of price", "7.01", "4.01")],
        ),
    ]
    assert report.rules == [RuleChange("shop.orders", "priced", 1, 0)]
    assert report.quarantine == [QuarantineChange("shop.orders", 1, 0)]


def test_a_rule_that_is_gone_and_one_that_is_new(change: Callable[..., Report]) -> None:
    report = change(orders=ORDERS.replace("placed EXPECT (shop IS NOT NULL)", "dear EXPECT (price > 2)"))
    assert report.tables == []
    assert report.rules == [
        RuleChange("shop.orders", "placed", 1, None),
        RuleChange("shop.orders", "dear", None, 2),
    ]
    assert report.found(ChangeKind.QUALITY)


def test_a_join_that_doubles_rows(change: Callable[..., Report]) -> None:
    twice = SALES.replace("LEFT JOIN shops", "LEFT JOIN (SELECT * FROM shops UNION ALL SELECT * FROM shops)")
    [sales] = change(sales=twice).tables
    assert (sales.added, sales.removed, sales.changed, sales.rows) == (2, 0, 0, (3, 5))
    assert (sales.key, sales.repeated, sales.examples) == (["id"], 2, ["+ id=1", "+ id=2"])


def test_keys_that_repeat_or_are_null_and_lists_are_compared(tmp_path: Path) -> None:
    before = [("a", 1, []), ("a", 1, []), (None, 5, ["x"]), ("b", 2, ["x"]), ("c", 3, None)]
    after = [("a", 1, []), ("a", 1, []), ("a", 1, []), (None, 7, ["x"]), ("b", 2, ["x", "y"])]
    schema = pa.schema({"id": pa.string(), "price": pa.int64(), "tags": pa.list_(pa.string())})
    for side, rows in (("before", before), ("after", after)):
        place = table_path(tmp_path / side, "shop.tagged")
        place.parent.mkdir(parents=True)
        named = [dict(zip(schema.names, row, strict=True)) for row in rows]
        write_deltalake(place, pa.Table.from_pylist(named, schema))
    with opened_session() as (session, _):
        warehouses = (tmp_path / "before", tmp_path / "after")
        assert compare_table(session, "shop.tagged", warehouses, ["id"], with_figures=False) == TableChange(
            "shop.tagged",
            "changed",
            (5, 5),
            ["id"],
            added=1,
            removed=1,
            changed=2,
            columns=[
                ColumnChange("price", 1, [Example("id=null", "5", "7", 2.0)]),
                ColumnChange("tags", 1, [Example("id=b", "['x']", "['x', 'y']")]),
            ],
            examples=["+ id=a", "- id=c"],
        )


def test_examples_of_one_move_go_by_their_keys(tmp_path: Path) -> None:
    """0.1 + 0.2 is a little more than 0.3: no reason to be shown first."""
    for side, values in (("before", [0.0, 0.0, 0.0]), ("after", [0.1 + 0.2, 0.3, 0.5])):
        place = table_path(tmp_path / side, "shop.sums")
        place.parent.mkdir(parents=True)
        write_deltalake(place, pa.table({"id": ["b", "a", "c"], "sum": values}))
    with opened_session() as (session, _):
        warehouses = (tmp_path / "before", tmp_path / "after")
        found = compare_table(session, "shop.sums", warehouses, ["id"], with_figures=False)
    assert [example.key for example in found.columns[0].examples] == ["id=c", "id=a", "id=b"]


TEXTS = pa.list_(pa.string())
POINT = pa.struct({"x": pa.int64(), "y": pa.int64()})


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (TEXTS, ["x"], ["x", None]),
        (TEXTS, [None, "x"], ["x", None]),
        (TEXTS, [], None),
        (POINT, {"x": 1, "y": None}, {"x": None, "y": 1}),
        (POINT, {"x": None, "y": None}, None),
        (pa.list_(POINT), [{"x": 1, "y": 2}], [{"x": 1, "y": 2}, {"x": None, "y": None}]),
        (pa.map_(pa.string(), pa.int64()), [("a", None)], [("a", None), ("b", None)]),
    ],
)
def test_nulls_within_a_value_are_compared(
    tmp_path: Path, kind: pa.DataType, before: Any, after: Any
) -> None:
    for side, value in (("before", before), ("after", after)):
        place = table_path(tmp_path / side, "shop.nested")
        place.parent.mkdir(parents=True)
        columns = {"id": pa.array(["a", "b"]), "value": pa.array([before, value], kind)}
        write_deltalake(place, pa.table(columns))
    with opened_session() as (session, _):
        warehouses = (tmp_path / "before", tmp_path / "after")
        found = compare_table(session, "shop.nested", warehouses, ["id"], with_figures=False)
    assert (found.changed, found.added, found.removed) == (1, 0, 0)
    assert [(one.column, one.rows) for one in found.columns] == [("value", 1)]


def test_a_changed_rounding(change: Callable[..., Report]) -> None:
    report = change(sales=SALES.replace("round(price, 2)", "CAST(floor(price * 100) / 100 AS DECIMAL(12,2))"))
    [sales] = report.tables
    assert (sales.changed, sales.added, sales.removed, sales.schema) == (1, 0, 0, [])
    assert sales.columns == [ColumnChange("price", 1, [Example("id=2", "2.01", "2.00", -0.01)])]
    assert sales.figures == [Figure("sum of price", "7.01", "7.00")]


def test_values_that_come_in_another_column_are_seen(change: Callable[..., Report]) -> None:
    moved = "CAST(NULL AS STRING) AS town, town AS region"
    [sales] = change(sales=SALES.replace("town, CAST(NULL AS STRING) AS region", moved)).tables
    assert {column.column: column.rows for column in sales.columns} == {"town": 2, "region": 2}
    assert sales.columns[1].examples[0] == Example("id=1", "null", "Santos")


def test_a_new_dataset(change: Callable[..., Report]) -> None:
    report = change(towns="CREATE MATERIALIZED VIEW towns AS SELECT DISTINCT town FROM shops;\n")
    assert report.tables == [TableChange("shop.towns", "new", (0, 2))]


def test_a_deleted_dataset(change: Callable[..., Report]) -> None:
    assert change(sales=None).tables == [TableChange("shop.sales", "deleted", (3, 0))]


def test_a_change_that_does_nothing(change: Callable[..., Report]) -> None:
    report = change(sales=f"-- What was sold.\n{SALES}")
    assert (report.nothing, report.ran) == (True, 1)
    assert RENDER["terminal"](report).count("\n") == 1
    assert change(sales=SALES).ran == 0


def test_a_retyped_column_is_compared_by_value(change: Callable[..., Report]) -> None:
    [sales] = change(sales=SALES.replace("round(price, 2) AS price", "CAST(price AS DOUBLE) AS price")).tables
    assert sales.schema == [SchemaChange("retyped", "price", "decimal(12,2)", "double")]
    assert sales.columns[0].rows == 2


def test_an_update_that_fails_is_told(change: Callable[..., Report]) -> None:
    report = change(sales=SALES.replace("round(price, 2)", "round(prise, 2)"))
    assert [table.state for table in report.tables] == ["not written"]
    assert "prise" in report.failures[0]
    assert all(map(report.found, ChangeKind))


def test_the_command_writes_four_forms_and_its_exit_code_says_what_was_asked(
    repo: Path,
    world: Path,
    change: Callable[..., Report],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(sales=SALES.replace("AS price", "AS paid"))

    def said(*options: str) -> tuple[object, str]:
        arguments = ["diff", "HEAD", "--spec", str(repo / "shop.yml"), "--world", str(world), *options]
        monkeypatch.setattr(sys, "argv", ["lakehouse", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, text = said()
    assert (code, text.splitlines()[1:]) == (
        0,
        ["shop.sales: 1 change of schema (3 rows, by id)", "  column price renamed to paid"],
    )
    assert said("--fail-on", "schema", "--format", "markdown")[0] == 2
    code, told = said("--fail-on", "rows", "--format", "json")
    assert (code, json.loads(told)["tables"][0]["table"]) == (0, "shop.sales")
    page = said("--format", "html")[1]
    assert "column price renamed to paid" in page
    files = [repo / ".cache" / name for name in ("diff.html", "diff.md")]
    written = [word for file in files for word in ("--write", str(file))]
    assert said("--format", "json", *written)[0] == 0
    assert [file.read_text() for file in files] == [page, said("--format", "markdown")[1]]
    assert "must end in .md, .json, .html" in str(said("--write", "diff.txt")[0])
    kept = repo / ".cache" / "diff.json"
    assert said("--write", str(kept))[0] == 0
    monkeypatch.setattr("lakehouse.difference.collecting.difference", None)
    assert said("--read", str(kept), "--format", "markdown")[1] == files[1].read_text()
    kept.write_text('{"base": "HEAD", "world": "dirty", "tables": [{"table": 3}]}')
    assert "is no report of `lakehouse diff`: tables.0.table: " in str(said("--read", str(kept))[0])


def test_a_wrong_revision_or_world_is_named(repo: Path, world: Path) -> None:
    with pytest.raises(UserError, match="git knows no nothing"):
        difference(project_of(repo, repo / "shop.yml"), "nothing", str(world), repo / ".cache", "sail")
    with pytest.raises(UserError, match="--world nowhere: name one of clean, dirty"):
        (repo / "transformations" / "new.sql").write_text(
            "CREATE MATERIALIZED VIEW one AS SELECT 1 AS one;\n"
        )
        difference(project_of(repo, repo / "shop.yml"), "HEAD", "nowhere", repo / ".cache", "sail")
    for deeper in (world / "raw", world / "raw" / "shop"):
        holds = f"--world {deeper}: (.* holds none of the volumes .* has raw/shop in it|name one of)"
        with pytest.raises(UserError, match=holds):
            difference(project_of(repo, repo / "shop.yml"), "HEAD", str(deeper), repo / ".cache", "sail")
    (repo / "transformations" / "new.sql").unlink()


def test_a_tightened_rule_of_our_own_pipelines_reaches_quarantine_and_gold(
    repository: Path, tmp_path: Path
) -> None:
    """The whole way: AUTO CDC from the start, the quarantine, the sums of quality, and gold."""
    copytree(repository / "pipelines", tmp_path / "pipelines", ignore=ignore_patterns("__pycache__"))
    copytree(repository / "dashboards", tmp_path / "dashboards")
    (tmp_path / ".gitignore").write_text(".cache\n__pycache__\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "The base")
    rules = tmp_path / "pipelines" / "shared" / "rules.py"
    rules.write_text(
        rules.read_text().replace(
            'at_least("payment_installments", 0)', 'at_least("payment_installments", 1)'
        )
    )
    report = difference(Project(tmp_path), None, "olist", tmp_path / ".cache", "sail", draws=True)
    changed = {change.table: (change.added, change.removed, change.changed) for change in report.tables}
    assert changed["silver.order_payments"] == (0, 1, 0)
    assert changed["utils.quarantine"] == (1, 0, 0)
    assert "gold.payment_methods_evolution" in changed
    assert not {"silver.orders", "gold.publication"} & changed.keys()
    assert QuarantineChange("silver.order_payments", 0, 1) in report.quarantine
    assert RuleChange("order_payments_valid", "valid_payment_installments", 0, 1) in report.rules
    assert report.failures == []
    assert "<svg" in RENDER["html"](report)
    assert {chart.title.partition(":")[0] for chart in report.charts} >= {"Payments"}


def test_a_broken_contract_fails_unless_its_version_is_raised(repository: Path, tmp_path: Path) -> None:
    name = f"gold.seller_quality{CONTRACT_SUFFIX}"
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "catalog.py").write_text("")
    file = tmp_path / "contracts" / name
    file.parent.mkdir()
    before = (repository / "contracts" / name).read_text()
    file.write_text(before)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "The base")

    def report(text: str) -> Report:
        file.write_text(text)
        return difference(Project(tmp_path), None, "clean", tmp_path / ".cache", "sail")

    assert report(before).nothing
    broken = before.replace("physicalType: DOUBLE", "physicalType: FLOAT").replace("mustBe: 0", "mustBe: 1")
    [change] = report(broken).contracts
    assert change.breaking == ["column avg_rating is FLOAT instead of DOUBLE"]
    assert report(broken).breaks
    assert "raise the first number of its version" in RENDER["terminal"](report(broken))
    assert not report(broken.replace("version: 1.0.0", "version: 2.0.0")).breaks
    assert report(broken.replace("version: 1.0.0", "version: 1.1.0")).breaks
