"""Gold from the oracle's silver, in plain Python."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.oracle.silver import Row, Tables

CANCELED = {"canceled", "unavailable"}


def gold(silver: Tables, as_of: date | None = None) -> Tables:
    """The gold views by name; `as_of` is the configured date, else the latest purchase counts."""
    persons = _segments(silver, as_of)
    return {
        "gold.sales_performance": _sales(silver),
        "gold.customer_segments": persons,
        "gold.customer_segment_counts": _counts(persons),
        "gold.logistics_efficiency": _logistics(silver),
        "gold.payment_methods_evolution": _payments(silver),
        "gold.seller_quality": _sellers(silver),
    }


def _groups(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


def _mean(numbers: list[int]) -> float | None:
    return sum(numbers) / len(numbers) if numbers else None


def _sales(silver: Tables) -> list[Row]:
    orders = {row["order_id"]: row for row in silver["silver.orders_enriched"]}
    categories = {row["product_id"]: row["product_category_name"] for row in silver["silver.products"]}
    sold = [
        {
            **item,
            "product_category_name": categories.get(item["product_id"], "unknown"),
            "customer_state": order["customer_state"],
            "customer_city": order["customer_city"],
            "sales_month": order["order_purchase_timestamp"].date().replace(day=1),
        }
        for item in silver["silver.order_items"]
        if (order := orders.get(item["order_id"])) and order["order_status"] == "delivered"
    ]
    grain = ("product_category_name", "customer_state", "customer_city", "sales_month")
    return [
        {**dict(zip(grain, key, strict=True)), **_sale(rows)} for key, rows in _groups(sold, *grain).items()
    ]


def _sale(items: list[Row]) -> Row:
    orders = len({item["order_id"] for item in items})
    revenue = sum((item["item_total"] for item in items), Decimal("0.00"))
    return {
        "total_orders": orders,
        "total_items": len(items),
        "total_revenue": revenue,
        "average_ticket": (revenue / orders).quantize(Decimal("0.01"), ROUND_HALF_UP),
    }


def _segments(silver: Tables, as_of: date | None) -> list[Row]:
    orders = silver["silver.orders_enriched"]
    persons = {row["customer_id"]: row["customer_unique_id"] for row in silver["silver.customers"]}
    bought = [
        {**order, "customer_unique_id": persons[order["customer_id"]]}
        for order in orders
        if order["order_status"] not in CANCELED and order["customer_id"] in persons
    ]
    if not bought:
        return []
    today = as_of or max(order["order_purchase_timestamp"] for order in orders).date()
    rows = [_person(person, rows, today) for (person,), rows in _groups(bought, "customer_unique_id").items()]
    recency = _scores(-row["recency_days"] for row in rows)
    frequency = _scores(row["frequency"] for row in rows)
    monetary = _scores(row["monetary_value"] for row in rows)
    for row in rows:
        row["recency_score"] = recency(-row["recency_days"])
        row["frequency_score"] = frequency(row["frequency"])
        row["monetary_score"] = monetary(row["monetary_value"])
        row["segment"] = _segment(row["recency_score"], row["frequency_score"], row["monetary_score"])
    return rows


def _counts(persons: list[Row]) -> list[Row]:
    return [
        {
            "segment": segment,
            "persons": len(rows),
            "avg_recency_days": _mean([row["recency_days"] for row in rows]),
            "avg_frequency": _mean([row["frequency"] for row in rows]),
            "total_monetary_value": sum((row["monetary_value"] for row in rows), Decimal("0.00")),
        }
        for (segment,), rows in _groups(persons, "segment").items()
    ]


def _person(person: str, orders: list[Row], today: date) -> Row:
    last = max(order["order_purchase_timestamp"] for order in orders)
    return {
        "customer_unique_id": person,
        "last_purchase": last,
        "recency_days": (today - last.date()).days,
        "frequency": len(orders),
        "monetary_value": sum((order["total_payment_value"] for order in orders), Decimal("0.00")),
    }


def _scores(values: Iterable[Any]) -> Callable[[Any], int]:
    """The score of a value among all: how many are smaller, as a share of all the others, in fifths."""
    ordered = sorted(values)
    smaller: dict[Any, int] = {}
    for place, value in enumerate(ordered):
        smaller.setdefault(value, place)
    others = max(len(ordered) - 1, 1)
    return lambda value: min(5, 1 + math.floor(5 * (smaller[value] / others)))


def _segment(recency: int, frequency: int, monetary: int) -> str:
    if recency >= 4 and frequency >= 4 and monetary >= 4:
        return "champions"
    if recency <= 2 and frequency >= 3:
        return "at_risk"
    if frequency >= 4:
        return "loyal"
    if recency >= 4 and frequency <= 2:
        return "recent"
    return "lost" if recency == 1 else "regular"


def _logistics(silver: Tables) -> list[Row]:
    delivered = [
        order
        for order in silver["silver.orders_enriched"]
        if order["order_status"] == "delivered" and order["order_delivered_customer_date"]
    ]
    found = []
    for (state,), orders in _groups(delivered, "customer_state").items():
        delays = [
            order["delivery_delay_days"] for order in orders if order["delivery_delay_days"] is not None
        ]
        late = sum(delay > 0 for delay in delays)
        found.append(
            {
                "customer_state": state,
                "total_deliveries": len(orders),
                "avg_delivery_days": _mean([order["delivery_days"] for order in orders]),
                "avg_delay_days": _mean(delays),
                "delayed_deliveries": late,
                "percentage_delayed": 100 * late / len(delays) if delays else None,
            }
        )
    return found


def _payments(silver: Tables) -> list[Row]:
    days = {row["order_id"]: row["order_purchase_timestamp"].date() for row in silver["silver.orders"]}
    paid = [
        {**payment, "reference_week": day - timedelta(days=day.weekday())}
        for payment in silver["silver.order_payments"]
        if (day := days.get(payment["order_id"]))
    ]
    return [
        {
            "payment_type": kind,
            "reference_week": week,
            "usage_count": len(rows),
            "total_orders": len({row["order_id"] for row in rows}),
            "total_amount": sum((row["payment_value"] for row in rows), Decimal("0.00")),
            "avg_installments": _mean([row["payment_installments"] for row in rows]),
        }
        for (kind, week), rows in _groups(paid, "payment_type", "reference_week").items()
    ]


def _sellers(silver: Tables) -> list[Row]:
    valid = {row["order_id"] for row in silver["silver.orders"] if row["order_status"] not in CANCELED}
    sold: dict[str, set[str]] = defaultdict(set)
    for item in silver["silver.order_items"]:
        if item["order_id"] in valid:
            sold[item["seller_id"]].add(item["order_id"])
    reviews = _groups(silver["silver.order_reviews"], "order_id")
    rows = [_seller(seller, sold[seller["seller_id"]], reviews) for seller in silver["silver.sellers"]]
    ranks = sorted({_merit(row) for row in rows if row["total_reviews"] >= 5}, reverse=True)
    for row in rows:
        row["quality_rank"] = 1 + ranks.index(_merit(row)) if row["total_reviews"] >= 5 else None
    return rows


def _merit(seller: Row) -> tuple[float, int]:
    return seller["avg_rating"], seller["total_sales"]


def _seller(seller: Row, orders: set[str], reviews: dict[tuple[Any, ...], list[Row]]) -> Row:
    scores = [review["review_score"] for order in orders for review in reviews.get((order,), [])]
    return {
        "seller_id": seller["seller_id"],
        "seller_state": seller["seller_state"],
        "total_sales": len(orders),
        "total_reviews": len(scores),
        "avg_rating": _mean(scores),
        "total_bad_reviews": scores.count(1),
    }
