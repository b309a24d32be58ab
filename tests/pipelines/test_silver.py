"""The two silver views over hand-made rows."""

from datetime import datetime
from decimal import Decimal

from pyspark.sql import SparkSession

from pipelines.medallion.silver.geolocation import places
from pipelines.medallion.silver.orders_enriched import with_place, with_totals
from pipelines.schemas import bronze, silver
from pipelines.shared.cleaning import clean_geolocation
from pipelines.shared.regions import STATES
from tests.oracle import rows_of
from tests.pipelines.frames import A, B, C, D, frame

ZERO = Decimal("0.00")


def test_places_are_means_over_distinct_samples(spark: SparkSession) -> None:
    samples = [
        ("1037", "-23.5", "-46.25", "sao paulo", "sp"),
        ("01037", "-23.5", "-46.25", " SAO PAULO", "SP"),
        ("01037", "-23.6", "-46.75", "sao paulo", "SP"),
        ("01037", "-1.0000005", "-1.0000015", "são paulo", "SP"),
        ("69900", "-9.97", "-67.81", "rio branco", "XX"),
    ]
    rows = [dict(zip(bronze.GEOLOCATION.source_columns, sample, strict=True)) for sample in samples]
    found = rows_of(places(clean_geolocation(frame(spark, bronze.GEOLOCATION, *rows))))
    place = {row["city"]: row for row in found}
    assert len(found) == 3
    assert place["Sao Paulo"] == {
        "zip_code_prefix": "01037",
        "city": "Sao Paulo",
        "state": "SP",
        "latitude": -23.55,
        "longitude": -46.5,
        "sample_count": 2,
        "region": "southeast",
    }
    assert (place["São Paulo"]["latitude"], place["São Paulo"]["longitude"]) == (-1.000001, -1.000002)
    assert place["Rio Branco"]["region"] == "unknown"


def test_each_of_the_27_states_has_one_region() -> None:
    states = [state for listed in STATES.values() for state in listed]
    assert len(states) == len(set(states)) == 27


def test_orders_know_the_place_of_their_customer(spark: SparkSession) -> None:
    orders = frame(
        spark,
        silver.ORDERS,
        {"order_id": A, "customer_id": A},
        {"order_id": B, "customer_id": B},
        {"order_id": C, "customer_id": D},
    )
    customers = frame(
        spark,
        silver.CUSTOMERS,
        {
            "customer_id": A,
            "customer_zip_code_prefix": "01037",
            "customer_city": "Sao Paulo",
            "customer_state": "SP",
        },
        {"customer_id": B, "customer_zip_code_prefix": "01037"},
    )
    place = {"zip_code_prefix": "01037", "city": "Sao Paulo", "state": "SP", "latitude": -23.5}
    found = rows_of(with_place(orders, customers, frame(spark, silver.GEOLOCATION, place)))
    columns = ("customer_zip_code_prefix", "customer_city", "customer_state", "region", "customer_latitude")
    assert {row["order_id"]: tuple(row[name] for name in columns) for row in found} == {
        A: ("01037", "Sao Paulo", "SP", "southeast", -23.5),
        B: ("01037", "unknown", "unknown", "unknown", None),
        C: ("unknown", "unknown", "unknown", "unknown", None),
    }


def test_totals_neither_multiply_nor_lose_orders(spark: SparkSession) -> None:
    delivered = {
        "order_id": A,
        "order_purchase_timestamp": datetime(2018, 1, 1, 23, 59),
        "order_delivered_customer_date": datetime(2018, 1, 11, 0, 1),
        "order_estimated_delivery_date": datetime(2018, 1, 9),
    }
    orders = rows_of(frame(spark, silver.ORDERS, delivered, {"order_id": B}))
    places = ("customer_zip_code_prefix", "customer_city", "customer_state", "region")
    located = spark.createDataFrame(
        [(*order.values(), *places, 1.0, 1.0) for order in orders],
        silver.ORDERS.schema + ", a STRING, b STRING, c STRING, d STRING, e DOUBLE, f DOUBLE",
    ).toDF(*silver.ORDERS.column_names, *places, "customer_latitude", "customer_longitude")
    items = [
        {"order_id": order, "price": Decimal(price), "freight_value": Decimal("0.50")}
        for order, price in ((A, "10.10"), (A, "20.20"), (D, "99.00"))
    ]
    payments = [
        {"order_id": A, "payment_value": Decimal("31.00"), "is_credit_card": False},
        {"order_id": A, "payment_value": Decimal("0.30"), "is_credit_card": True},
    ]
    reviews = [
        {
            "order_id": A,
            "review_score": score,
            "has_comment": score == 1,
            "review_creation_timestamp": datetime(2018, 1, 10 + score),
        }
        for score in (1, 4)
    ]
    found = rows_of(
        with_totals(
            located,
            frame(spark, silver.ORDER_ITEMS, *items),
            frame(spark, silver.ORDER_PAYMENTS, *payments),
            frame(spark, silver.ORDER_REVIEWS, *reviews),
        )
    )
    totals = {row["order_id"]: row for row in found}
    assert list(found[0]) == silver.ORDERS_ENRICHED.column_names
    assert len(found) == 2
    columns = silver.ORDERS_ENRICHED.column_names[-11:]
    assert [totals[A][name] for name in columns] == [
        2,
        Decimal("30.30"),
        Decimal("1.00"),
        2,
        Decimal("31.30"),
        True,
        2.5,
        True,
        datetime(2018, 1, 11),
        10,
        2,
    ]
    assert [totals[B][name] for name in columns] == [
        0, ZERO, ZERO, 0, ZERO, False, None, False, None, None, None
    ]  # fmt: skip
