"""Every kind of defect that can be injected, and which expectations are to catch it.

A defect is a copy of a good row made bad, a row delivered twice, or a row held back: no good row is ever
missing or changed. So a copy that is only warned about, and would be kept, gets a key of its own that no
other row names.
"""

from dataclasses import dataclass, field
from typing import Literal

from generator.spec import DATASETS, ENTITIES, KEYS

DefectAction = Literal["copy", "twice", "late", "extra", "broken"]


@dataclass(frozen=True)
class Defect:
    """One kind of defect.

    `action` says what is delivered besides the good row: a changed `copy`; the row `twice`; the row itself in
    a `late` file instead of its own; a copy in an `extra` file with a column that nobody knows; a `broken`
    line. `changes` has the copy's new values as format strings of the good ones ("-{}" is minus the good
    value), None for a missing one. `fresh` names a key column that gets an id of its own, `canceled_order`
    asks for the id of a canceled order. `caught_by` names all the expectations (layer.table.name) that catch the
    delivered row: those of bronze, then the drop rules that it breaks or, where it is kept, the warnings.
    """

    kind: str
    action: DefectAction
    changes: dict[str, str | None] = field(default_factory=dict)
    caught_by: tuple[str, ...] = ()
    fresh: str | None = None
    canceled_order: bool = False


# Too short by one digit: an id neither by length nor by its rule.
TRUNCATED_ID = "{:.31}"
UNKNOWN_COLUMN = "unexpected_column"
# The drop rules that a row without any value breaks; what a line is cut off to is no value that any keeps.
BROKEN_BY_NOTHING = {
    "customers": ("valid_customer_id", "valid_customer_unique_id", "zip_code_present"),
    "products": ("valid_product_id",),
    "sellers": ("valid_seller_id", "state_present", "city_present"),
    "geolocation": ("place_present", "valid_latitude", "valid_longitude"),
    "orders": ("valid_order_id", "valid_customer_id", "valid_order_status", "purchase_timestamp_present"),
    "order_items": (
        "valid_order_id",
        "valid_order_item_id",
        "valid_product_id",
        "valid_seller_id",
        "valid_price",
        "valid_freight_value",
    ),
    "order_payments": (
        "valid_order_id",
        "valid_payment_sequential",
        "payment_type_present",
        "valid_payment_installments",
        "valid_payment_value",
    ),
    "order_reviews": ("valid_review_id", "valid_order_id", "valid_review_score"),
}


# Those that a row without its last value breaks: most rows that are cut off there look as good as whole ones.
BROKEN_WITHOUT_THE_LAST = {
    "sellers": ("state_present",),
    "geolocation": ("place_present",),
    "order_items": ("valid_freight_value",),
    "order_payments": ("valid_payment_value",),
}


def _copy(kind: str, column: str, value: str | None, *caught_by: str) -> Defect:
    return Defect(kind, "copy", {column: value}, caught_by)


def _raw(dataset: str, *own: Defect, key_rule: str | None = None) -> tuple[Defect, ...]:
    """A raw dataset's own defects and those that any CSV file may have.

    `key_rule` is the one silver rule about all keys; None where each key has its own, valid_<key>.
    """
    silver, bronze, keys = f"silver.{dataset}", f"bronze.{dataset}", KEYS[dataset]
    rules = [f"{silver}.{key_rule or f'valid_{key}'}" for key in keys]
    malformed = (f"{bronze}.nothing_rescued", f"{bronze}.well_formed", f"{silver}.well_formed")
    absent = [f"{bronze}.{key}_present" for key in keys]
    nothing = [f"{silver}.{rule}" for rule in BROKEN_BY_NOTHING[dataset]]
    without_last = [f"{silver}.{rule}" for rule in BROKEN_WITHOUT_THE_LAST.get(dataset, ())]
    last_is_key = DATASETS[dataset][-1] in keys
    return (
        *(
            _copy(f"missing_{key}", key, None, f"{bronze}.{key}_present", rule)
            for key, rule in zip(keys, rules, strict=True)
        ),
        *own,
        Defect("late", "late"),
        # The first key is there, but not whole.
        Defect("too_few_fields", "broken", caught_by=(*malformed, *absent[1:], *nothing)),
        Defect("too_many_fields", "broken", caught_by=malformed),
        Defect(
            "last_field_missing",
            "broken",
            caught_by=(*malformed, *(absent[-1:] if last_is_key else ()), *without_last),
        ),
    )


def _keyed(dataset: str, *own: Defect) -> tuple[Defect, ...]:
    """Datasets with ids also get broken ones and rows delivered twice, which change nothing there."""
    key = KEYS[dataset][0]
    return _raw(
        dataset,
        _copy(f"broken_{key}", key, TRUNCATED_ID, f"silver.{dataset}.valid_{key}"),
        *own,
        Defect("duplicate", "twice"),
        Defect("unknown_column", "extra", caught_by=(f"bronze.{dataset}.nothing_rescued",)),
    )


def _canceled_copy(kind: str, delivered: str | None, *caught_by: str) -> Defect:
    """A further order without items. Canceled, so that no gold table counts it."""
    changes = {"order_status": "canceled", "order_delivered_customer_date": delivered}
    return Defect(kind, "copy", changes, caught_by, fresh="order_id")


