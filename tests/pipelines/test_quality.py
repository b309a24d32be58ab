"""What the quality pipeline knows: the reasons of rejected rows, counts of every rule, the sums."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest.mock import patch

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.catalog import MAX_QUARANTINED_SHARE
from pipelines.quality import expectation_results, reconciliation
from pipelines.schemas import bronze, silver, utils
from pipelines.shared.cleaning import clean_orders
from pipelines.shared.rejects import rejected, with_record
from pipelines.shared.rule_versions import rules_version
from pipelines.shared.rules import SILVER_RULES, VERDICT_RULES
from tests.oracle import rows_of
from tests.pipelines.frames import A, B, C, frame

NOW = datetime(2026, 1, 2)


def test_a_rejected_row_stands_in_quarantine_as_it_was_with_every_reason(spark: SparkSession) -> None:
    lineage = {"_source_file": "f.csv", "_ingested_at": NOW}
    raw = [
        {
            "order_id": A,
            "customer_id": B,
            "order_status": "created",
            "order_purchase_timestamp": "2018-01-01",
        },
        {
            "order_id": " ABC",
            "customer_id": B,
            "order_status": "Lost",
            "order_purchase_timestamp": "2018-01-01",
        },
        {"_corrupt_record": "a;b"},
    ]
    bronze_rows = frame(spark, bronze.ORDERS, *(row | lineage for row in raw))
    found = rejected(
        clean_orders(with_record(bronze_rows, bronze.ORDERS)), "silver.orders", SILVER_RULES["orders"].drop
    )
    assert found.columns == utils.QUARANTINE.column_names
    broken, malformed = rows_of(found)
    assert (broken["dataset"], broken["_source_file"], broken["_ingested_at"]) == (
        "silver.orders",
        "f.csv",
        NOW,
    )
    assert broken["failed_expectations"] == ["valid_order_id", "valid_order_status"]
    nothing = dict.fromkeys([*bronze.ORDERS.source_columns, "_rescued_data", "_corrupt_record"])
    assert json.loads(broken["record"]) == nothing | raw[1]
    assert malformed["failed_expectations"] == list(SILVER_RULES["orders"].drop)
    assert json.loads(malformed["record"]) == nothing | raw[2]


def nothing_outdated(spark: SparkSession) -> DataFrame:
    return reconciliation.outdated(frame(spark, utils.JUDGEMENTS))


def test_rows_that_other_rules_have_judged_are_counted(spark: SparkSession) -> None:
    today = rules_version("orders")
    judged = [
        {"dataset": f"silver.{name}", "rules_version": version}
        for name, version in (
            ("orders", today),
            ("orders", "old"),
            ("orders", "older"),
            ("sellers", rules_version("sellers")),
        )
    ]
    found = rows_of(reconciliation.outdated(frame(spark, utils.JUDGEMENTS, *judged)))
    assert {row["dataset"]: row["outdated"] for row in found} == {"silver.orders": 2}


def quarantined(spark: SparkSession, *rows: tuple[str, list[str]]) -> DataFrame:
    found = [{"dataset": dataset, "failed_expectations": reasons} for dataset, reasons in rows]
    return frame(spark, utils.QUARANTINE, *found)


def test_results_count_each_rule_over_its_table_and_the_quarantine(spark: SparkSession) -> None:
    orders = spark.createDataFrame([(A,), (None,), (None,)], "order_id STRING")
    changes = spark.createDataFrame([(1,), (2,)], "sequence_number BIGINT")
    results = expectation_results.results_of(
        orders,
        expectation_results.watched("bronze.orders", "warn", {"order_id_present": "order_id IS NOT NULL"})
        + expectation_results.dropped("silver.orders", {"valid_order_id": "", "valid_status": ""}),
    ).union(
        expectation_results.results_of(
            changes,
            expectation_results.watched("cdc.x_changes", "warn", {"small": "sequence_number < 2"})
            + expectation_results.dropped("cdc.x_changes", {"valid_operation": ""}),
        )
    )
    quarantine = quarantined(
        spark,
        ("silver.orders", ["valid_order_id", "valid_status"]),
        ("silver.orders", ["valid_order_id"]),
        ("cdc.x_changes", ["valid_operation"]),
    )
    found = expectation_results.with_quarantine(results, quarantine)
    assert found.columns == utils.EXPECTATION_RESULTS.column_names
    assert {tuple(row.values()) for row in rows_of(found)} == {
        ("bronze.orders", "order_id_present", "warn", 1, 2),
        ("silver.orders", "valid_order_id", "drop", 1, 2),
        ("silver.orders", "valid_status", "drop", 2, 1),
        ("cdc.x_changes", "small", "warn", 1, 1),
        # Two events were kept and one was rejected.
        ("cdc.x_changes", "valid_operation", "drop", 2, 1),
    }


ORDER = {"customer_id": B, "order_status": "created", "order_purchase_timestamp": "2018-01-01"}
PLACE = {
    "geolocation_zip_code_prefix": "01037",
    "geolocation_city": "sao paulo",
    "geolocation_state": "SP",
    "geolocation_lng": "-46",
}


def orders_read(spark: SparkSession) -> DataFrame:
    """Five rows: two of one order (by its cleaned id), one of another, two rejected."""
    rows = [ORDER | {"order_id": order_id, "_ingested_at": NOW} for order_id in (A, f" {A.upper()}", B, None)]
    late = ORDER | {"order_id": A, "order_status": "lost"}
    return reconciliation.read_records(frame(spark, bronze.ORDERS, *rows, late), silver.ORDERS)


def test_replaced_are_the_valid_rows_of_bronze_but_one_a_key(spark: SparkSession) -> None:
    samples = [PLACE | {"geolocation_lat": latitude} for latitude in ("-23", "-23", "-24", "91")]
    elsewhere = PLACE | {"geolocation_lat": "-23", "geolocation_city": "osasco"}
    places = reconciliation.read_records(
        frame(spark, bronze.GEOLOCATION, *samples, elsewhere), silver.GEOLOCATION
    )
    items = [
        {
            "order_id": A,
            "order_item_id": number,
            "product_id": B,
            "seller_id": C,
            "price": "1",
            "freight_value": "1",
        }
        for number in ("1", "01", "2")
    ]
    of_items = reconciliation.read_records(frame(spark, bronze.ORDER_ITEMS, *items), silver.ORDER_ITEMS)
    found = orders_read(spark).union(places).union(of_items)
    assert {tuple(row.values()) for row in rows_of(found)} == {
        ("silver.orders", 5, 1, NOW),
        ("silver.geolocation", 5, 2, None),
        ("silver.order_items", 3, 1, None),
    }


@pytest.mark.parametrize(
    ("kept", "rejected", "holds"),
    [
        ([A, B], 2, True),
        ([A], 2, False),
        ([A, B, B], 2, False),
        ([A, B], 1, False),
        ([A, B], 3, False),
    ],
    ids=["every row once", "lost in silver", "twice in silver", "lost in quarantine", "twice in quarantine"],
)
def test_the_gate_fails_when_a_row_is_lost_or_multiplied(
    spark: SparkSession, kept: list[str], rejected: int, holds: bool
) -> None:
    orders = frame(spark, silver.ORDERS, *({"order_id": order_id} for order_id in kept))
    found = reconciliation.reconcile(
        orders_read(spark),
        reconciliation.kept_records(orders, silver.ORDERS),
        quarantined(spark, *[("silver.orders", ["x"])] * rejected),
        nothing_outdated(spark),
        1.0,
    )
    predicates = {name: F.expr(predicate) for name, predicate in VERDICT_RULES.fail.items()}
    (row,) = rows_of(found.withColumns(predicates))
    assert (row["rows_reconcile"], row["quarantine_within_limit"]) == (holds, True)


def test_reconciliation_counts_what_was_rejected(spark: SparkSession) -> None:
    read = spark.createDataFrame(
        [("silver.orders", 10, 3, NOW), ("silver.sellers", 4, 0, NOW), ("silver.products", 0, 0, None)],
        "dataset STRING, bronze_records BIGINT, replaced_records BIGINT, read_until TIMESTAMP",
    )
    kept = spark.createDataFrame(
        [("silver.orders", 6), ("silver.sellers", 4), ("silver.products", 0)],
        "dataset STRING, silver_records BIGINT",
    )
    found = reconciliation.reconcile(
        read, kept, quarantined(spark, ("silver.orders", ["x"])), nothing_outdated(spark), 0.25
    )
    assert found.columns == utils.RECONCILIATION.column_names
    assert {tuple(row.values()) for row in rows_of(found)} == {
        ("silver.orders", 10, 1, 6, 3, 0.1, 0.25, 0, NOW),
        ("silver.sellers", 4, 0, 4, 0, 0.0, 0.25, 0, NOW),
        ("silver.products", 0, 0, 0, 0, 0.0, 0.25, 0, None),
    }


@pytest.fixture
def configured(spark: SparkSession) -> Iterator[SparkSession]:
    with patch.object(reconciliation, "spark", spark, create=True):
        yield spark
    spark.conf.unset(MAX_QUARANTINED_SHARE)


def test_the_limit_is_configured_and_a_wrong_one_is_named(configured: SparkSession) -> None:
    assert reconciliation.max_quarantined_share() == 1.0
    configured.conf.set(MAX_QUARANTINED_SHARE, "0.05")
    assert reconciliation.max_quarantined_share() == 0.05
    configured.conf.set(MAX_QUARANTINED_SHARE, "5%")
    with pytest.raises(ValueError, match=r"olist\.max_quarantined_share is '5%': write a number from 0 to 1"):
        reconciliation.max_quarantined_share()


def test_versions_are_no_columns_of_silver() -> None:
    names: list[Any] = [name for table in silver.TABLES for name in table.column_names]
    assert not [name for name in names if name.startswith("_")]
