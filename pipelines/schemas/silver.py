"""Silver: typed and cleaned, one row for each key."""

from pipelines.schemas.model import Column, Table

CUSTOMERS = Table(
    "silver.customers",
    "Customers, cleaned; of several versions the latest delivery's",
    ("customer_id",),
    (
        Column("customer_id", "STRING", "Customer of an order, 32 lower-case hex digits"),
        Column(
            "customer_unique_id",
            "STRING",
            "The person behind the customer, 32 lower-case hex digits",
            pii=True,
        ),
        Column("customer_zip_code_prefix", "STRING", "First 5 digits of the postal code, zeros kept"),
        Column("customer_city", "STRING", "City, each word capitalized"),
        Column("customer_state", "STRING", "State, two upper-case letters"),
        Column("customer_name", "STRING", "Full name; null in real Olist", pii=True),
        Column("customer_email", "STRING", "E-mail address in lower case; null in real Olist", pii=True),
        Column("customer_phone", "STRING", "Phone number; null in real Olist", pii=True),
    ),
)

PRODUCTS = Table(
    "silver.products",
    "Products, cleaned; of several versions the latest delivery's",
    ("product_id",),
    (
        Column("product_id", "STRING", "Id of the product, 32 lower-case hex digits"),
        Column("product_category_name", "STRING", "Category in lower case, unknown when missing"),
        Column("product_name_lenght", "INT", "Characters in the product's name (misspelt in Olist)"),
        Column("product_description_lenght", "INT", "Characters in the description (misspelt in Olist)"),
        Column("product_photos_qty", "INT", "Published photos"),
        Column("product_weight_g", "INT", "Weight in grams"),
        Column("product_length_cm", "INT", "Length in centimetres"),
        Column("product_height_cm", "INT", "Height in centimetres"),
        Column("product_width_cm", "INT", "Width in centimetres"),
    ),
)

SELLERS = Table(
    "silver.sellers",
    "Sellers, cleaned; of several versions the latest delivery's",
    ("seller_id",),
    (
        Column("seller_id", "STRING", "Id of the seller, 32 lower-case hex digits"),
        Column("seller_zip_code_prefix", "STRING", "First 5 digits of the postal code, zeros kept"),
        Column("seller_city", "STRING", "City, each word capitalized"),
        Column("seller_state", "STRING", "State, two upper-case letters"),
    ),
)

GEOLOCATION = Table(
    "silver.geolocation",
    "Places and their mean coordinates over the distinct samples",
    ("zip_code_prefix", "city", "state"),
    (
        Column("zip_code_prefix", "STRING", "First 5 digits of the postal code, zeros kept"),
        Column("city", "STRING", "City, each word capitalized"),
        Column("state", "STRING", "State, two upper-case letters"),
        Column("latitude", "DOUBLE", "Mean latitude in degrees, 6 places; south is negative"),
        Column("longitude", "DOUBLE", "Mean longitude in degrees, 6 places; west is negative"),
        Column("sample_count", "BIGINT", "Distinct samples behind the mean"),
        Column(
            "region", "STRING", "Region of the state: southeast, south, midwest, northeast, north, unknown"
        ),
    ),
)

ORDERS = Table(
    "silver.orders",
    "Orders, cleaned, with their latest status",
    ("order_id",),
    (
        Column("order_id", "STRING", "Id of the order, 32 lower-case hex digits"),
        Column("customer_id", "STRING", "Customer who ordered; may be unknown to silver.customers"),
        Column(
            "order_status",
            "STRING",
            "created, approved, invoiced, processing, shipped, delivered, canceled or unavailable",
        ),
        Column("order_purchase_timestamp", "TIMESTAMP", "When the order was placed"),
        Column("order_approved_at", "TIMESTAMP", "When the payment was approved"),
        Column("order_delivered_carrier_date", "TIMESTAMP", "When the carrier took the parcel"),
        Column("order_delivered_customer_date", "TIMESTAMP", "When the customer received the parcel"),
        Column("order_estimated_delivery_date", "TIMESTAMP", "Delivery date promised at purchase"),
    ),
)

