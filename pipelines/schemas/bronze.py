"""Bronze: every column of the raw files as text, and where each row came from."""

from pipelines.schemas.model import Column, Table


def _text(name: str, comment: str, *, pii: bool = False) -> Column:
    return Column(name, "STRING", comment, pii)


def lineage(*, pii: bool = False) -> tuple[Column, ...]:
    """The four columns that say where a row came from; `pii` when the rescued text may hold personal data."""
    return (
        Column("_rescued_data", "STRING", "What did not fit the schema, as JSON; null when all fits", pii),
        Column("_source_file", "STRING", "Path of the file that the row stood in"),
        Column("_file_modified_at", "TIMESTAMP", "When that file was last modified, UTC"),
        Column("_ingested_at", "TIMESTAMP", "When the pipeline read the row, UTC"),
    )


def _delivered(*, pii: bool = False) -> tuple[Column, ...]:
    line = "The line of a row with too few or too many fields, or broken otherwise; null when it is whole"
    return (*lineage(pii=pii), Column("_corrupt_record", "STRING", line, pii))


CUSTOMERS = Table(
    "bronze.customers",
    "Customers as they stood in the raw files",
    ("customer_id",),
    (
        _text("customer_id", "Customer of an order; a person has one for each order in real Olist"),
        _text("customer_unique_id", "The person behind the customer", pii=True),
        _text("customer_zip_code_prefix", "First digits of the postal code"),
        _text("customer_city", "City of the customer"),
        _text("customer_state", "State of the customer, two letters"),
        _text("customer_name", "Full name; absent in real Olist", pii=True),
        _text("customer_email", "E-mail address; absent in real Olist", pii=True),
        _text("customer_phone", "Phone number; absent in real Olist", pii=True),
        *_delivered(pii=True),
    ),
)

PRODUCTS = Table(
    "bronze.products",
    "Products as they stood in the raw files",
    ("product_id",),
    (
        _text("product_id", "Id of the product"),
        _text("product_category_name", "Category of the product"),
        _text("product_name_lenght", "Characters in the product's name (the column is misspelt in Olist)"),
        _text("product_description_lenght", "Characters in the description (misspelt in Olist)"),
        _text("product_photos_qty", "Published photos"),
        _text("product_weight_g", "Weight in grams"),
        _text("product_length_cm", "Length in centimetres"),
        _text("product_height_cm", "Height in centimetres"),
        _text("product_width_cm", "Width in centimetres"),
        *_delivered(),
    ),
)

SELLERS = Table(
    "bronze.sellers",
    "Sellers as they stood in the raw files",
    ("seller_id",),
    (
        _text("seller_id", "Id of the seller"),
        _text("seller_zip_code_prefix", "First digits of the postal code"),
        _text("seller_city", "City of the seller"),
        _text("seller_state", "State of the seller, two letters"),
        *_delivered(),
    ),
)

GEOLOCATION = Table(
    "bronze.geolocation",
    "Coordinates sampled for postal codes, as they stood in the raw files",
    ("geolocation_zip_code_prefix", "geolocation_city", "geolocation_state"),
    (
        _text("geolocation_zip_code_prefix", "First digits of the postal code"),
        _text("geolocation_lat", "Latitude in degrees, south is negative"),
        _text("geolocation_lng", "Longitude in degrees, west is negative"),
        _text("geolocation_city", "City of the sample"),
        _text("geolocation_state", "State of the sample, two letters"),
        *_delivered(),
    ),
)

ORDERS = Table(
    "bronze.orders",
    "Orders as they stood in the raw files, each status change as a row of its own",
    ("order_id",),
    (
        _text("order_id", "Id of the order"),
        _text("customer_id", "Customer who ordered"),
        _text("order_status", "Status of the order when the file was written"),
        _text("order_purchase_timestamp", "When the order was placed"),
        _text("order_approved_at", "When the payment was approved"),
        _text("order_delivered_carrier_date", "When the carrier took the parcel"),
        _text("order_delivered_customer_date", "When the customer received the parcel"),
        _text("order_estimated_delivery_date", "Delivery date promised at purchase"),
        *_delivered(),
    ),
)

ORDER_ITEMS = Table(
    "bronze.order_items",
    "Items of orders as they stood in the raw files",
    ("order_id", "order_item_id"),
    (
        _text("order_id", "Order that the item belongs to"),
        _text("order_item_id", "Number of the item within its order, from 1"),
        _text("product_id", "Product sold"),
        _text("seller_id", "Seller who ships the item"),
        _text("shipping_limit_date", "Until when the seller must hand over the item"),
        _text("price", "Price of the item in BRL"),
        _text("freight_value", "Freight of the item in BRL"),
        *_delivered(),
    ),
)

ORDER_PAYMENTS = Table(
    "bronze.order_payments",
    "Payments of orders as they stood in the raw files",
    ("order_id", "payment_sequential"),
    (
        _text("order_id", "Order that is paid"),
        _text("payment_sequential", "Number of the payment within its order, from 1"),
        _text("payment_type", "Means of payment"),
        _text("payment_installments", "Instalments chosen; real Olist has zeros"),
        _text("payment_value", "Amount of the payment in BRL"),
        *_delivered(),
    ),
)

ORDER_REVIEWS = Table(
    "bronze.order_reviews",
    "Reviews of orders as they stood in the raw files",
    ("review_id", "order_id"),
    (
        _text("review_id", "Id of the review; real Olist has reviews of several orders"),
        _text("order_id", "Order that is reviewed"),
        _text("review_score", "Score from 1 (worst) to 5 (best)"),
        _text("review_comment_title", "Title of the comment, which may name anybody", pii=True),
        _text("review_comment_message", "Text of the comment, line breaks included", pii=True),
        _text("review_creation_date", "When the customer was asked for the review"),
        _text("review_answer_timestamp", "When the customer answered"),
        *_delivered(pii=True),
    ),
)

TABLES = (
    CUSTOMERS,
    PRODUCTS,
    SELLERS,
    GEOLOCATION,
    ORDERS,
    ORDER_ITEMS,
    ORDER_PAYMENTS,
    ORDER_REVIEWS,
)
