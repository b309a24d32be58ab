"""Gold: six views that answer a business question each. `canceled` means status canceled or unavailable."""

from pipelines.schemas.model import Column, Table

SALES_PERFORMANCE = Table(
    "gold.sales_performance",
    "Delivered sales by product category, place of the customer and month of purchase",
    ("product_category_name", "customer_state", "customer_city", "sales_month"),
    (
        Column("product_category_name", "STRING", "Category of the products sold, or unknown"),
        Column("customer_state", "STRING", "State of the customer, or unknown"),
        Column("customer_city", "STRING", "City of the customer, or unknown"),
        Column("sales_month", "DATE", "First day of the month of purchase"),
        Column("total_orders", "BIGINT", "Distinct orders; one of several categories counts in each"),
        Column("total_items", "BIGINT", "Items sold"),
        Column("total_revenue", "DECIMAL(18,2)", "Price and freight of those items in BRL"),
        Column("average_ticket", "DECIMAL(18,2)", "total_revenue / total_orders in BRL, half up"),
    ),
)

CUSTOMER_SEGMENTS = Table(
    "gold.customer_segments",
    "Persons by recency, frequency and spending over their orders that were neither canceled nor unavailable",
    ("customer_unique_id",),
    (
        Column("customer_unique_id", "STRING", "The person, 32 lower-case hex digits", pii=True),
        Column("last_purchase", "TIMESTAMP", "The person's latest purchase"),
        Column("recency_days", "INT", "Days from last_purchase to the as-of date"),
        Column("frequency", "BIGINT", "Distinct orders"),
        Column("monetary_value", "DECIMAL(18,2)", "Sum of the payments in BRL, 0.00 when none"),
        Column("recency_score", "INT", "1 to 5 by percent rank over all persons, 5 is most recent"),
        Column("frequency_score", "INT", "1 to 5 by percent rank over all persons, 5 is most frequent"),
        Column("monetary_score", "INT", "1 to 5 by percent rank over all persons, 5 spent most"),
        Column("segment", "STRING", "champions, loyal, recent, at_risk, lost or regular"),
    ),
)

CUSTOMER_SEGMENT_COUNTS = Table(
    "gold.customer_segment_counts",
    "The segments without the persons: for readers who need no row a person",
    ("segment",),
    (
        Column("segment", "STRING", "Segment of gold.customer_segments"),
        Column("persons", "BIGINT", "Persons in it"),
        Column("avg_recency_days", "DOUBLE", "Mean days from their latest purchase to the as-of date"),
        Column("avg_frequency", "DOUBLE", "Mean number of their distinct orders"),
        Column("total_monetary_value", "DECIMAL(18,2)", "Sum of their payments in BRL"),
    ),
)

LOGISTICS_EFFICIENCY = Table(
    "gold.logistics_efficiency",
    "Delivery times and delays by state of the customer, over delivered orders with a delivery date",
    ("customer_state",),
    (
        Column("customer_state", "STRING", "State of the customer, or unknown"),
        Column("total_deliveries", "BIGINT", "Delivered orders with a delivery date"),
        Column("avg_delivery_days", "DOUBLE", "Mean calendar days from purchase to delivery"),
        Column(
            "avg_delay_days", "DOUBLE", "Mean calendar days from estimated to real delivery: late is positive"
        ),
        Column("delayed_deliveries", "BIGINT", "Deliveries after the estimated day"),
        Column(
            "percentage_delayed",
            "DOUBLE",
            "Delayed deliveries in percent (0 to 100) of those with an estimate; null when none has one",
        ),
    ),
)

PAYMENT_METHODS_EVOLUTION = Table(
    "gold.payment_methods_evolution",
    "Use of each means of payment by week of purchase, over orders of every status",
    ("payment_type", "reference_week"),
    (
        Column("payment_type", "STRING", "Means of payment"),
        Column("reference_week", "DATE", "Monday of the week of purchase"),
        Column("usage_count", "BIGINT", "Payments"),
        Column("total_orders", "BIGINT", "Distinct orders paid"),
        Column("total_amount", "DECIMAL(18,2)", "Sum of the payments in BRL"),
        Column("avg_installments", "DOUBLE", "Mean number of instalments"),
    ),
)

SELLER_QUALITY = Table(
    "gold.seller_quality",
    "Sales and reviews of every seller over orders that were neither canceled nor unavailable; "
    "a review of an order counts for each of its sellers",
    ("seller_id", "seller_state"),
    (
        Column("seller_id", "STRING", "Id of the seller"),
        Column("seller_state", "STRING", "State of the seller"),
        Column("total_sales", "BIGINT", "Distinct orders with an item of the seller"),
        Column("total_reviews", "BIGINT", "Distinct reviews of those orders"),
        Column("avg_rating", "DOUBLE", "Mean score of those reviews, 1 to 5; null when none"),
        Column("total_bad_reviews", "BIGINT", "Those reviews with score 1"),
        Column(
            "quality_rank",
            "INT",
            "Dense rank by avg_rating, then total_sales, both descending; null with fewer than 5 reviews",
        ),
    ),
)

PUBLICATION = Table(
    "gold.publication",
    "How old gold is: one row, written with the other tables, and so only when the quality gate was passed",
    (),
    (
        Column("read_until", "TIMESTAMP", "When the latest raw row that gold knows of was read, UTC"),
        Column("latest_purchase", "TIMESTAMP", "The latest purchase that gold knows of, of any status"),
    ),
)

TABLES = (
    PUBLICATION,
    SALES_PERFORMANCE,
    CUSTOMER_SEGMENTS,
    CUSTOMER_SEGMENT_COUNTS,
    LOGISTICS_EFFICIENCY,
    PAYMENT_METHODS_EVOLUTION,
    SELLER_QUALITY,
)
