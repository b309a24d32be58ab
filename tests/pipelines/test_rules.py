"""Every expectation on Spark: one row that keeps all of them, and rows that break each alone."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from pipelines import schemas
from pipelines.schemas import bronze
from pipelines.shared.cleaning import CLEANERS
from pipelines.shared.rules import BRONZE_RULES, BY_SCHEMA, SILVER_RULES, Rules
from tests.oracle import rows_of
from tests.pipelines.frames import A, B, C, frame

TABLES = {table.name: table for table in schemas.TABLES}
WHOLE_LINE = bronze.ORDERS.columns[-1]
# What a rule sees: before silver, also whether the row's line was whole.
SEEN = TABLES | {
    table.name: replace(table, columns=(*table.columns, WHOLE_LINE))
    for table in schemas.silver.TABLES
    if table.short_name in CLEANERS
}
RULES = {f"{schema}.{name}": rules for schema, tables in BY_SCHEMA.items() for name, rules in tables.items()}

NOW = datetime(2026, 1, 2, 3, 4, 5)
MONEY = Decimal("1.00")

SUMS = {
    "bronze_records": 6,
    "quarantined_records": 3,
    "silver_records": 2,
    "replaced_records": 1,
    "quarantined_share": 0.5,
    "max_quarantined_share": 0.5,
    "outdated_records": 0,
}
# One row of each table that keeps every rule, with the values on the edge where a rule has one.
GOOD: dict[str, dict[str, Any]] = {
    "silver.customers": {"customer_id": A, "customer_unique_id": B, "customer_zip_code_prefix": "01037"},
    "silver.products": {"product_id": A, "product_category_name": "toys", "product_weight_g": 0},
    "silver.sellers": {"seller_id": A, "seller_state": "SP", "seller_city": "Franca"},
    "silver.geolocation": {
        "zip_code_prefix": "01037",
        "city": "Franca",
        "state": "SP",
        "latitude": -90.0,
        "longitude": 180.0,
        "region": "southeast",
    },
    "silver.orders": {
        "order_id": A,
        "customer_id": B,
        "order_status": "created",
        "order_purchase_timestamp": NOW,
        "order_delivered_customer_date": NOW,
    },
    "silver.order_items": {
        "order_id": A,
        "order_item_id": 1,
        "product_id": B,
        "seller_id": C,
        "price": Decimal(0),
        "freight_value": Decimal(0),
    },
    "silver.order_payments": {
        "order_id": A,
        "payment_sequential": 1,
        "payment_type": "boleto",
        "payment_installments": 0,
        "payment_value": Decimal(0),
    },
    "silver.order_reviews": {"review_id": A, "order_id": B, "review_score": 5},
    "silver.orders_enriched": {
        "total_items": 1,
        "order_purchase_timestamp": NOW,
        "first_review_timestamp": NOW.replace(hour=0),
    },
    "gold.sales_performance": {
        "product_category_name": "toys",
        "customer_state": "SP",
        "customer_city": "Franca",
        "sales_month": NOW.date(),
        "total_orders": 1,
        "total_items": 1,
        "total_revenue": MONEY,
        "average_ticket": MONEY,
    },
    "gold.customer_segments": {
        "customer_unique_id": A,
        "recency_days": 0,
        "frequency": 1,
        "monetary_value": Decimal(0),
    },
    "gold.customer_segment_counts": {"segment": "lost", "persons": 1, "total_monetary_value": Decimal(0)},
    "gold.logistics_efficiency": {
        "customer_state": "SP",
        "total_deliveries": 1,
        "delayed_deliveries": 0,
        "percentage_delayed": 100.0,
    },
    "gold.payment_methods_evolution": {
        "payment_type": "boleto",
        "reference_week": NOW.date(),
        "usage_count": 1,
        "total_orders": 1,
        "total_amount": MONEY,
        "avg_installments": 0.0,
    },
    "gold.seller_quality": {
        "seller_id": A,
        "seller_state": "SP",
        "total_sales": 0,
        "total_reviews": 0,
        "total_bad_reviews": 0,
    },
    "utils.reconciliation": SUMS,
    "utils.event_judgements": {"outdated_records": 0},
    "utils.verdict": SUMS,
    "utils.event_verdict": {"outdated_records": 0},
    "privacy.erasures": {"request_id": "r1", "digest": 2 * A},
    "gold.publication": {"latest_purchase": NOW, "read_until": NOW},
    **{
        f"bronze.{name}": {
            rule.removesuffix("_present"): "x" for rule in rules.warn if rule.endswith("_present")
        }
        for name, rules in BRONZE_RULES.items()
    },
    **{
        f"cdc.{entity}s_changes": {
            f"{entity}_id": A,
            "operation": "DELETE",
            "sequence_number": 0,
            "change_timestamp": NOW,
        }
        for entity in ("customer", "product", "seller")
    },
}

BROKEN_ID = ("z" * 32, "a" * 31, "a" * 33, "A" * 32, f" {A[1:]}", None)
# What breaks a rule, where a null is not enough.
BAD: dict[str, tuple[str, tuple[Any, ...]]] = {
    "nothing_rescued": ("_rescued_data", ("{}",)),
    "well_formed": ("_corrupt_record", ("a,b",)),
    "category_known": ("product_category_name", ("unknown",)),
    "valid_dimensions": ("product_width_cm", (-1,)),
    "place_present": ("city", (None,)),
    "valid_latitude": ("latitude", (-90.5, 91.0, None)),
    "valid_longitude": ("longitude", (-180.5, 181.0, None)),
    "region_known": ("region", ("unknown",)),
    "valid_order_status": ("order_status", ("lost", "Delivered", None)),
    "delivered_after_purchase": ("order_delivered_customer_date", (datetime(2026, 1, 2),)),
    "valid_order_item_id": ("order_item_id", (0, None)),
    "valid_price": ("price", (Decimal("-0.01"), None)),
    "valid_freight_value": ("freight_value", (Decimal("-0.01"), None)),
    "valid_payment_sequential": ("payment_sequential", (0, None)),
    "valid_payment_installments": ("payment_installments", (-1, None)),
    "valid_payment_value": ("payment_value", (Decimal("-0.01"), None)),
    "valid_review_score": ("review_score", (0, 6, None)),
    "has_items": ("total_items", (0,)),
    "reviewed_after_purchase": ("first_review_timestamp", (datetime(2026, 1, 1, 23),)),
    "valid_average_ticket": ("average_ticket", (Decimal(-1), None)),
    "valid_total_revenue": ("total_revenue", (Decimal(-1), None)),
    "valid_total_amount": ("total_amount", (Decimal(-1), None)),
    "valid_total_monetary_value": ("total_monetary_value", (Decimal(-1), None)),
    "valid_monetary_value": ("monetary_value", (Decimal(-1), None)),
    "valid_recency_days": ("recency_days", (-1, None)),
    "valid_frequency": ("frequency", (0, None)),
    "valid_avg_installments": ("avg_installments", (-0.5, None)),
    "valid_avg_rating": ("avg_rating", (0.5, 5.5)),
    "valid_percentage_delayed": ("percentage_delayed", (-0.5, 100.5)),
    "valid_digest": ("digest", (A, "x" * 64, None)),
    "valid_operation": ("operation", ("UPSERT", "delete", None)),
    "read_until_known": ("read_until", (None,)),
    "judged_by_todays_rules": ("outdated_records", (1, None)),
    "rows_reconcile": ("silver_records", (1, 3, None)),
    "quarantine_within_limit": ("quarantined_share", (0.51, None)),
}


def breaking(rule: str) -> list[tuple[str, Any]]:
    """Columns and values that break `rule`: one each, by its name unless listed."""
    if rule in BAD:
        column, values = BAD[rule]
        return [(column, value) for value in values]
    column = rule.removeprefix("valid_").removesuffix("_present")
    named = {"zip_code": "customer_zip_code_prefix", "state": "seller_state", "city": "seller_city"}
    column = named.get(column, "order_" + column if column == "purchase_timestamp" else column)
    if rule.startswith("valid_") and column.endswith("_id"):
        return [(column, value) for value in BROKEN_ID]
    if rule.startswith("valid_"):
        return [(column, -1)]
    return [(column, None)]


def all_of(rules: Rules) -> dict[str, str]:
    return rules.warn | rules.drop | rules.fail


@pytest.mark.parametrize("dataset", sorted(RULES))
def test_each_rule_is_broken_alone(spark: SparkSession, dataset: str) -> None:
    rules, good = all_of(RULES[dataset]), GOOD[dataset]
    cases = [("", good)] + [
        (rule, good | {column: value}) for rule in rules for column, value in breaking(rule)
    ]
    table = SEEN[dataset]
    found = frame(spark, table, *(row for _, row in cases)).select(
        *(F.expr(predicate).alias(name) for name, predicate in rules.items())
    )
    broken = [[name for name, kept in row.items() if not kept] for row in rows_of(found)]
    assert broken == [[rule] if rule else [] for rule, _ in cases]


@pytest.mark.parametrize("dataset", sorted(RULES))
def test_no_rule_is_null_for_a_row_of_nulls(spark: SparkSession, dataset: str) -> None:
    rules = all_of(RULES[dataset])
    found = frame(spark, SEEN[dataset], {}).select(*(F.expr(p).alias(name) for name, p in rules.items()))
    assert set(rows_of(found)[0].values()) <= {True, False}


def test_a_line_that_is_not_whole_breaks_a_drop_rule_of_every_dataset(spark: SparkSession) -> None:
    for name, clean in CLEANERS.items():
        for column in ("_rescued_data", "_corrupt_record"):
            row = frame(spark, TABLES[f"bronze.{name}"], {column: "a,b"})
            kept = clean(row).where(" AND ".join(SILVER_RULES[name].drop.values()))
            assert kept.isEmpty(), name


def test_rule_names_are_unique_within_a_dataset() -> None:
    for dataset, rules in RULES.items():
        assert len(all_of(rules)) == len(rules.warn) + len(rules.drop) + len(rules.fail), dataset
