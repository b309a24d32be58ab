"""What the dataset files declare, and that they are plain Lakeflow code that runs anywhere."""

import builtins
import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from pyspark.pipelines.output import MaterializedView, StreamingTable, Table
from pyspark.sql import SparkSession
from pyspark.sql.connect.client import SparkConnectClient
from pyspark.sql.connect.dataframe import DataFrame

from pipelines import schemas
from pipelines.catalog import GATE, QUALITY, VOLUMES
from pipelines.lineage import FROM_FILES, STREAMING_TABLES
from pipelines.schemas.privacy import id_columns
from pipelines.shared.erasure import NOT_ERASED
from pipelines.shared.rules import BRONZE_RULES, BY_SCHEMA, CDC_RULES, GOLD_RULES, SILVER_RULES
from tests.pipelines.recorder import DATASET_FILES, ROOT, Declared

TABLES = {table.name: table for table in schemas.TABLES}

each_file = pytest.mark.parametrize("path", DATASET_FILES, ids=lambda path: f"{path.parent.name}.{path.stem}")


def table_name(path: Path) -> str:
    folder = path.parent.name
    schema = {QUALITY.name: "utils", GATE.name: "utils"}.get(folder, folder)
    return f"{schema}.{path.stem}"


def test_every_table_of_the_contract_has_a_file() -> None:
    names = [table_name(path) for path in DATASET_FILES]
    assert sorted(names) == sorted(TABLES)
    schemas_of = [name.split(".")[0] for name in names]
    assert {schema: schemas_of.count(schema) for schema in set(schemas_of)} == {
        "bronze": 8,
        "silver": 9,
        "gold": 7,
        "cdc": 9,
        "utils": 7,
        "privacy": 1,
    }


@each_file
def test_a_file_declares_the_table_of_its_name(path: Path, declared: dict[Path, Declared]) -> None:
    (output,) = declared[path].tables
    table = TABLES[table_name(path)]
    assert isinstance(output, Table)
    assert (output.name, output.comment, output.schema) == (table.name, table.comment, table.schema)
    assert set(output.cluster_by or ()) <= set(table.column_names)
    assert output.table_properties["quality"]
    materialized = path.parent.name in {"gold", "quality", "gate", "privacy"} or path.stem in {
        "geolocation",
        "orders_enriched",
    }
    streamed = path.stem in {"quarantine", "judgements"} or path.parent.name == "bronze"
    assert isinstance(output, MaterializedView if materialized and not streamed else StreamingTable)


def test_no_streaming_table_is_reset_by_chance(declared: dict[Path, Declared]) -> None:
    streaming = [
        table for each in declared.values() for table in each.tables if isinstance(table, StreamingTable)
    ]
    assert sorted(table.name for table in streaming) == sorted(STREAMING_TABLES)
    assert {table.table_properties["pipelines.reset.allowed"] for table in streaming} == {"false"}
    assert {table.table_properties["delta.enableRowTracking"] for table in streaming} == {"true"}


def test_deleted_rows_are_remembered_as_long_as_an_older_event_may_come_again(
    declared: dict[Path, Declared],
) -> None:
    name = "pipelines.cdc.tombstoneGCThresholdInSeconds"
    tables = {table.name: table for each in declared.values() for table in each.tables}
    deleting = {f["target"] for d in declared.values() for f in d.cdc_flows if "apply_as_deletes" in f}
    kept = {each for each, table in tables.items() if name in table.table_properties}
    assert kept == deleting
    assert {tables[each].table_properties[name] for each in kept} == {str(3650 * 86_400)}


@each_file
def test_a_file_declares_the_expectations_of_its_table(path: Path, declared: dict[Path, Declared]) -> None:
    schema, name = table_name(path).split(".")
    rules = BY_SCHEMA[schema].get(name)
    wanted = {} if rules is None else {"warn": rules.warn, "drop": rules.drop, "fail": rules.fail}
    if table_name(path) in FROM_FILES and id_columns(TABLES[table_name(path)]):
        wanted["drop"] = NOT_ERASED | wanted["drop"]
    assert declared[path].expectations == {action: rules for action, rules in wanted.items() if rules}


