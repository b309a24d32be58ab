"""Silver and quarantine from the raw files, in plain Python and apart from the pipelines."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from tests.oracle import values as v
from tests.oracle.raw import RawRow, Values, read_csv

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Quarantine = dict[str, Counter[tuple[str, ...]]]
Rule = Callable[[Row], bool]

KEYS = {
    "customers": ("customer_id",),
    "products": ("product_id",),
    "sellers": ("seller_id",),
    "geolocation": ("zip_code_prefix", "city", "state"),
    "orders": ("order_id",),
    "order_items": ("order_id", "order_item_id"),
    "order_payments": ("order_id", "payment_sequential"),
    "order_reviews": ("review_id", "order_id"),
}
STATUSES = {
    "created",
    "approved",
    "invoiced",
    "processing",
    "shipped",
    "delivered",
    "canceled",
    "unavailable",
}
REGIONS = {
    "southeast": "SP RJ MG ES",
    "south": "PR SC RS",
    "midwest": "MS MT GO DF",
    "northeast": "BA SE AL PE PB RN CE PI MA",
    "north": "PA AM AP RR AC RO TO",
}
REGION_OF = {state: region for region, states in REGIONS.items() for state in states.split()}


def _customer(raw: Values) -> Row:
    return {
        "customer_id": v.lower(raw.get("customer_id")),
        "customer_unique_id": v.lower(raw.get("customer_unique_id")),
        "customer_zip_code_prefix": v.zip_code(raw.get("customer_zip_code_prefix")),
        "customer_city": v.city(raw.get("customer_city")),
        "customer_state": v.upper(raw.get("customer_state")),
        "customer_name": v.text(raw.get("customer_name")),
        "customer_email": v.lower(raw.get("customer_email")),
        "customer_phone": v.text(raw.get("customer_phone")),
    }


def _product(raw: Values) -> Row:
    numbers = (
        "product_name_lenght",
        "product_description_lenght",
        "product_photos_qty",
        "product_weight_g",
        "product_length_cm",
        "product_height_cm",
        "product_width_cm",
    )
    return {
        "product_id": v.lower(raw.get("product_id")),
        "product_category_name": v.lower(raw.get("product_category_name")) or "unknown",
        **{name: v.integer(raw.get(name)) for name in numbers},
    }


def _seller(raw: Values) -> Row:
    return {
        "seller_id": v.lower(raw.get("seller_id")),
        "seller_zip_code_prefix": v.zip_code(raw.get("seller_zip_code_prefix")),
        "seller_city": v.city(raw.get("seller_city")),
        "seller_state": v.upper(raw.get("seller_state")),
    }


def _sample(raw: Values) -> Row:
    return {
        "zip_code_prefix": v.zip_code(raw.get("geolocation_zip_code_prefix")),
        "city": v.city(raw.get("geolocation_city")),
        "state": v.upper(raw.get("geolocation_state")),
        "latitude": v.coordinate(raw.get("geolocation_lat")),
        "longitude": v.coordinate(raw.get("geolocation_lng")),
    }


def _order(raw: Values) -> Row:
    moments = (
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
        "order_estimated_delivery_date",
    )
    return {
        "order_id": v.lower(raw.get("order_id")),
        "customer_id": v.lower(raw.get("customer_id")),
        "order_status": v.lower(raw.get("order_status")),
        **{name: v.timestamp(raw.get(name)) for name in moments},
    }


def _item(raw: Values) -> Row:
    price, freight = v.money(raw.get("price")), v.money(raw.get("freight_value"))
    return {
        "order_id": v.lower(raw.get("order_id")),
        "order_item_id": v.integer(raw.get("order_item_id")),
        "product_id": v.lower(raw.get("product_id")),
        "seller_id": v.lower(raw.get("seller_id")),
        "shipping_limit_date": v.timestamp(raw.get("shipping_limit_date")),
        "price": price,
        "freight_value": freight,
        "item_total": None if price is None or freight is None else price + freight,
    }


def _payment(raw: Values) -> Row:
    kind = v.lower(raw.get("payment_type"))
    return {
        "order_id": v.lower(raw.get("order_id")),
        "payment_sequential": v.integer(raw.get("payment_sequential")),
        "payment_type": kind,
        "payment_installments": v.integer(raw.get("payment_installments")),
        "payment_value": v.money(raw.get("payment_value")),
        "is_credit_card": kind == "credit_card",
    }


def _review(raw: Values) -> Row:
    title, message = v.text(raw.get("review_comment_title")), v.text(raw.get("review_comment_message"))
    return {
        "review_id": v.lower(raw.get("review_id")),
        "order_id": v.lower(raw.get("order_id")),
        "review_score": v.integer(raw.get("review_score")),
        "review_comment_title": title,
        "review_comment_message": message,
        "review_creation_timestamp": v.timestamp(raw.get("review_creation_date")),
        "review_answer_timestamp": v.timestamp(raw.get("review_answer_timestamp")),
        "has_comment": bool(title or message),
    }


CLEAN: dict[str, Callable[[Values], Row]] = {
    "customers": _customer,
    "products": _product,
    "sellers": _seller,
    "geolocation": _sample,
    "orders": _order,
    "order_items": _item,
    "order_payments": _payment,
    "order_reviews": _review,
}


def is_id(column: str) -> Rule:
    return lambda row: bool(re.fullmatch("[0-9a-f]{32}", row[column] or ""))


def _least(column: str, least: int) -> Rule:
    return lambda row: row[column] is not None and row[column] >= least


def _within(column: str, least: int, most: int) -> Rule:
    return lambda row: row[column] is not None and least <= row[column] <= most


def present(column: str) -> Rule:
    return lambda row: row[column] is not None


def _dimensions(row: Row) -> bool:
    sizes = ("product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm")
    return all(row[size] is None or row[size] >= 0 for size in sizes)


RULES: dict[str, dict[str, Rule]] = {
    "customers": {
        "valid_customer_id": is_id("customer_id"),
        "valid_customer_unique_id": is_id("customer_unique_id"),
        "zip_code_present": present("customer_zip_code_prefix"),
    },
    "products": {"valid_product_id": is_id("product_id"), "valid_dimensions": _dimensions},
    "sellers": {
        "valid_seller_id": is_id("seller_id"),
        "state_present": present("seller_state"),
        "city_present": present("seller_city"),
    },
    "geolocation": {
        "place_present": lambda row: all(
            row[name] is not None for name in ("zip_code_prefix", "city", "state")
        ),
        "valid_latitude": _within("latitude", -90, 90),
        "valid_longitude": _within("longitude", -180, 180),
    },
    "orders": {
        "valid_order_id": is_id("order_id"),
        "valid_customer_id": is_id("customer_id"),
        "valid_order_status": lambda row: row["order_status"] in STATUSES,
        "purchase_timestamp_present": present("order_purchase_timestamp"),
    },
    "order_items": {
        "valid_order_id": is_id("order_id"),
        "valid_order_item_id": _least("order_item_id", 1),
        "valid_product_id": is_id("product_id"),
        "valid_seller_id": is_id("seller_id"),
        "valid_price": _least("price", 0),
        "valid_freight_value": _least("freight_value", 0),
    },
    "order_payments": {
        "valid_order_id": is_id("order_id"),
        "valid_payment_sequential": _least("payment_sequential", 1),
        "payment_type_present": present("payment_type"),
        "valid_payment_installments": _least("payment_installments", 0),
        "valid_payment_value": _least("payment_value", 0),
    },
    "order_reviews": {
        "valid_review_id": is_id("review_id"),
        "valid_order_id": is_id("order_id"),
        "valid_review_score": _within("review_score", 1, 5),
    },
}


def silver(raw_dir: Path) -> tuple[Tables, Quarantine]:
    """The nine silver tables by name, and what quarantine holds of each: {dataset: {reasons: rows}}."""
    tables: Tables = {}
    quarantine: Quarantine = {}
    for dataset in KEYS:
        kept, rejected = _split(dataset, read_csv(raw_dir / dataset))
        quarantine[f"silver.{dataset}"] = rejected
        tables[f"silver.{dataset}"] = _places(kept) if dataset == "geolocation" else _latest(dataset, kept)
    tables["silver.orders_enriched"] = _enriched(tables)
    return tables, quarantine


def sums(raw_dir: Path) -> dict[str, dict[str, int]]:
    """The counts of utils.reconciliation, each from the raw files' rows: {dataset: {column: rows}}."""
    counted = {}
    for dataset, key in KEYS.items():
        raw = read_csv(raw_dir / dataset)
        kept, rejected = _split(dataset, raw)
        rows_of_key = Counter(tuple(row[name] for name in key) for row, _ in kept)
        counted[f"silver.{dataset}"] = {
            "bronze_records": len(raw),
            "quarantined_records": rejected.total(),
            "silver_records": len(rows_of_key),
            "replaced_records": sum(rows - 1 for rows in rows_of_key.values()),
        }
    return counted