def _changes(entity: str) -> tuple[Defect, ...]:
    """The defects of change events. The one without a time deletes a key that never was: nothing changes."""
    key, table = KEYS[entity][0], f"cdc.{entity}_changes"
    valid_operation, valid_key = f"{table}.valid_operation", f"{table}.valid_{key}"
    sequenced = f"{table}.sequence_number_present"
    nothing = {"change_timestamp": None, "operation": "DELETE"}
    return (
        _copy("unknown_operation", "operation", "MERGE", valid_operation),
        _copy("missing_key", key, None, valid_key),
        _copy("broken_key", key, TRUNCATED_ID, valid_key),
        _copy("missing_sequence", "sequence_number", None, sequenced),
        Defect("missing_time", "copy", nothing, (f"{table}.change_timestamp_present",), fresh=key),
        Defect("duplicate", "twice"),
        Defect("out_of_order", "late"),
        Defect("unknown_column", "extra", caught_by=(f"{table}.nothing_rescued",)),
        Defect("broken_json", "broken", caught_by=(valid_operation, valid_key, sequenced)),
    )


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "customers": _keyed(
        "customers",
        _copy(
            "broken_customer_unique_id",
            "customer_unique_id",
            TRUNCATED_ID,
            "silver.customers.valid_customer_unique_id",
        ),
        _copy("missing_zip_code", "customer_zip_code_prefix", None, "silver.customers.zip_code_present"),
    ),
    "products": _keyed(
        "products",
        _copy("negative_weight", "product_weight_g", "-{}", "silver.products.valid_dimensions"),
        Defect(
            "missing_category",
            "copy",
            {"product_category_name": None},
            ("silver.products.category_known",),
            fresh="product_id",
        ),
    ),
    "sellers": _keyed(
        "sellers",
        _copy("missing_state", "seller_state", None, "silver.sellers.state_present"),
        _copy("missing_city", "seller_city", None, "silver.sellers.city_present"),
    ),
    "geolocation": _raw(
        "geolocation",
        _copy("latitude_out_of_range", "geolocation_lat", "91.5", "silver.geolocation.valid_latitude"),
        _copy("bad_longitude", "geolocation_lng", "west", "silver.geolocation.valid_longitude"),
        _copy("unknown_state", "geolocation_state", "XX", "silver.geolocation.region_known"),
        key_rule="place_present",
    ),
    "orders": _keyed(
        "orders",
        _copy("broken_customer_id", "customer_id", TRUNCATED_ID, "silver.orders.valid_customer_id"),
        _copy("bad_status", "order_status", "lost in {}", "silver.orders.valid_order_status"),
        _copy("missing_status", "order_status", None, "silver.orders.valid_order_status"),
        _copy(
            "bad_date",
            "order_purchase_timestamp",
            "2018-02-30 25:61:00",
            "silver.orders.purchase_timestamp_present",
        ),
        _copy("missing_date", "order_purchase_timestamp", None, "silver.orders.purchase_timestamp_present"),
        _canceled_copy("order_without_items", None, "silver.orders_enriched.has_items"),
        _canceled_copy(
            "delivered_before_purchase",
            "2016-12-31 12:00:00",
            "silver.orders.delivered_after_purchase",
            "silver.orders_enriched.has_items",
        ),
    ),
    "order_items": _keyed(
        "order_items",
        _copy("item_number_zero", "order_item_id", "0", "silver.order_items.valid_order_item_id"),
        _copy("broken_product_id", "product_id", TRUNCATED_ID, "silver.order_items.valid_product_id"),
        _copy("broken_seller_id", "seller_id", TRUNCATED_ID, "silver.order_items.valid_seller_id"),
        _copy("negative_price", "price", "-{}", "silver.order_items.valid_price"),
        _copy("bad_price", "price", "R$ {}", "silver.order_items.valid_price"),
        _copy("negative_freight", "freight_value", "-{}", "silver.order_items.valid_freight_value"),
    ),
    "order_payments": _keyed(
        "order_payments",
        _copy("payment_zero", "payment_sequential", "0", "silver.order_payments.valid_payment_sequential"),
        _copy("missing_type", "payment_type", None, "silver.order_payments.payment_type_present"),
        _copy(
            "negative_installments",
            "payment_installments",
            "-{}",
            "silver.order_payments.valid_payment_installments",
        ),
        _copy("negative_value", "payment_value", "-{}", "silver.order_payments.valid_payment_value"),
    ),
    "order_reviews": _keyed(
        "order_reviews",
        _copy("broken_order_id", "order_id", TRUNCATED_ID, "silver.order_reviews.valid_order_id"),
        _copy("score_zero", "review_score", "0", "silver.order_reviews.valid_review_score"),
        _copy("score_six", "review_score", "6", "silver.order_reviews.valid_review_score"),
        _copy("bad_score", "review_score", "{} stars", "silver.order_reviews.valid_review_score"),
        Defect(
            "review_before_purchase",
            "copy",
            {"review_creation_date": "2016-01-01 00:00:00"},
            ("silver.orders_enriched.reviewed_after_purchase",),
            fresh="review_id",
            canceled_order=True,
        ),
    ),
    **{f"{entity}_changes": _changes(entity) for entity in ENTITIES},
}