ORDER_ITEMS = Table(
    "silver.order_items",
    "Items of orders, cleaned, also when their order is not there (yet)",
    ("order_id", "order_item_id"),
    (
        Column("order_id", "STRING", "Order that the item belongs to"),
        Column("order_item_id", "INT", "Number of the item within its order, from 1"),
        Column("product_id", "STRING", "Product sold; may be unknown to silver.products"),
        Column("seller_id", "STRING", "Seller who ships the item; may be unknown to silver.sellers"),
        Column("shipping_limit_date", "TIMESTAMP", "Until when the seller must hand over the item"),
        Column("price", "DECIMAL(12,2)", "Price in BRL"),
        Column("freight_value", "DECIMAL(12,2)", "Freight in BRL"),
        Column("item_total", "DECIMAL(12,2)", "Price and freight in BRL"),
    ),
)

ORDER_PAYMENTS = Table(
    "silver.order_payments",
    "Payments of orders, cleaned, also when their order is not there (yet)",
    ("order_id", "payment_sequential"),
    (
        Column("order_id", "STRING", "Order that is paid"),
        Column("payment_sequential", "INT", "Number of the payment within its order, from 1"),
        Column("payment_type", "STRING", "Means of payment in lower case, such as credit_card"),
        Column("payment_installments", "INT", "Instalments chosen; 0 occurs in real Olist"),
        Column("payment_value", "DECIMAL(12,2)", "Amount in BRL"),
        Column("is_credit_card", "BOOLEAN", "Whether the means of payment is a credit card"),
    ),
)

ORDER_REVIEWS = Table(
    "silver.order_reviews",
    "Reviews of orders, cleaned, also when their order is not there (yet)",
    ("review_id", "order_id"),
    (
        Column("review_id", "STRING", "Id of the review; real Olist has reviews of several orders"),
        Column("order_id", "STRING", "Order that is reviewed"),
        Column("review_score", "INT", "Score from 1 (worst) to 5 (best)"),
        Column("review_comment_title", "STRING", "Title of the comment, which may name anybody", pii=True),
        Column("review_comment_message", "STRING", "Text of the comment, line breaks included", pii=True),
        Column("review_creation_timestamp", "TIMESTAMP", "When the customer was asked for the review"),
        Column("review_answer_timestamp", "TIMESTAMP", "When the customer answered"),
        Column("has_comment", "BOOLEAN", "Whether the review has a title or a message"),
    ),
)

ORDERS_ENRICHED = Table(
    "silver.orders_enriched",
    "Each order with its customer's place and the sums of its items, payments and reviews",
    ("order_id",),
    (
        *ORDERS.columns,
        Column("customer_zip_code_prefix", "STRING", "Postal code prefix of the customer, or unknown"),
        Column("customer_city", "STRING", "City of the customer, or unknown"),
        Column("customer_state", "STRING", "State of the customer, or unknown"),
        Column("region", "STRING", "Region of the customer's state, or unknown"),
        Column("customer_latitude", "DOUBLE", "Mean latitude of the customer's place in degrees, if sampled"),
        Column(
            "customer_longitude", "DOUBLE", "Mean longitude of the customer's place in degrees, if sampled"
        ),
        Column("total_items", "BIGINT", "Items of the order, 0 when none"),
        Column("items_value", "DECIMAL(18,2)", "Sum of the items' prices in BRL, 0.00 when none"),
        Column("freight_value", "DECIMAL(18,2)", "Sum of the items' freight in BRL, 0.00 when none"),
        Column("total_payments", "BIGINT", "Payments of the order, 0 when none"),
        Column("total_payment_value", "DECIMAL(18,2)", "Sum of the payments in BRL, 0.00 when none"),
        Column("used_credit_card", "BOOLEAN", "Whether any payment was by credit card"),
        Column("avg_review_score", "DOUBLE", "Mean score of the order's reviews, 1 to 5; null when none"),
        Column("has_review_comment", "BOOLEAN", "Whether any review has a title or a message"),
        Column("first_review_timestamp", "TIMESTAMP", "When the first review was asked for; null when none"),
        Column("delivery_days", "INT", "Calendar days from purchase to delivery; null until delivered"),
        Column(
            "delivery_delay_days",
            "INT",
            "Calendar days from estimated to real delivery: late is positive; null until delivered",
        ),
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
    ORDERS_ENRICHED,
)