def _split(dataset: str, raw: list[RawRow]) -> tuple[list[tuple[Row, RawRow]], Counter[tuple[str, ...]]]:
    kept: list[tuple[Row, RawRow]] = []
    rejected: Counter[tuple[str, ...]] = Counter()
    for source in raw:
        row = CLEAN[dataset](source.values)
        broken = tuple(name for name, rule in RULES[dataset].items() if not rule(row))
        reasons = ("well_formed", *broken) if source.corrupt else broken
        if reasons:
            rejected[reasons] += 1
        else:
            kept.append((row, source))
    return kept, rejected


def _latest(dataset: str, kept: list[tuple[Row, RawRow]]) -> list[Row]:
    best: dict[tuple[Any, ...], tuple[Any, Row]] = {}
    for row, source in kept:
        key = tuple(row[name] for name in KEYS[dataset])
        version = (*source.version, _digest(row))
        if key not in best or version > best[key][0]:
            best[key] = (version, row)
    return [row for _, row in best.values()]


def _digest(row: Row) -> str:
    content = "\x1f".join(_spelled(value) for value in row.values())
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def _spelled(value: Any) -> str:
    """A value as Spark casts it to text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        spelled = str(value)
        return spelled.rstrip("0") if "." in spelled else spelled
    return str(value)


def _places(kept: list[tuple[Row, RawRow]]) -> list[Row]:
    samples: dict[tuple[str, str, str], set[tuple[Decimal, Decimal]]] = defaultdict(set)
    for row, _ in kept:
        samples[row["zip_code_prefix"], row["city"], row["state"]].add((row["latitude"], row["longitude"]))
    return [
        {
            "zip_code_prefix": zip_code,
            "city": city,
            "state": state,
            "latitude": _mean([latitude for latitude, _ in found]),
            "longitude": _mean([longitude for _, longitude in found]),
            "sample_count": len(found),
            "region": REGION_OF.get(state, "unknown"),
        }
        for (zip_code, city, state), found in samples.items()
    ]


def _mean(numbers: list[Decimal]) -> float:
    exact = sum(numbers, Decimal(0)) / len(numbers)
    return float(exact.quantize(Decimal("1e-6"), ROUND_HALF_UP))


def _enriched(tables: Tables) -> list[Row]:
    customers = {row["customer_id"]: row for row in tables["silver.customers"]}
    places = {
        (row["zip_code_prefix"], row["city"], row["state"]): row for row in tables["silver.geolocation"]
    }
    items, payments, reviews = (
        _by_order(tables[f"silver.{name}"]) for name in ("order_items", "order_payments", "order_reviews")
    )
    return [
        {
            **order,
            **_place(customers.get(order["customer_id"], {}), places),
            **_totals(items[order["order_id"]], payments[order["order_id"]], reviews[order["order_id"]]),
            "delivery_days": _days(order["order_purchase_timestamp"], order["order_delivered_customer_date"]),
            "delivery_delay_days": _days(
                order["order_estimated_delivery_date"], order["order_delivered_customer_date"]
            ),
        }
        for order in tables["silver.orders"]
    ]


def _by_order(rows: list[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["order_id"]].append(row)
    return found


def _place(customer: Row, places: dict[tuple[str, str, str], Row]) -> Row:
    zip_code, city, state = (
        customer.get(f"customer_{name}") for name in ("zip_code_prefix", "city", "state")
    )
    found = places.get((str(zip_code), str(city), str(state)), {})
    return {
        "customer_zip_code_prefix": zip_code or "unknown",
        "customer_city": city or "unknown",
        "customer_state": state or "unknown",
        "region": REGION_OF.get(state or "", "unknown"),
        "customer_latitude": found.get("latitude"),
        "customer_longitude": found.get("longitude"),
    }


def _totals(items: list[Row], payments: list[Row], reviews: list[Row]) -> Row:
    zero = Decimal("0.00")
    scores = [review["review_score"] for review in reviews]
    created = [review["review_creation_timestamp"] for review in reviews]
    return {
        "total_items": len(items),
        "items_value": sum((item["price"] for item in items), zero),
        "freight_value": sum((item["freight_value"] for item in items), zero),
        "total_payments": len(payments),
        "total_payment_value": sum((payment["payment_value"] for payment in payments), zero),
        "used_credit_card": any(payment["is_credit_card"] for payment in payments),
        "avg_review_score": sum(scores) / len(scores) if scores else None,
        "has_review_comment": any(review["has_comment"] for review in reviews),
        "first_review_timestamp": min((moment for moment in created if moment), default=None),
    }


def _days(start: datetime | None, end: datetime | None) -> int | None:
    return (end.date() - start.date()).days if start and end else None
