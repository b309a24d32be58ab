"""The gold views over hand-made silver rows: ties, unknowns, cancellations, several of everything."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from pipelines.gold.customer_segments import as_of_date, segments, spending
from pipelines.gold.logistics_efficiency import deliveries
from pipelines.gold.payment_methods_evolution import payments_by_week
from pipelines.gold.sales_performance import sales
from pipelines.gold.seller_quality import quality_rank, ratings, sold_orders
from pipelines.schemas import gold, silver
from tests.oracle import rows_of
from tests.pipelines.frames import A, B, C, D, frame

MAY = datetime(2018, 5, 31, 23, 59, 59)
JUNE = datetime(2018, 6, 1)


def enriched(spark: SparkSession, *orders: dict[str, Any]) -> DataFrame:
    place = {"customer_state": "SP", "customer_city": "Franca", "order_purchase_timestamp": MAY}
    return frame(spark, silver.ORDERS_ENRICHED, *({"order_status": "delivered"} | place | o for o in orders))


def test_sales_count_delivered_items_once(spark: SparkSession) -> None:
    orders = enriched(
        spark,
        {"order_id": A},
        {"order_id": B},
        {"order_id": C, "order_status": "shipped"},
        {"order_id": D, "order_purchase_timestamp": JUNE, "customer_state": "unknown"},
    )
    sold = ((A, 1, A, "10.01"), (A, 2, A, "10.01"), (A, 3, B, "5.00"), (B, 1, A, "0.03"), (C, 1, A, "9.99"))
    items = [
        {"order_id": order, "order_item_id": item, "product_id": product, "item_total": Decimal(total)}
        for order, item, product, total in (*sold, (D, 1, D, "7.00"), ("e" * 32, 1, A, "1.00"))
    ]
    products = frame(
        spark,
        silver.PRODUCTS,
        {"product_id": A, "product_category_name": "toys"},
        {"product_id": B, "product_category_name": "unknown"},
    )
    found = sales(orders, frame(spark, silver.ORDER_ITEMS, *items), products)
    assert found.columns == gold.SALES_PERFORMANCE.column_names
    assert {tuple(row.values()) for row in rows_of(found)} == {
        # 20.05 / 2 is 10.025, and half goes up.
        ("toys", "SP", "Franca", date(2018, 5, 1), 2, 3, Decimal("20.05"), Decimal("10.03")),
        ("unknown", "SP", "Franca", date(2018, 5, 1), 1, 1, Decimal("5.00"), Decimal("5.00")),
        ("unknown", "unknown", "Franca", date(2018, 6, 1), 1, 1, Decimal("7.00"), Decimal("7.00")),
    }


def test_spending_is_the_person_s_and_leaves_out_canceled_orders(spark: SparkSession) -> None:
    orders = enriched(
        spark,
        {"order_id": A, "customer_id": A, "total_payment_value": Decimal("10.00")},
        {"order_id": B, "customer_id": B, "total_payment_value": Decimal("0.50"), "order_status": "created"},
        {"order_id": C, "customer_id": B, "total_payment_value": Decimal(99), "order_status": "canceled"},
        {"order_id": D, "customer_id": C, "total_payment_value": Decimal(99), "order_status": "unavailable"},
        {"order_id": "e" * 32, "customer_id": D, "total_payment_value": Decimal(99)},
    )
    customers = [(A, A), (B, A), (C, C)]
    people = frame(
        spark, silver.CUSTOMERS, *({"customer_id": c, "customer_unique_id": p} for c, p in customers)
    )
    assert [tuple(row.values()) for row in rows_of(spending(orders, people))] == [
        (A, MAY, 2, Decimal("10.50"))
    ]


def persons(spark: SparkSession, *rows: tuple[str, datetime, int, int]) -> DataFrame:
    return spark.createDataFrame(
        [(name, last, frequency, Decimal(value)) for name, last, frequency, value in rows],
        "customer_unique_id STRING, last_purchase TIMESTAMP, frequency BIGINT, monetary_value DECIMAL(18,2)",
    )


def as_of(spark: SparkSession, day: date) -> DataFrame:
    return spark.createDataFrame([(day,)], "as_of DATE")


def test_scores_are_fifths_of_the_percent_rank_and_ties_share_the_lower(spark: SparkSession) -> None:
    rows = [(f"{n}", datetime(2018, 1, 1 + n), 1 if n < 5 else n, 0) for n in range(6)]
    found = rows_of(segments(persons(spark, *rows), as_of(spark, date(2018, 1, 10))))
    scores = {row["customer_unique_id"]: tuple(row.values())[2:8] for row in found}
    # recency_days, frequency, monetary_value, then the three scores
    assert scores == {
        "0": (9, 1, 0, 1, 1, 1),
        "1": (8, 1, 0, 2, 1, 1),
        "2": (7, 1, 0, 3, 1, 1),
        "3": (6, 1, 0, 4, 1, 1),
        "4": (5, 1, 0, 5, 1, 1),
        "5": (4, 5, 0, 5, 5, 1),
    }


def test_one_person_alone_has_the_lowest_scores(spark: SparkSession) -> None:
    (row,) = rows_of(segments(persons(spark, ("x", MAY, 3, 9)), as_of(spark, date(2018, 6, 1))))
    assert tuple(row.values()) == ("x", MAY, 1, 3, Decimal("9.00"), 1, 1, 1, "lost")


def test_the_first_segment_that_fits_wins(spark: SparkSession) -> None:
    rows = [
        ("once_long_ago", datetime(2018, 1, 1), 1, 1),
        ("often_long_ago", datetime(2018, 1, 2), 4, 2),
        ("once_in_between", datetime(2018, 1, 3), 1, 3),
        ("once_lately", datetime(2018, 1, 4), 1, 4),
        ("often_lately_but_poor", datetime(2018, 1, 5), 3, 0),
        ("often_lately", datetime(2018, 1, 6), 5, 6),
    ]
    found = rows_of(segments(persons(spark, *rows), as_of(spark, date(2018, 1, 6))))
    assert {row["customer_unique_id"]: row["segment"] for row in found} == {
        "once_long_ago": "lost",
        "often_long_ago": "at_risk",
        "once_in_between": "regular",
        "once_lately": "recent",
        "often_lately_but_poor": "loyal",
        "often_lately": "champions",
    }


def test_at_risk_comes_before_lost(spark: SparkSession) -> None:
    rows = [(f"{n}", datetime(2018, 1, 1 + n), frequency, 1) for n, frequency in enumerate((2, 1, 1, 3, 3))]
    found = rows_of(segments(persons(spark, *rows), as_of(spark, date(2018, 2, 1))))
    first = next(row for row in found if row["customer_unique_id"] == "0")
    assert (first["recency_score"], first["frequency_score"], first["segment"]) == (1, 3, "at_risk")


def test_in_real_olist_s_shape_who_bought_twice_is_at_risk_or_loyal_by_recency(spark: SparkSession) -> None:
    # 97 % of the persons have one order, as in Olist's data, so frequency scores are 1 or 5.
    first = datetime(2016, 9, 4)
    rows = [
        (f"{n:04}", first + timedelta(hours=17 * n), 1 if n % 100 < 97 else 2, n % 7) for n in range(1000)
    ]
    found = rows_of(segments(persons(spark, *rows), as_of(spark, date(2018, 9, 3))))
    assert {row["frequency_score"] for row in found} == {1, 5}
    often = {
        recency: {
            row["segment"] for row in found if row["frequency"] == 2 and row["recency_score"] == recency
        }
        for recency in range(1, 6)
    }
    bought_lately = {"loyal", "champions"}
    assert often == {1: {"at_risk"}, 2: {"at_risk"}, 3: {"loyal"}, 4: bought_lately, 5: bought_lately}
    once = {row["segment"] for row in found if row["frequency"] == 1}
    assert once == {"recent", "lost", "regular"}


def test_as_of_is_configured_or_the_latest_purchase_of_any_order(spark: SparkSession) -> None:
    orders = enriched(spark, {}, {"order_purchase_timestamp": JUNE, "order_status": "canceled"})
    assert rows_of(as_of_date(orders, "")) == [{"as_of": date(2018, 6, 1)}]
    assert rows_of(as_of_date(orders, "2020-02-29")) == [{"as_of": date(2020, 2, 29)}]
    with pytest.raises(ValueError, match=r"olist\.as_of_date is '29/02/2020': write a date as YYYY-MM-DD"):
        as_of_date(orders, "29/02/2020")


def test_late_is_positive_and_an_order_without_estimate_is_not_on_time(spark: SparkSession) -> None:
    delays = [(10, 3), (20, 0), (30, -9), (40, None)]
    delivered = [
        {"order_delivered_customer_date": JUNE, "delivery_days": days, "delivery_delay_days": delay}
        for days, delay in delays
    ]
    others = [
        {"delivery_days": 99},
        {"order_delivered_customer_date": JUNE, "order_status": "canceled", "delivery_days": 99},
        {"order_delivered_customer_date": JUNE, "customer_state": "unknown", "delivery_days": 1},
    ]
    found = deliveries(enriched(spark, *delivered, *others))
    assert found.columns == gold.LOGISTICS_EFFICIENCY.column_names
    assert sorted(tuple(row.values()) for row in rows_of(found)) == [
        ("SP", 4, 25.0, -2.0, 1, 100 / 3),
        ("unknown", 1, 1.0, None, 0, None),
    ]


def test_payments_fall_in_the_week_of_purchase(spark: SparkSession) -> None:
    orders = frame(
        spark,
        silver.ORDERS,
        {"order_id": A, "order_purchase_timestamp": datetime(2018, 1, 1)},
        {
            "order_id": B,
            "order_purchase_timestamp": datetime(2018, 1, 7, 23, 59, 59),
            "order_status": "canceled",
        },
        {"order_id": C, "order_purchase_timestamp": datetime(2018, 1, 8)},
    )
    paid = [(A, 1, "voucher", 0, "1.10"), (A, 2, "voucher", 3, "2.20"), (B, 1, "voucher", 3, "3.30")]
    columns = silver.ORDER_PAYMENTS.column_names
    payments = [
        dict(zip(columns, (order, number, kind, parts, Decimal(value)), strict=False))
        for order, number, kind, parts, value in (
            *paid,
            (C, 1, "boleto", 1, "4.40"),
            (D, 1, "boleto", 1, "9"),
        )
    ]
    found = payments_by_week(frame(spark, silver.ORDER_PAYMENTS, *payments), orders)
    assert found.columns == gold.PAYMENT_METHODS_EVOLUTION.column_names
    assert {tuple(row.values()) for row in rows_of(found)} == {
        ("voucher", date(2018, 1, 1), 3, 2, Decimal("6.60"), 2.0),
        ("boleto", date(2018, 1, 8), 1, 1, Decimal("4.40"), 1.0),
    }


def test_a_review_counts_once_for_each_seller_of_its_order(spark: SparkSession) -> None:
    orders = frame(
        spark,
        silver.ORDERS,
        {"order_id": A, "order_status": "delivered"},
        {"order_id": B, "order_status": "unavailable"},
    )
    sold = ((A, 1, A), (A, 2, A), (A, 3, B), (B, 1, A), (C, 1, A))
    items = [{"order_id": o, "order_item_id": number, "seller_id": s} for o, number, s in sold]
    scored = ((A, A, 1), (B, A, 4), (C, B, 1))
    reviews = [{"review_id": r, "order_id": o, "review_score": score} for r, o, score in scored]
    sellers = [{"seller_id": seller, "seller_state": "SP"} for seller in (A, B, D)]
    found = ratings(
        frame(spark, silver.SELLERS, *sellers),
        sold_orders(frame(spark, silver.ORDER_ITEMS, *items), orders),
        frame(spark, silver.ORDER_REVIEWS, *reviews),
    )
    assert sorted(tuple(row.values()) for row in rows_of(found)) == [
        (A, "SP", 1, 2, 2.5, 1),
        (B, "SP", 1, 2, 2.5, 1),
        (D, "SP", 0, 0, None, 0),
    ]


def test_the_rank_is_dense_and_only_among_sellers_with_five_reviews(spark: SparkSession) -> None:
    rated = [
        ("a", 9, 5, 4.5),
        ("b", 9, 7, 4.5),
        ("c", 8, 5, 4.5),
        ("d", 99, 5, 2.0),
        ("e", 99, 4, 5.0),
        ("f", 0, 0, None),
    ]
    sellers = spark.createDataFrame(
        rated, "seller_id STRING, total_sales BIGINT, total_reviews BIGINT, avg_rating DOUBLE"
    )
    found = rows_of(sellers.select("seller_id", quality_rank().alias("rank")))
    assert {row["seller_id"]: row["rank"] for row in found} == {
        "a": 1, "b": 1, "c": 2, "d": 3, "e": None, "f": None
    }  # fmt: skip
