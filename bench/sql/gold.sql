-- The tables of gold from those of silver.

CREATE SCHEMA gold;

CREATE TABLE gold.sales_performance AS
SELECT
    coalesce(products.product_category_name, 'unknown') AS product_category_name,
    orders.customer_state,
    orders.customer_city,
    date_trunc('month', orders.order_purchase_timestamp)::DATE AS sales_month,
    count(DISTINCT items.order_id) AS total_orders,
    count(*) AS total_items,
    sum(items.item_total)::DECIMAL(18, 2) AS total_revenue,
    mean_money(sum(items.item_total), count(DISTINCT items.order_id)) AS average_ticket
FROM silver.order_items AS items
JOIN silver.orders_enriched AS orders USING (order_id)
LEFT JOIN silver.products AS products USING (product_id)
WHERE orders.order_status = 'delivered'
GROUP BY ALL;

CREATE TABLE gold.customer_segments AS
WITH persons AS (
    SELECT
        customer_unique_id,
        max(order_purchase_timestamp) AS last_purchase,
        count(*) AS frequency,
        sum(total_payment_value)::DECIMAL(18, 2) AS monetary_value
    FROM silver.orders_enriched
    JOIN silver.customers USING (customer_id)
    WHERE order_status NOT IN ('canceled', 'unavailable')
    GROUP BY customer_unique_id
),
recent AS (
    SELECT *, date_diff('day', last_purchase, as_of)::INTEGER AS recency_days
    FROM persons
    CROSS JOIN (SELECT max(order_purchase_timestamp) AS as_of FROM silver.orders)
),
scored AS (
    SELECT
        *,
        least(5, 1 + floor(5 * percent_rank() OVER (ORDER BY recency_days DESC)))::INTEGER AS recency_score,
        least(5, 1 + floor(5 * percent_rank() OVER (ORDER BY frequency)))::INTEGER AS frequency_score,
        least(5, 1 + floor(5 * percent_rank() OVER (ORDER BY monetary_value)))::INTEGER AS monetary_score
    FROM recent
)
SELECT
    customer_unique_id,
    last_purchase,
    recency_days,
    frequency,
    monetary_value,
    recency_score,
    frequency_score,
    monetary_score,
    CASE
        WHEN recency_score >= 4 AND frequency_score >= 4 AND monetary_score >= 4 THEN 'champions'
        WHEN recency_score <= 2 AND frequency_score >= 3 THEN 'at_risk'
        WHEN frequency_score >= 4 THEN 'loyal'
        WHEN recency_score >= 4 AND frequency_score <= 2 THEN 'recent'
        WHEN recency_score = 1 THEN 'lost'
        ELSE 'regular'
    END AS segment
FROM scored;

CREATE TABLE gold.customer_segment_counts AS
SELECT
    segment,
    count(*) AS persons,
    avg(recency_days) AS avg_recency_days,
    avg(frequency) AS avg_frequency,
    sum(monetary_value)::DECIMAL(18, 2) AS total_monetary_value
FROM gold.customer_segments
GROUP BY segment;

CREATE TABLE gold.logistics_efficiency AS
SELECT
    customer_state,
    count(*) AS total_deliveries,
    avg(delivery_days) AS avg_delivery_days,
    avg(delivery_delay_days) AS avg_delay_days,
    count(*) FILTER (delivery_delay_days > 0) AS delayed_deliveries,
    100 * count(*) FILTER (delivery_delay_days > 0) / nullif(count(delivery_delay_days), 0)
        AS percentage_delayed
FROM silver.orders_enriched
WHERE order_status = 'delivered' AND order_delivered_customer_date IS NOT NULL
GROUP BY customer_state;

CREATE TABLE gold.payment_methods_evolution AS
SELECT
    payment_type,
    date_trunc('week', order_purchase_timestamp)::DATE AS reference_week,
    count(*) AS usage_count,
    count(DISTINCT order_id) AS total_orders,
    sum(payment_value)::DECIMAL(18, 2) AS total_amount,
    avg(payment_installments) AS avg_installments
FROM silver.order_payments
JOIN silver.orders USING (order_id)
GROUP BY ALL;

CREATE TABLE gold.seller_quality AS
WITH sold AS (
    SELECT DISTINCT seller_id, order_id
    FROM silver.order_items
    JOIN silver.orders USING (order_id)
    WHERE order_status NOT IN ('canceled', 'unavailable')
),
sales AS (
    SELECT seller_id, count(*) AS orders FROM sold GROUP BY seller_id
),
ratings AS (
    SELECT
        seller_id,
        count(*) AS reviews,
        avg(review_score) AS rating,
        count(*) FILTER (review_score = 1) AS bad_reviews
    FROM sold
    JOIN silver.order_reviews USING (order_id)
    GROUP BY seller_id
),
found AS (
    SELECT
        seller_id,
        seller_state,
        coalesce(orders, 0) AS total_sales,
        coalesce(reviews, 0) AS total_reviews,
        rating AS avg_rating,
        coalesce(bad_reviews, 0) AS total_bad_reviews
    FROM silver.sellers
    LEFT JOIN sales USING (seller_id)
    LEFT JOIN ratings USING (seller_id)
)
SELECT
    *,
    CASE WHEN total_reviews >= 5 THEN
        dense_rank() OVER (PARTITION BY total_reviews >= 5 ORDER BY avg_rating DESC, total_sales DESC)
    END::INTEGER AS quality_rank
FROM found;
