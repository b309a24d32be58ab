"""How the rows of each raw dataset are cleaned: the same for silver, change events and quarantine.

Every function takes rows with the dataset's source columns as text and gives them typed, under the names
of the silver table; any other column (lineage, a change event's own) passes through as it is.
"""

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.shared.columns import (
    COORDINATE,
    MONEY,
    UNKNOWN,
    city,
    lower_text,
    number,
    text,
    timestamp,
    upper_text,
    zip_code,
)

Cleaner = Callable[[DataFrame], DataFrame]


def clean_customers(rows: DataFrame) -> DataFrame:
    """Customers: ids and e-mail lower, city capitalized, state upper, zip of 5 digits."""
    return rows.withColumns(
        {
            "customer_id": lower_text("customer_id"),
            "customer_unique_id": lower_text("customer_unique_id"),
            "customer_zip_code_prefix": zip_code("customer_zip_code_prefix"),
            "customer_city": city("customer_city"),
            "customer_state": upper_text("customer_state"),
            "customer_name": text("customer_name"),
            "customer_email": lower_text("customer_email"),
            "customer_phone": text("customer_phone"),
        }
    )


def clean_products(rows: DataFrame) -> DataFrame:
    """Products: a missing category becomes `unknown`, so that its sales are never lost."""
    return rows.withColumns(
        {
            "product_id": lower_text("product_id"),
            "product_category_name": F.coalesce(lower_text("product_category_name"), F.lit(UNKNOWN)),
            "product_name_lenght": number("product_name_lenght", "INT"),
            "product_description_lenght": number("product_description_lenght", "INT"),
            "product_photos_qty": number("product_photos_qty", "INT"),
            "product_weight_g": number("product_weight_g", "INT"),
            "product_length_cm": number("product_length_cm", "INT"),
            "product_height_cm": number("product_height_cm", "INT"),
            "product_width_cm": number("product_width_cm", "INT"),
        }
    )


def clean_sellers(rows: DataFrame) -> DataFrame:
    """Sellers: cleaned as customers are."""
    return rows.withColumns(
        {
            "seller_id": lower_text("seller_id"),
            "seller_zip_code_prefix": zip_code("seller_zip_code_prefix"),
            "seller_city": city("seller_city"),
            "seller_state": upper_text("seller_state"),
        }
    )


def clean_geolocation(rows: DataFrame) -> DataFrame:
    """Samples of coordinates, under the names of silver.geolocation."""
    return rows.withColumns(
        {
            "zip_code_prefix": zip_code("geolocation_zip_code_prefix"),
            "city": city("geolocation_city"),
            "state": upper_text("geolocation_state"),
            "latitude": number("geolocation_lat", COORDINATE),
            "longitude": number("geolocation_lng", COORDINATE),
        }
    ).drop(
        "geolocation_zip_code_prefix",
        "geolocation_city",
        "geolocation_state",
        "geolocation_lat",
        "geolocation_lng",
    )


def clean_orders(rows: DataFrame) -> DataFrame:
    """Orders: status lower, five timestamps."""
    return rows.withColumns(
        {
            "order_id": lower_text("order_id"),
            "customer_id": lower_text("customer_id"),
            "order_status": lower_text("order_status"),
            "order_purchase_timestamp": timestamp("order_purchase_timestamp"),
            "order_approved_at": timestamp("order_approved_at"),
            "order_delivered_carrier_date": timestamp("order_delivered_carrier_date"),
            "order_delivered_customer_date": timestamp("order_delivered_customer_date"),
            "order_estimated_delivery_date": timestamp("order_estimated_delivery_date"),
        }
    )


def clean_order_items(rows: DataFrame) -> DataFrame:
    """Items, with item_total = price + freight_value."""
    item_total = number("price", MONEY) + number("freight_value", MONEY)
    return rows.withColumns(
        {
            "order_id": lower_text("order_id"),
            "order_item_id": number("order_item_id", "INT"),
            "product_id": lower_text("product_id"),
            "seller_id": lower_text("seller_id"),
            "shipping_limit_date": timestamp("shipping_limit_date"),
            "price": number("price", MONEY),
            "freight_value": number("freight_value", MONEY),
            "item_total": item_total.try_cast(MONEY),
        }
    )


def clean_order_payments(rows: DataFrame) -> DataFrame:
    """Payments: type lower, is_credit_card false also when the type is missing."""
    return rows.withColumns(
        {
            "order_id": lower_text("order_id"),
            "payment_sequential": number("payment_sequential", "INT"),
            "payment_type": lower_text("payment_type"),
            "payment_installments": number("payment_installments", "INT"),
            "payment_value": number("payment_value", MONEY),
            "is_credit_card": F.coalesce(lower_text("payment_type") == "credit_card", F.lit(False)),
        }
    )


def clean_order_reviews(rows: DataFrame) -> DataFrame:
    """Reviews: has_comment is true when a title or a message is left after trimming."""
    title, message = text("review_comment_title"), text("review_comment_message")
    return rows.withColumns(
        {
            "review_id": lower_text("review_id"),
            "order_id": lower_text("order_id"),
            "review_score": number("review_score", "INT"),
            "review_comment_title": title,
            "review_comment_message": message,
            "review_creation_timestamp": timestamp("review_creation_date"),
            "review_answer_timestamp": timestamp("review_answer_timestamp"),
            "has_comment": title.isNotNull() | message.isNotNull(),
        }
    ).drop("review_creation_date")


CLEANERS: dict[str, Cleaner] = {
    "customers": clean_customers,
    "products": clean_products,
    "sellers": clean_sellers,
    "geolocation": clean_geolocation,
    "orders": clean_orders,
    "order_items": clean_order_items,
    "order_payments": clean_order_payments,
    "order_reviews": clean_order_reviews,
}


def clean_changes(events: DataFrame, clean: Cleaner) -> DataFrame:
    """Change events: the entity's columns by `clean`, operation upper, sequence BIGINT, timestamp typed."""
    return clean(events).withColumns(
        {
            "operation": upper_text("operation"),
            "sequence_number": number("sequence_number", "BIGINT"),
            "change_timestamp": timestamp("change_timestamp"),
        }
    )
