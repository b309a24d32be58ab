"""Silver, quarantine and gold of a small dirty world, made in one batch by the transforms, and the oracle's.

The engine's own way to the same tables (streams, AUTO CDC) is compared with the oracle in tests/e2e.
"""

import os
import shutil
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from pipelines.gold.customer_segment_counts import segment_counts
from pipelines.gold.customer_segments import as_of_date, segments, spending
from pipelines.gold.logistics_efficiency import deliveries
from pipelines.gold.payment_methods_evolution import payments_by_week
from pipelines.gold.sales_performance import sales
from pipelines.gold.seller_quality import quality_rank, ratings, sold_orders
from pipelines.medallion.silver.geolocation import places
from pipelines.medallion.silver.orders_enriched import with_place, with_totals
from pipelines.schemas import bronze, silver
from pipelines.schemas.model import Table
from pipelines.shared.cleaning import CLEANERS
from pipelines.shared.rejects import rejected, with_record
from pipelines.shared.row_versions import HIDDEN_COLUMNS, VERSION_COLUMNS, versioned
from pipelines.shared.rules import SILVER_RULES
from tests import oracle
from tests.oracle.raw import read_csv
from tests.pipelines.frames import frame

SAMPLE = Path(__file__).parents[1] / "data" / "olist"
DIRT = Path(__file__).parents[1] / "data" / "dirt"


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as first files, and a later file of each dataset with new versions, duplicates and dirt."""
    root = tmp_path_factory.mktemp("raw")
    for table in bronze.TABLES:
        name = table.short_name
        folder = root / name
        folder.mkdir()
        source = f"olist_{name}_dataset.csv"
        for modified, path in enumerate((SAMPLE / source, DIRT / f"{name}.csv"), start=1_600_000_000):
            copied = folder / f"{'first' if path.parent == SAMPLE else 'later'}.csv"
            shutil.copyfile(path, copied)
            os.utime(copied, (modified, modified))
    return root


@pytest.fixture(scope="module")
def tables(spark: SparkSession, raw: Path) -> dict[str, pa.Table]:
    """Every silver and gold table, and quarantine, computed layer by layer."""
    read = {table.short_name: read_bronze(spark, table, raw) for table in bronze.TABLES}
    layer = Layer(spark)
    for name, rows in read.items():
        valid = valid_rows(name, rows)
        layer.keep(f"silver.{name}", places(valid) if name == "geolocation" else latest(name, valid))
    customers, orders, items = layer["silver.customers"], layer["silver.orders"], layer["silver.order_items"]
    payments, reviews = layer["silver.order_payments"], layer["silver.order_reviews"]
    located = with_place(orders, customers, layer["silver.geolocation"])
    layer.keep("silver.orders_enriched", with_totals(located, items, payments, reviews))
    enriched = layer["silver.orders_enriched"]
    people = segments(spending(enriched, customers), as_of_date(enriched, "2019-01-01"))
    sellers = ratings(layer["silver.sellers"], sold_orders(items, orders), reviews)
    layer.keep("gold.sales_performance", sales(enriched, items, layer["silver.products"]))
    layer.keep("gold.customer_segments", people)
    layer.keep("gold.customer_segment_counts", segment_counts(layer["gold.customer_segments"]))
    layer.keep("gold.logistics_efficiency", deliveries(enriched))
    layer.keep("gold.payment_methods_evolution", payments_by_week(payments, orders))
    layer.keep("gold.seller_quality", sellers.withColumn("quality_rank", quality_rank()))
    layer.keep("quarantine", reduce(DataFrame.union, [quarantine(n, rows) for n, rows in read.items()]))
    return layer.tables


class Layer:
    """Tables computed once: what builds on one starts from its rows, not from its query."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self.tables: dict[str, pa.Table] = {}

    def keep(self, name: str, rows: DataFrame) -> None:
        self.tables[name] = rows.toArrow()

    def __getitem__(self, name: str) -> DataFrame:
        return self.spark.createDataFrame(self.tables[name])


def read_bronze(spark: SparkSession, table: Table, raw: Path) -> DataFrame:
    rows: list[dict[str, Any]] = []
    for row in read_csv(raw / table.short_name):
        known = {name: value or None for name, value in row.values.items() if name in table.source_columns}
        line = "the line" if row.corrupt else None
        rows.append(known | {"_source_file": row.version[-1], "_corrupt_record": line})
    modified = F.when(F.col("_source_file").contains("first"), F.timestamp_seconds(F.lit(1_600_000_000)))
    later = modified.otherwise(F.timestamp_seconds(F.lit(1_600_000_001)))
    return frame(spark, table, *rows).withColumn("_file_modified_at", later)


def valid_rows(name: str, rows: DataFrame) -> DataFrame:
    return CLEANERS[name](rows).where(" AND ".join(f"({rule})" for rule in SILVER_RULES[name].drop.values()))


def latest(name: str, rows: DataFrame) -> DataFrame:
    table = next(table for table in silver.TABLES if table.short_name == name)
    newest_first = Window.partitionBy(*table.keys).orderBy(*[F.desc(name) for name in VERSION_COLUMNS])
    ranked = versioned(rows, table).withColumn("_rank", F.row_number().over(newest_first))
    return ranked.where("_rank = 1").drop("_rank", *HIDDEN_COLUMNS)


def quarantine(name: str, rows: DataFrame) -> DataFrame:
    source = next(table for table in bronze.TABLES if table.short_name == name)
    return rejected(CLEANERS[name](with_record(rows, source)), f"silver.{name}", SILVER_RULES[name].drop)


def test_silver_is_what_the_oracle_says(raw: Path, tables: dict[str, pa.Table]) -> None:
    expected, _ = oracle.silver(raw)
    assert len(expected) == 9
    for name, rows in expected.items():
        assert rows, name
        oracle.assert_same(tables[name], rows)


def test_quarantine_holds_the_rows_and_reasons_that_the_oracle_says(
    raw: Path, tables: dict[str, pa.Table]
) -> None:
    _, expected = oracle.silver(raw)
    found = oracle.rows_of(tables["quarantine"])
    for dataset, reasons in expected.items():
        broken = {rule for rules in reasons for rule in rules if len(rules) == 1}
        assert broken == set(SILVER_RULES[dataset.removeprefix("silver.")].drop), (
            "there is dirt for every rule"
        )
        rejects = [tuple(row["failed_expectations"]) for row in found if row["dataset"] == dataset]
        assert sorted(rejects) == sorted(reasons.elements())


def test_gold_is_what_the_oracle_says(raw: Path, tables: dict[str, pa.Table]) -> None:
    expected_silver, _ = oracle.silver(raw)
    expected = oracle.gold(expected_silver, date(2019, 1, 1))
    assert len(expected) == 6
    for name, rows in expected.items():
        assert rows, name
        oracle.assert_same(tables[name], rows)
