"""Every expectation of the lakehouse: one SQL predicate decides what is kept, counted and quarantined.

A predicate is true or false for any row, never null, because expectations differ in how they treat null.
"""

from dataclasses import dataclass, field

ORDER_STATUSES = (
    "created",
    "approved",
    "invoiced",
    "processing",
    "shipped",
    "delivered",
    "canceled",
    "unavailable",
)
OPERATIONS = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Rules:
    """The expectations of one dataset, {name: predicate}: `warn` counts, `drop` quarantines, `fail` stops."""

    warn: dict[str, str] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    fail: dict[str, str] = field(default_factory=dict)


def present(column: str) -> str:
    """The column has a value."""
    return f"{column} IS NOT NULL"


def is_id(column: str) -> str:
    """The column is an Olist id: 32 lower-case hex digits."""
    return f"coalesce({column} RLIKE '^[0-9a-f]{{32}}$', false)"


def at_least(column: str, least: int) -> str:
    """The column has a value of `least` or more."""
    return f"coalesce({column} >= {least}, false)"


def between(column: str, least: int, most: int) -> str:
    """The column has a value from `least` to `most`, both included."""
    return f"coalesce({column} BETWEEN {least} AND {most}, false)"


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The column has one of the values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"coalesce({column} IN ({listed}), false)"


def known(column: str) -> str:
    """The column has a value other than `unknown`."""
    return f"coalesce({column} <> 'unknown', false)"


def unless_null(predicate: str) -> str:
    """The predicate holds or an operand is missing."""
    return f"coalesce({predicate}, true)"


# Spark keeps what it could read of a line that was cut off: each value may be right, and the row is not.
WELL_FORMED = {"well_formed": "_corrupt_record IS NULL"}
# What of a row did not fit the columns of a table that reads files.
NOTHING_RESCUED = "nothing_rescued"


def _bronze(*keys: str) -> Rules:
    return Rules(
        warn={
            **{f"{key}_present": present(key) for key in keys},
            NOTHING_RESCUED: "_rescued_data IS NULL",
            **WELL_FORMED,
        }
    )


BRONZE_RULES = {
    "customers": _bronze("customer_id"),
    "products": _bronze("product_id"),
    "sellers": _bronze("seller_id"),
    "geolocation": _bronze("geolocation_zip_code_prefix", "geolocation_city", "geolocation_state"),
    "orders": _bronze("order_id"),
    "order_items": _bronze("order_id", "order_item_id"),
    "order_payments": _bronze("order_id", "payment_sequential"),
    "order_reviews": _bronze("review_id", "order_id"),
}

_DIMENSIONS = ("product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm")

SILVER_RULES = {
    "customers": Rules(
        drop={
            **WELL_FORMED,
            "valid_customer_id": is_id("customer_id"),
            "valid_customer_unique_id": is_id("customer_unique_id"),
            "zip_code_present": present("customer_zip_code_prefix"),
        }
    ),
    "products": Rules(
        warn={"category_known": known("product_category_name")},
        drop={
            **WELL_FORMED,
            "valid_product_id": is_id("product_id"),
            "valid_dimensions": " AND ".join(unless_null(f"{name} >= 0") for name in _DIMENSIONS),
        },
    ),
    "sellers": Rules(
        drop={
            **WELL_FORMED,
            "valid_seller_id": is_id("seller_id"),
            "state_present": present("seller_state"),
            "city_present": present("seller_city"),
        }
    ),
    "geolocation": Rules(
        warn={"region_known": known("region")},
        drop={
            **WELL_FORMED,
            "place_present": "zip_code_prefix IS NOT NULL AND city IS NOT NULL AND state IS NOT NULL",
            "valid_latitude": between("latitude", -90, 90),
            "valid_longitude": between("longitude", -180, 180),
        },
    ),
    "orders": Rules(
        warn={
            "delivered_after_purchase": unless_null(
                "order_delivered_customer_date >= order_purchase_timestamp"
            )
        },
        drop={
            **WELL_FORMED,
            "valid_order_id": is_id("order_id"),
            "valid_customer_id": is_id("customer_id"),
            "valid_order_status": one_of("order_status", ORDER_STATUSES),
            "purchase_timestamp_present": present("order_purchase_timestamp"),
        },
    ),
    "order_items": Rules(
        drop={
            **WELL_FORMED,
            "valid_order_id": is_id("order_id"),
            "valid_order_item_id": at_least("order_item_id", 1),
            "valid_product_id": is_id("product_id"),
            "valid_seller_id": is_id("seller_id"),
            "valid_price": at_least("price", 0),
            "valid_freight_value": at_least("freight_value", 0),
        }
    ),
    "order_payments": Rules(
        drop={
            **WELL_FORMED,
            "valid_order_id": is_id("order_id"),
            "valid_payment_sequential": at_least("payment_sequential", 1),
            "payment_type_present": present("payment_type"),
            "valid_payment_installments": at_least("payment_installments", 0),
            "valid_payment_value": at_least("payment_value", 0),
        }
    ),
    "order_reviews": Rules(
        drop={
            **WELL_FORMED,
            "valid_review_id": is_id("review_id"),
            "valid_order_id": is_id("order_id"),
            "valid_review_score": between("review_score", 1, 5),
        }
    ),
    "orders_enriched": Rules(
        warn={
            "has_items": at_least("total_items", 1),
            # Olist asks for reviews at midnight, so a review of the same day is not before the purchase.
            "reviewed_after_purchase": unless_null(
                "to_date(first_review_timestamp) >= to_date(order_purchase_timestamp)"
            ),
        }
    ),
}

