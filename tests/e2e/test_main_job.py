"""The main job on a dirty world, over two runs of the generator, against the oracle."""

import json
from pathlib import Path

import pytest

from lakehouse.lineage.column_lineage import ColumnLineage
from local.engine.lineage.traced_values import ColumnOrigin
from pipelines.lineage import SOURCES
from pipelines.schemas import TABLES
from tests.e2e.checks import (
    assert_cdc,
    assert_every_injected_row_is_caught,
    assert_every_row_is_somewhere,
    assert_medallion,
)
from tests.e2e.column_lineage import COLUMNS, ROWS
from tests.e2e.lakehouses import Lakehouse

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lakehouse(tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    """After the first run of generator and pipelines; a run before it was killed in the middle."""
    first = Lakehouse(tmp_path_factory.mktemp("world"))
    first.generate(orders=150, dirty=0.05)
    first.kill_a_run()
    first.run()
    return first


def test_first_run_holds_what_the_files_say(lakehouse: Lakehouse) -> None:
    assert set(lakehouse.versions()) == {table.name for table in TABLES}
    assert_medallion(lakehouse)
    assert_cdc(lakehouse)
    assert_every_row_is_somewhere(lakehouse)


def test_the_run_has_told_where_each_column_comes_from(lakehouse: Lakehouse) -> None:
    lineage = ColumnLineage.of(lakehouse.home)
    columns = {(table.name, column) for table in TABLES for column in table.column_names}
    assert columns <= {(name, column) for name, one in lineage.tables.items() for column in one.columns}
    assert {name: one.untold for name, one in lineage.tables.items() if one.untold} == {}
    read = {
        name: {source for source in one.sources if "/" not in source} for name, one in lineage.tables.items()
    }
    assert read == {name: set(sources) for name, sources in SOURCES.items()}


def test_a_column_comes_from_where_its_code_says(lakehouse: Lakehouse) -> None:
    lineage = ColumnLineage.of(lakehouse.home)

    def found(table: str, column: str) -> dict[str, set[str]]:
        uses = lineage.feeding(ColumnOrigin(table, column))
        return {f"{use.source.dataset}.{use.source.column}": set(use.subtypes) for use in uses}

    asked = {name: name.rpartition(".") for name in COLUMNS}
    assert {name: found(table, column) for name, (table, _, column) in asked.items()} == COLUMNS
    assert {table: found(table, "") for table in ROWS} == ROWS


def test_each_injected_row_is_caught_by_the_expectations_that_its_entry_in_the_manifest_names(
    lakehouse: Lakehouse,
) -> None:
    assert_every_injected_row_is_caught(lakehouse)


def test_every_table_and_column_carries_its_comment(lakehouse: Lakehouse) -> None:
    for table in TABLES:
        log = lakehouse.home.warehouse / f"{table.name.replace('.', '.db/')}" / "_delta_log"
        metadata = [
            json.loads(line)["metaData"]
            for commit in sorted(log.glob("*.json"))
            for line in commit.read_text().splitlines()
            if line.startswith('{"metaData"')
        ][-1]
        comments = {
            f["name"]: f["metadata"].get("comment") for f in json.loads(metadata["schemaString"])["fields"]
        }
        assert metadata["description"] == table.comment
        assert comments == {column.name: column.comment for column in table.columns}


def test_no_column_holds_what_a_person_can_be_known_by_unless_it_is_marked(lakehouse: Lakehouse) -> None:
    customers = lakehouse.rows("bronze.customers")
    names = ("customer_unique_id", "customer_name", "customer_email", "customer_phone")
    persons = {str(row[name]).strip().lower() for row in customers for name in names if row[name]}
    persons |= {
        str(row[name]).strip().lower()
        for row in lakehouse.rows("bronze.order_reviews")
        for name in ("review_comment_title", "review_comment_message")
        # A title may be one word, such as the name of a segment.
        if len(row[name] or "") > 20
    }
    assert len(persons) > 100
    for table in TABLES:
        marked = {column.name for column in table.columns if column.pii}
        for row in lakehouse.rows(table.name):
            told = {name: str(value).lower() for name, value in row.items() if name not in marked}
            assert not {name for name, text in told.items() if text in persons or "@" in text}, table.name


def test_new_files_are_added_to_what_is_there(lakehouse: Lakehouse) -> None:
    lakehouse.generate(orders=100, dirty=0.05)
    lakehouse.run()
    assert_medallion(lakehouse)
    assert_cdc(lakehouse)
    assert_every_row_is_somewhere(lakehouse)
    assert_every_injected_row_is_caught(lakehouse)


def test_a_run_without_new_files_and_a_full_refresh_change_nothing(lakehouse: Lakehouse) -> None:
    before = lakehouse.contents()
    events = lakehouse.run()
    assert all(event.rows is None for event in events if event.dataset.startswith("bronze."))
    assert lakehouse.contents() == before
    lakehouse.run(full_refresh=True)
    assert lakehouse.contents() == before


def test_no_pipeline_of_ours_ever_went_to_spark(lakehouse: Lakehouse) -> None:
    assert lakehouse.engines == {"sail"}


def test_raw_files_are_never_touched(lakehouse: Lakehouse, tmp_path: Path) -> None:
    again = Lakehouse(tmp_path)
    again.generate(orders=150, dirty=0.05)
    again.generate(orders=100, dirty=0.05)
    for folder in ("raw/olist", "cdc/cdc_volume"):
        mine = {
            f.relative_to(lakehouse.home.volumes): f for f in (lakehouse.home.volumes / folder).rglob("*.*")
        }
        same = {f.relative_to(again.home.volumes): f for f in (again.home.volumes / folder).rglob("*.*")}
        assert mine.keys() == same.keys()
        data = [
            name
            for name in mine
            if mine[name].suffix in (".csv", ".jsonl") and "_generator" not in name.parts
        ]
        assert all(mine[name].read_bytes() == same[name].read_bytes() for name in data)
