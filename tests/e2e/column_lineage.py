"""Where columns of ours come from, written by hand from the code of pipelines/: what the engine is to find."""

RAW = "/Volumes/olist_lakehouse/raw/olist"

# Each column with all of its origins, and how their values come into it or decide about it.
COLUMNS: dict[str, dict[str, set[str]]] = {
    "bronze.orders.order_id": {f"{RAW}/orders.order_id": {"IDENTITY"}},
    "bronze.orders._source_file": {f"{RAW}/orders._metadata": {"TRANSFORMATION"}},
    "bronze.orders._ingested_at": {},
    "silver.customers.customer_email": {"bronze.customers.customer_email": {"TRANSFORMATION"}},
    "silver.customers.customer_state": {"bronze.customers.customer_state": {"TRANSFORMATION"}},
    "silver.order_items.item_total": {
        "bronze.order_items.price": {"TRANSFORMATION"},
        "bronze.order_items.freight_value": {"TRANSFORMATION"},
    },
    "silver.geolocation.latitude": {"bronze.geolocation.geolocation_lat": {"AGGREGATION"}},
    "silver.geolocation.sample_count": {},
    "silver.orders_enriched.order_id": {"silver.orders.order_id": {"IDENTITY"}},
    "silver.orders_enriched.customer_city": {"silver.customers.customer_city": {"TRANSFORMATION"}},
    "silver.orders_enriched.region": {"silver.customers.customer_state": {"CONDITIONAL"}},
    "silver.orders_enriched.customer_latitude": {"silver.geolocation.latitude": {"IDENTITY"}},
    "silver.orders_enriched.total_items": {},
    "silver.orders_enriched.items_value": {"silver.order_items.price": {"AGGREGATION"}},
    "silver.orders_enriched.used_credit_card": {"silver.order_payments.is_credit_card": {"AGGREGATION"}},
    "silver.orders_enriched.avg_review_score": {"silver.order_reviews.review_score": {"AGGREGATION"}},
    "silver.orders_enriched.delivery_delay_days": {
        "silver.orders.order_estimated_delivery_date": {"TRANSFORMATION"},
        "silver.orders.order_delivered_customer_date": {"TRANSFORMATION"},
    },
    "cdc.customers.customer_name": {"cdc.customers_changes.customer_name": {"IDENTITY"}},
    "cdc.customers_history.__START_AT": {"cdc.customers_changes.sequence_number": {"IDENTITY"}},
    "cdc.customers_history.__END_AT": {"cdc.customers_changes.sequence_number": {"TRANSFORMATION"}},
    "gold.sales_performance.product_category_name": {
        "silver.products.product_category_name": {"TRANSFORMATION"}
    },
    "gold.sales_performance.customer_state": {"silver.orders_enriched.customer_state": {"IDENTITY"}},
    "gold.sales_performance.sales_month": {
        "silver.orders_enriched.order_purchase_timestamp": {"TRANSFORMATION"}
    },
    "gold.sales_performance.total_orders": {"silver.order_items.order_id": {"AGGREGATION"}},
    "gold.sales_performance.total_revenue": {"silver.order_items.item_total": {"AGGREGATION"}},
    "gold.sales_performance.average_ticket": {
        "silver.order_items.item_total": {"AGGREGATION"},
        "silver.order_items.order_id": {"AGGREGATION"},
    },
    "gold.customer_segments.monetary_value": {"silver.orders_enriched.total_payment_value": {"AGGREGATION"}},
    "gold.customer_segments.monetary_score": {"silver.orders_enriched.total_payment_value": {"WINDOW"}},
    "gold.customer_segment_counts.avg_recency_days": {"gold.customer_segments.recency_days": {"AGGREGATION"}},
    "gold.logistics_efficiency.delayed_deliveries": {
        "silver.orders_enriched.delivery_delay_days": {"AGGREGATION"}
    },
    "gold.payment_methods_evolution.reference_week": {
        "silver.orders.order_purchase_timestamp": {"TRANSFORMATION"}
    },
    "gold.payment_methods_evolution.avg_installments": {
        "silver.order_payments.payment_installments": {"AGGREGATION"}
    },
    "gold.seller_quality.avg_rating": {"silver.order_reviews.review_score": {"AGGREGATION"}},
    "gold.seller_quality.quality_rank": {"silver.order_reviews.review_score": {"WINDOW"}},
}

# What decides about the rows of a whole table.
ROWS: dict[str, dict[str, set[str]]] = {
    "gold.logistics_efficiency": {
        "silver.orders_enriched.order_status": {"FILTER"},
        "silver.orders_enriched.order_delivered_customer_date": {"FILTER"},
        "silver.orders_enriched.customer_state": {"GROUP_BY"},
    },
    "gold.payment_methods_evolution": {
        "silver.order_payments.order_id": {"JOIN"},
        "silver.orders.order_id": {"JOIN"},
        "silver.order_payments.payment_type": {"GROUP_BY"},
        "silver.orders.order_purchase_timestamp": {"GROUP_BY"},
    },
    "gold.customer_segments": {
        "silver.orders_enriched.order_status": {"FILTER"},
        "silver.orders_enriched.customer_id": {"JOIN"},
        "silver.customers.customer_id": {"JOIN"},
        "silver.customers.customer_unique_id": {"GROUP_BY"},
    },
}
