"""A rebuild: what it takes along, in its order, and that nothing else resets a streaming table."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from common.errors import UserError
from lakehouse.cli import app
from lakehouse.main_job import specs_of
from lakehouse.rebuilding import steps_of
from local.engine.planning.record import read_record
from local.engine.running.update import run_update
from local.engine.storage.delta import open_table
from local.engine.storage.lock import locked
from local.engine.storage.log import table_path
from pipelines.catalog import PIPELINES
from pipelines.lineage import SOURCES
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lakehouse(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return worlds.copy("dirty", tmp_path_factory.mktemp("world"))


def test_the_lineage_is_what_an_update_has_read(lakehouse: Lakehouse) -> None:
    read = {
        table: set(ran.tables)
        for pipeline in PIPELINES
        for table, ran in read_record(lakehouse.home, pipeline.name).tables.items()
    }
    # Silver reads bronze by a view.
    assert {table: sources & SOURCES.keys() for table, sources in read.items()} == {
        table: set(sources) for table, sources in SOURCES.items()
    }


@pytest.mark.parametrize("start", ["bronze", "silver", "gold"])
def test_a_rebuild_gives_the_same_tables_and_writes_each_after_what_it_reads(
    lakehouse: Lakehouse, start: str
) -> None:
    before = lakehouse.contents()
    written = lakehouse.rebuild(start)
    assert lakehouse.contents() == before
    for place, name in enumerate(written):
        assert not set(SOURCES[name]) & set(written[place:])
    assert ("bronze.orders" in written) == (start == "bronze")
    assert ("silver.orders" in written) == (start != "gold")
    assert {"gold.publication", "gold.seller_quality"} <= set(written)
    if start != "gold":
        # Nothing is left behind that read what is gone: the next run goes on. Gold has no stream that could.
        lakehouse.generate(orders=20)
        lakehouse.run()


def test_files_that_were_restored_with_other_times_give_the_same_tables(lakehouse: Lakehouse) -> None:
    """Of an order with several statuses the latest delivery's stays, though its file is now the oldest."""
    before = lakehouse.contents()
    replaced = {row["dataset"]: row["replaced_records"] for row in lakehouse.rows("utils.reconciliation")}
    assert replaced["silver.orders"] > 0
    for hours, file in enumerate(sorted(lakehouse.home.raw.rglob("*.csv"), key=lambda file: file.name)):
        modified = file.stat().st_mtime - 3600 * hours
        os.utime(file, (modified, modified))
    lakehouse.rebuild("bronze")
    after = lakehouse.contents()
    assert after["bronze.orders"] != before["bronze.orders"]
    assert {name: rows for name, rows in after.items() if not name.startswith("bronze.")} == {
        name: rows for name, rows in before.items() if not name.startswith("bronze.")
    }


def test_a_table_takes_along_what_is_made_from_it_and_no_more(lakehouse: Lakehouse) -> None:
    written = lakehouse.rebuild(select=("silver.sellers",))
    assert set(written) == {
        "privacy.erasures",
        "silver.sellers",
        "utils.judgements",
        "utils.quarantine",
        "utils.reconciliation",
        "utils.event_judgements",
        "utils.expectation_results",
        "utils.verdict",
        "utils.event_verdict",
        "gold.publication",
        "gold.seller_quality",
    }


def test_gold_is_rebuilt_only_when_the_gate_lets_it(lakehouse: Lakehouse) -> None:
    tables = [name for step in steps_of("gold", ()) for name in step.tables]
    assert tables[:2] == ["utils.verdict", "utils.event_verdict"] and "bronze.orders" not in tables
    sums = open_table(table_path(lakehouse.home.warehouse, "utils.reconciliation"))
    assert sums
    version, versions = sums.version(), lakehouse.versions()
    sums.update({"silver_records": "silver_records + 1"})
    with pytest.raises(UserError, match="rows_reconcile"):
        lakehouse.rebuild("gold")
    sums.restore(version)
    assert {name: one for name, one in lakehouse.versions().items() if name.startswith("gold.")} == {
        name: one for name, one in versions.items() if name.startswith("gold.")
    }
    assert "gold.publication" in lakehouse.rebuild("gold")


def test_nothing_but_a_rebuild_resets_a_streaming_table(lakehouse: Lakehouse) -> None:
    with pytest.raises(UserError, match=r"lakehouse rebuild --select bronze\.sellers"):
        lakehouse.run(full_refresh=True, select=("bronze.sellers",))
    [spec] = specs_of(lakehouse.home, ["medallion"])
    before = lakehouse.versions()
    with locked(lakehouse.home, "a test"):
        with pytest.raises(UserError, match=r"bronze\.sellers cannot be refreshed in full: its property"):
            run_update(spec, lakehouse.home, full_refresh_select=["bronze.sellers"])
        run_update(spec, lakehouse.home, full_refresh=True)
    after = lakehouse.versions()
    moved = {name for name, version in after.items() if version != before[name]}
    assert moved == {"silver.geolocation", "silver.orders_enriched"}


def test_where_nothing_has_run_a_rebuild_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"none of these tables is in {tmp_path}: `lakehouse run` writes"):
        Lakehouse(tmp_path).rebuild("silver")


def test_the_command_says_first_what_a_rebuild_takes_along(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["rebuild", "--from", "bronze", "--select", "cdc.sellers", "--plan", "--home", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output
    told = result.output.splitlines()
    assert told[:3] == [
        "a rebuild resets, in this order:",
        "  privacy: privacy.erasures",
        "  cdc: cdc.sellers_changes, cdc.sellers, cdc.sellers_history",
    ]
    # An event is among the changes or in quarantine, by the same rules.
    quarantine, *views = told[3].removeprefix("  quality: ").split(", ")
    assert quarantine == "utils.quarantine"
    assert views == ["utils.reconciliation", "utils.event_judgements", "utils.expectation_results"]
    assert "all files are read again by cdc.sellers_changes, utils.quarantine" in told[-1]