def test_each_layer_has_its_own_kind_of_expectation() -> None:
    assert all(rules.warn and not rules.drop and not rules.fail for rules in BRONZE_RULES.values())
    assert all(
        rules.drop and not rules.fail for name, rules in SILVER_RULES.items() if name != "orders_enriched"
    )
    assert all(rules.fail and not rules.warn and not rules.drop for rules in GOLD_RULES.values())
    assert set(GOLD_RULES) == {table.short_name for table in schemas.gold.TABLES}
    assert set(SILVER_RULES) == {table.short_name for table in schemas.silver.TABLES}


def test_keyed_silver_tables_keep_the_latest_delivery_s_row(declared: dict[Path, Declared]) -> None:
    flows = {
        f["target"]: f for d in declared.values() for f in d.cdc_flows if f["target"].startswith("silver")
    }
    assert len(flows) == 7
    for target, flow in flows.items():
        assert flow["source"] == f"{TABLES[target].short_name}_valid"
        assert flow["keys"] == list(TABLES[target].keys)
        assert flow["stored_as_scd_type"] == 1


def test_change_events_feed_current_rows_and_history(declared: dict[Path, Declared]) -> None:
    flows = {f["target"]: f for d in declared.values() for f in d.cdc_flows if f["target"].startswith("cdc")}
    assert len(flows) == 6
    for target, flow in flows.items():
        entity = target.removeprefix("cdc.").removesuffix("_history")
        # Of a table of which an erasure deletes rows.
        assert flow["source"] == ("customers_events" if entity == "customers" else f"cdc.{entity}_changes")
        assert flow["keys"] == list(TABLES[f"silver.{entity}"].keys)
        left = set(TABLES[f"cdc.{entity}_changes"].column_names) - set(flow["except_column_list"])
        assert left == set(TABLES[target].column_names) - {"__START_AT", "__END_AT"}
        assert flow["stored_as_scd_type"] == (2 if target.endswith("_history") else 1)
        assert (flow.get("track_history_except_column_list") == ["change_timestamp"]) == target.endswith(
            "history"
        )


def test_every_drop_rule_has_a_flow_into_quarantine(declared: dict[Path, Declared]) -> None:
    flows = declared[ROOT / "pipelines/quality/quarantine.py"].flows
    assert {flow.target for flow in flows} == {"utils.quarantine"}
    dropping = [name for layer in (SILVER_RULES, CDC_RULES) for name, rules in layer.items() if rules.drop]
    assert sorted(flow.name for flow in flows) == sorted(f"quarantine_{name}" for name in dropping)


@pytest.fixture
def no_analysis(spark: SparkSession) -> Iterator[None]:
    """The session as the global `spark`, refusing to analyze or run anything."""
    for volume in VOLUMES:
        spark.conf.set(volume.setting, f"/Volumes/c/{volume.schema}/{volume.name}")
    refused = AssertionError("a query function may only describe its rows")
    with (
        patch.object(builtins, "spark", spark, create=True),
        patch.object(SparkConnectClient, "_analyze", side_effect=refused),
        patch.object(SparkConnectClient, "execute_command", side_effect=refused),
        patch.object(SparkConnectClient, "to_table", side_effect=refused),
    ):
        yield


@each_file
def test_query_functions_only_describe_their_rows(
    path: Path, declared: dict[Path, Declared], no_analysis: None
) -> None:
    assert declared[path].flows or declared[path].cdc_flows
    for flow in declared[path].flows:
        assert isinstance(flow.func(), DataFrame)


def test_pipeline_code_knows_nothing_of_where_it_runs() -> None:
    elsewhere = "common|local|lakehouse|generator|infra|tests|delta|os"
    forbidden = rf"\b(import|from) ({elsewhere})\b|environ\b|spark_catalog|/Volumes/"
    for path in (ROOT / "pipelines").rglob("*.py"):
        assert not re.search(forbidden, path.read_text(encoding="utf-8")), path


def test_only_bronze_asks_for_the_time() -> None:
    asking = [
        path.name
        for path in (ROOT / "pipelines").rglob("*.py")
        if path.parent.name != "erasing"
        and re.search(r"current_|\bnow\(|\.today\(", path.read_text(encoding="utf-8"))
    ]
    assert asking == ["sources.py"]
