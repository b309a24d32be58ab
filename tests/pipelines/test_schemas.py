"""The tables as data: complete, and true to what the transforms make."""

import re
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from generator import spec
from pipelines import schemas
from pipelines.gold.customer_segment_counts import segment_counts
from pipelines.gold.customer_segments import as_of_date, segments, spending
from pipelines.gold.logistics_efficiency import deliveries
from pipelines.gold.payment_methods_evolution import payments_by_week
from pipelines.gold.publication import published
from pipelines.gold.sales_performance import sales
from pipelines.gold.seller_quality import quality_rank, ratings, sold_orders
from pipelines.medallion.silver.geolocation import places
from pipelines.medallion.silver.orders_enriched import with_place, with_totals
from pipelines.schemas import Table, bronze, cdc, gold, silver, utils
from pipelines.shared.cleaning import CLEANERS, clean_changes
from pipelines.shared.row_versions import HIDDEN_COLUMNS, versioned
from tests.pipelines.frames import frame

each_table = pytest.mark.parametrize("table", schemas.TABLES, ids=lambda table: table.name)


@each_table
def test_a_table_and_its_columns_are_described(table: Table) -> None:
    assert len(table.comment) > 10
    assert set(table.keys) <= set(table.column_names)
    assert table.keys or table.name in {"utils.quarantine", "utils.judgements", "gold.publication"}
    assert len(set(table.column_names)) == len(table.columns)
    assert all(len(column.comment) > 5 for column in table.columns), table.name


PERSONAL = re.compile(r"name|e?mail|phone|unique_id|comment_|message|record$|address|birth|cpf")
# Names of things, and how long they are.
OF_THINGS = {"product_category_name", "product_name_lenght", "has_comment", "bronze_records"}


@each_table
def test_personal_data_is_marked_everywhere(table: Table) -> None:
    named = {name for name in table.column_names if PERSONAL.search(name)} - OF_THINGS
    texts = {name for name in table.column_names if name in ("_rescued_data", "_corrupt_record")}
    marked = {column.name for column in table.columns if column.pii}
    holds_more = bool(marked - {"_corrupt_record"})
    assert marked - texts == named - texts
    assert texts <= marked if holds_more else not texts & marked


def test_the_schemas_can_be_read_without_spark() -> None:
    for path in Path(schemas.__file__).parent.glob("*.py"):
        assert "pyspark" not in path.read_text(encoding="utf-8"), path


def test_the_generator_writes_what_bronze_and_cdc_read() -> None:
    assert {table.short_name: tuple(table.source_columns) for table in bronze.TABLES} == spec.DATASETS
    assert {table.short_name: table.keys for table in bronze.TABLES} == spec.KEYS
    assert cdc.ENTITIES == spec.ENTITIES
    changes = [table for table in cdc.TABLES if table.short_name.endswith("_changes")]
    assert [table.short_name for table in changes] == [f"{entity}_changes" for entity in spec.ENTITIES]
    for entity, table in zip(spec.ENTITIES, changes, strict=True):
        assert table.source_columns == [*spec.EVENT_COLUMNS, *spec.DATASETS[entity]]


def test_silver_has_the_columns_of_bronze_under_their_names() -> None:
    renamed = {"review_creation_date": "review_creation_timestamp"}
    for source, target in zip(bronze.TABLES, silver.TABLES, strict=False):
        names = {renamed.get(n, n.removeprefix("geolocation_")) for n in source.source_columns} - {
            "lat",
            "lng",
        }
        assert names <= set(target.column_names)


def names_and_types(found: DataFrame) -> list[tuple[str, str]]:
    return [(field.name, field.dataType.simpleString()) for field in found.schema]


def wanted(spark: SparkSession, table: Table) -> list[tuple[str, str]]:
    return names_and_types(frame(spark, table))


@pytest.mark.parametrize(
    "source", [t for t in bronze.TABLES if t is not bronze.GEOLOCATION], ids=lambda t: t.name
)
def test_cleaning_gives_the_types_of_silver(spark: SparkSession, source: Table) -> None:
    target = next(table for table in silver.TABLES if table.short_name == source.short_name)
    cleaned = versioned(CLEANERS[source.short_name](frame(spark, source)), target)
    assert names_and_types(cleaned.drop(*HIDDEN_COLUMNS)) == wanted(spark, target)


@pytest.mark.parametrize("changes", cdc.TABLES[::3], ids=lambda table: table.name)
def test_cleaning_gives_the_types_of_the_changes(spark: SparkSession, changes: Table) -> None:
    texts = [F.lit(None).cast("STRING").alias(name) for name in changes.source_columns]
    lineage = [F.lit(None).cast(c.type).alias(c.name) for c in changes.columns if c.name.startswith("_")]
    events = spark.range(0).select(*texts, *lineage)
    entity = changes.short_name.removesuffix("_changes")
    assert names_and_types(clean_changes(events, CLEANERS[entity])) == wanted(spark, changes)


def test_the_views_have_the_types_of_their_tables(spark: SparkSession) -> None:
    empty = {table.short_name: frame(spark, table) for table in silver.TABLES}
    orders, items, payments = empty["orders"], empty["order_items"], empty["order_payments"]
    customers, reviews, enriched = empty["customers"], empty["order_reviews"], empty["orders_enriched"]
    sellers = ratings(empty["sellers"], sold_orders(items, orders), reviews)
    found = {
        silver.GEOLOCATION: places(CLEANERS["geolocation"](frame(spark, bronze.GEOLOCATION))),
        silver.ORDERS_ENRICHED: with_totals(
            with_place(orders, customers, empty["geolocation"]), items, payments, reviews
        ),
        gold.PUBLICATION: published(frame(spark, utils.VERDICT), orders),
        gold.SALES_PERFORMANCE: sales(enriched, items, empty["products"]),
        gold.CUSTOMER_SEGMENTS: segments(spending(enriched, customers), as_of_date(enriched, "")),
        gold.CUSTOMER_SEGMENT_COUNTS: segment_counts(frame(spark, gold.CUSTOMER_SEGMENTS)),
        gold.LOGISTICS_EFFICIENCY: deliveries(enriched),
        gold.PAYMENT_METHODS_EVOLUTION: payments_by_week(payments, orders),
        gold.SELLER_QUALITY: sellers.withColumn("quality_rank", quality_rank()),
    }
    assert set(gold.TABLES) < set(found)
    for table, frame_of in found.items():
        assert names_and_types(frame_of) == wanted(spark, table), table.name