GOLD_RULES = {
    "publication": Rules(fail={"read_until_known": "latest_purchase IS NULL OR read_until IS NOT NULL"}),
    "sales_performance": Rules(
        fail={
            "product_category_name_present": present("product_category_name"),
            "customer_state_present": present("customer_state"),
            "customer_city_present": present("customer_city"),
            "sales_month_present": present("sales_month"),
            "valid_total_orders": at_least("total_orders", 1),
            "valid_total_items": at_least("total_items", 1),
            "valid_total_revenue": at_least("total_revenue", 0),
            "valid_average_ticket": at_least("average_ticket", 0),
        }
    ),
    "customer_segments": Rules(
        fail={
            "customer_unique_id_present": present("customer_unique_id"),
            "valid_recency_days": at_least("recency_days", 0),
            "valid_frequency": at_least("frequency", 1),
            "valid_monetary_value": at_least("monetary_value", 0),
        }
    ),
    "customer_segment_counts": Rules(
        fail={
            "segment_present": present("segment"),
            "valid_persons": at_least("persons", 1),
            "valid_total_monetary_value": at_least("total_monetary_value", 0),
        }
    ),
    "logistics_efficiency": Rules(
        fail={
            "customer_state_present": present("customer_state"),
            "valid_total_deliveries": at_least("total_deliveries", 1),
            "valid_delayed_deliveries": at_least("delayed_deliveries", 0),
            "valid_percentage_delayed": unless_null("percentage_delayed BETWEEN 0 AND 100"),
        }
    ),
    "payment_methods_evolution": Rules(
        fail={
            "payment_type_present": present("payment_type"),
            "reference_week_present": present("reference_week"),
            "valid_usage_count": at_least("usage_count", 1),
            "valid_total_orders": at_least("total_orders", 1),
            "valid_total_amount": at_least("total_amount", 0),
            "valid_avg_installments": at_least("avg_installments", 0),
        }
    ),
    "seller_quality": Rules(
        fail={
            "seller_id_present": present("seller_id"),
            "seller_state_present": present("seller_state"),
            "valid_total_sales": at_least("total_sales", 0),
            "valid_total_reviews": at_least("total_reviews", 0),
            "valid_total_bad_reviews": at_least("total_bad_reviews", 0),
            "valid_avg_rating": unless_null("avg_rating BETWEEN 1 AND 5"),
        }
    ),
}


def _changes(key: str) -> Rules:
    return Rules(
        warn={
            "change_timestamp_present": present("change_timestamp"),
            NOTHING_RESCUED: "_rescued_data IS NULL",
        },
        drop={
            "valid_operation": one_of("operation", OPERATIONS),
            f"valid_{key}": is_id(key),
            "sequence_number_present": present("sequence_number"),
        },
    )


CDC_RULES = {
    "customers_changes": _changes("customer_id"),
    "products_changes": _changes("product_id"),
    "sellers_changes": _changes("seller_id"),
}

# By itself it would only show as sums that do not work out, each day from then on, and of change events not at all.
_TODAYS = {"judged_by_todays_rules": "coalesce(outdated_records = 0, false)"}
_SUMS = {
    "rows_reconcile": "coalesce("
    "bronze_records = silver_records + quarantined_records + replaced_records, false)",
    "quarantine_within_limit": "coalesce(quarantined_share <= max_quarantined_share, false)",
    **_TODAYS,
}
# Counted and kept where the sums are made, so that a failure leaves its evidence; the verdict is a step of its own.
RECONCILIATION_RULES = Rules(warn=_SUMS)
EVENT_JUDGEMENTS_RULES = Rules(warn=_TODAYS)
VERDICT_RULES = Rules(fail=_SUMS)
EVENT_VERDICT_RULES = Rules(fail=_TODAYS)

PRIVACY_RULES = {
    "erasures": Rules(
        fail={
            "request_id_present": present("request_id"),
            "valid_digest": "coalesce(digest RLIKE '^[0-9a-f]{64}$', false)",
        }
    )
}

BY_SCHEMA: dict[str, dict[str, Rules]] = {
    "bronze": BRONZE_RULES,
    "silver": SILVER_RULES,
    "gold": GOLD_RULES,
    "cdc": CDC_RULES,
    "utils": {
        "reconciliation": RECONCILIATION_RULES,
        "event_judgements": EVENT_JUDGEMENTS_RULES,
        "verdict": VERDICT_RULES,
        "event_verdict": EVENT_VERDICT_RULES,
    },
    "privacy": PRIVACY_RULES,
}
"""The rules of each schema's tables, by short name; a table without rules is left out."""
