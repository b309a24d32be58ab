"""What cleaning makes of awkward raw text, on Spark."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from pipelines.schemas import bronze, cdc, silver
from pipelines.schemas.model import Table
from pipelines.shared.cleaning import CLEANERS, clean_changes
from pipelines.shared.row_versions import HIDDEN_COLUMNS, VERSION_COLUMNS, versioned, with_delivery
from tests.oracle import rows_of
from tests.pipelines.frames import A, B, frame


def cleaned(spark: SparkSession, source: Table, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return rows_of(CLEANERS[source.short_name](frame(spark, source, *rows)))


def test_customers_are_trimmed_cased_and_padded(spark: SparkSession) -> None:
    padded = {
        "customer_id": f"  {A.upper()}\t",
        "customer_unique_id": B,
        "customer_zip_code_prefix": " 1037 ",
        "customer_city": " são JOÃO del-rei ",
        "customer_state": "mg ",
        "customer_name": " Ana Souza ",
        "customer_email": " Ana@Example.COM ",
        "customer_phone": " +55 (11) 91234-5678 ",
    }
    empty = dict.fromkeys(padded, "  ")
    first, second = cleaned(spark, bronze.CUSTOMERS, padded, empty)
    assert {name: first[name] for name in padded} == {
        "customer_id": A,
        "customer_unique_id": B,
        "customer_zip_code_prefix": "01037",
        "customer_city": "São João Del-rei",
        "customer_state": "MG",
        "customer_name": "Ana Souza",
        "customer_email": "ana@example.com",
        "customer_phone": "+55 (11) 91234-5678",
    }
    assert all(second[name] is None for name in empty)


def test_zip_codes_keep_zeros_and_other_text_is_none(spark: SparkSession) -> None:
    texts = ["00123", "0", "123456", "12a45", "-1234", "1037.0", None]
    rows = cleaned(spark, bronze.SELLERS, *({"seller_zip_code_prefix": text} for text in texts))
    assert [row["seller_zip_code_prefix"] for row in rows] == ["00123", "00000", None, None, None, None, None]


def test_a_missing_category_is_unknown_and_bad_numbers_are_null(spark: SparkSession) -> None:
    none, named = cleaned(
        spark,
        bronze.PRODUCTS,
        {"product_id": A, "product_category_name": " ", "product_weight_g": "1.5"},
        {"product_id": A, "product_category_name": " Garden TOOLS", "product_weight_g": " 70 "},
    )
    assert (none["product_category_name"], none["product_weight_g"]) == ("unknown", None)
    assert (named["product_category_name"], named["product_weight_g"]) == ("garden tools", 70)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-10-02 10:56:33", datetime(2017, 10, 2, 10, 56, 33)),
        ("2017-10-02T10:56:33.000001", datetime(2017, 10, 2, 10, 56, 33, 1)),
        ("2017-10-02T10:56:33-03:00", datetime(2017, 10, 2, 13, 56, 33)),
        ("2017-10-02", datetime(2017, 10, 2)),
    ],
)
def test_iso_timestamps_are_read(spark: SparkSession, text: str, moment: datetime) -> None:
    (row,) = cleaned(spark, bronze.ORDERS, {"order_purchase_timestamp": f" {text} "})
    assert row["order_purchase_timestamp"] == moment


def test_other_dates_are_null_and_never_today(spark: SparkSession) -> None:
    texts = [
        "2017-13-40",
        "2017-02-30 10:00:00",
        "02/10/2017",
        "2017",
        "T10:00:00",
        "now",
        "10:00",
        "1506941793",
    ]
    rows = cleaned(spark, bronze.ORDERS, *({"order_purchase_timestamp": text} for text in texts))
    assert [row["order_purchase_timestamp"] for row in rows] == [None] * len(texts)


def test_money_is_exact_and_rounds_half_up(spark: SparkSession) -> None:
    texts = [("0.1", "0.2"), ("10.555", "0"), ("-1", "5"), ("free", "5"), ("99999999999", "1"), ("1,5", "1")]
    rows = cleaned(spark, bronze.ORDER_ITEMS, *({"price": p, "freight_value": f} for p, f in texts))
    assert [(row["price"], row["item_total"]) for row in rows] == [
        (Decimal("0.10"), Decimal("0.30")),
        (Decimal("10.56"), Decimal("10.56")),
        (Decimal("-1.00"), Decimal("4.00")),
        (None, None),
        (None, None),
        (None, None),
    ]


def test_payments_know_credit_cards(spark: SparkSession) -> None:
    rows = cleaned(
        spark, bronze.ORDER_PAYMENTS, *({"payment_type": t} for t in (" CREDIT_card", "boleto", None))
    )
    assert [(row["payment_type"], row["is_credit_card"]) for row in rows] == [
        ("credit_card", True),
        ("boleto", False),
        (None, False),
    ]


def test_a_title_or_a_message_is_a_comment(spark: SparkSession) -> None:
    texts = [("Bom", None), (None, 'Disse "ok",\nvoltou'), (" ", "\r\n"), (None, None)]
    rows = cleaned(
        spark,
        bronze.ORDER_REVIEWS,
        *({"review_comment_title": t, "review_comment_message": m} for t, m in texts),
    )
    assert [row["has_comment"] for row in rows] == [True, True, False, False]
    assert rows[1]["review_comment_message"] == 'Disse "ok",\nvoltou'
    assert "review_creation_date" not in rows[0]


def test_coordinates_keep_every_digit(spark: SparkSession) -> None:
    (row, bad) = cleaned(
        spark,
        bronze.GEOLOCATION,
        {
            "geolocation_zip_code_prefix": "1037",
            "geolocation_lat": "-23.545187340816042",
            "geolocation_lng": "-46",
        },
        {"geolocation_lat": "south", "geolocation_lng": "NaN"},
    )
    assert (row["zip_code_prefix"], row["latitude"]) == ("01037", Decimal("-23.545187340816042"))
    assert (bad["latitude"], bad["longitude"]) == (None, None)


def test_change_events_are_cleaned_like_the_entity(spark: SparkSession) -> None:
    source = spark.createDataFrame(
        [(" 7", " delete", "2026-01-02T03:04:05.678901", A.upper(), None, None, None)],
        ", ".join(f"{name} STRING" for name in cdc.SELLERS_CHANGES.source_columns),
    )
    (row,) = rows_of(clean_changes(source, CLEANERS["sellers"]))
    assert (row["sequence_number"], row["operation"], row["seller_id"]) == (7, "DELETE", A)
    assert row["change_timestamp"] == datetime(2026, 1, 2, 3, 4, 5, 678901)


def test_the_order_of_versions_depends_on_content_only(spark: SparkSession) -> None:
    seller = {
        "seller_id": A,
        "seller_city": "x",
        "_source_file": "f",
        "_file_modified_at": datetime(2026, 1, 1),
    }
    rows = rows_of(
        versioned(
            frame(spark, bronze.SELLERS, seller, seller | {"_rescued_data": "{}"}).unionByName(
                frame(spark, bronze.SELLERS, seller | {"seller_city": None, "seller_state": "x"})
            ),
            silver.SELLERS,
        )
    )
    [state] = [row for row in rows if row["seller_state"]]
    same, city = [row for row in rows if row["seller_city"]]
    assert same == city
    assert state["_content_hash"] != same["_content_hash"]
    assert list(same)[-len(HIDDEN_COLUMNS) :] == HIDDEN_COLUMNS


def test_the_latest_delivery_is_the_one_of_the_latest_run_whatever_the_storage_says(
    spark: SparkSession,
) -> None:
    """Oldest first: files without a run by their time, then the runs, and within a run by the file's name."""
    ordered = [
        ("file:/raw/olist/orders/olist_orders_dataset.csv", 1),
        ("file:/raw/olist/orders/a_correction.csv", 2),
        ("file:/restored/2026/orders/orders_run00002.csv", 9),
        ("file:/raw/olist/orders/orders_run00002_late.csv", 3),
        ("file:/raw/olist/orders/orders_run00010.csv", 1),
        ("s3://bucket/run99/orders/orders-run-100.csv", 1),
    ]
    files = [
        {"_source_file": path, "_file_modified_at": datetime(2026, 1, day)} for path, day in reversed(ordered)
    ]
    delivered = with_delivery(frame(spark, bronze.ORDERS, *files)).withColumn("_content_hash", F.lit(""))
    found = rows_of(delivered.orderBy(*VERSION_COLUMNS))
    assert [row["_source_file"] for row in found] == [path for path, _ in ordered]
