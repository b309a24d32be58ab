-- The nine tables of silver from the raw files: valid rows, cleaned, one row for each key.

CREATE SCHEMA silver;

CREATE TABLE silver.customers AS
WITH clean AS (
    SELECT
        spelled_low(customer_id) AS customer_id,
        spelled_low(customer_unique_id) AS customer_unique_id,
        zip_code(customer_zip_code_prefix) AS customer_zip_code_prefix,
        capitalized(customer_city) AS customer_city,
        spelled_high(customer_state) AS customer_state,
        cleaned(customer_name) AS customer_name,
        spelled_low(customer_email) AS customer_email,
        cleaned(customer_phone) AS customer_phone,
        version
    FROM raw_rows('customers')
)
SELECT DISTINCT ON (customer_id) * EXCLUDE (version) FROM clean
WHERE is_id(customer_id) AND is_id(customer_unique_id) AND customer_zip_code_prefix IS NOT NULL
ORDER BY version DESC;

CREATE TABLE silver.products AS
WITH clean AS (
    SELECT
        spelled_low(product_id) AS product_id,
        coalesce(spelled_low(product_category_name), 'unknown') AS product_category_name,
        whole(product_name_lenght) AS product_name_lenght,
        whole(product_description_lenght) AS product_description_lenght,
        whole(product_photos_qty) AS product_photos_qty,
        whole(product_weight_g) AS product_weight_g,
        whole(product_length_cm) AS product_length_cm,
        whole(product_height_cm) AS product_height_cm,
        whole(product_width_cm) AS product_width_cm,
        version
    FROM raw_rows('products')
)
SELECT DISTINCT ON (product_id) * EXCLUDE (version) FROM clean
WHERE is_id(product_id)
    AND coalesce(product_weight_g >= 0, true)
    AND coalesce(product_length_cm >= 0, true)
    AND coalesce(product_height_cm >= 0, true)
    AND coalesce(product_width_cm >= 0, true)
ORDER BY version DESC;

CREATE TABLE silver.sellers AS
WITH clean AS (
    SELECT
        spelled_low(seller_id) AS seller_id,
        zip_code(seller_zip_code_prefix) AS seller_zip_code_prefix,
        capitalized(seller_city) AS seller_city,
        spelled_high(seller_state) AS seller_state,
        version
    FROM raw_rows('sellers')
)
SELECT DISTINCT ON (seller_id) * EXCLUDE (version) FROM clean
WHERE is_id(seller_id) AND seller_state IS NOT NULL AND seller_city IS NOT NULL
ORDER BY version DESC;

CREATE TABLE silver.geolocation AS
WITH samples AS (
    SELECT DISTINCT
        zip_code(geolocation_zip_code_prefix) AS zip_code_prefix,
        capitalized(geolocation_city) AS city,
        spelled_high(geolocation_state) AS state,
        degrees(geolocation_lat) AS latitude,
        degrees(geolocation_lng) AS longitude
    FROM raw_rows('geolocation')
)
SELECT
    zip_code_prefix,
    city,
    state,
    mean_degrees(sum(latitude), count(*)) AS latitude,
    mean_degrees(sum(longitude), count(*)) AS longitude,
    count(*) AS sample_count,
    region_of(state) AS region
FROM samples
WHERE zip_code_prefix IS NOT NULL AND city IS NOT NULL AND state IS NOT NULL
    AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180
GROUP BY zip_code_prefix, city, state;

CREATE TABLE silver.orders AS
WITH clean AS (
    SELECT
        spelled_low(order_id) AS order_id,
        spelled_low(customer_id) AS customer_id,
        spelled_low(order_status) AS order_status,
        moment(order_purchase_timestamp) AS order_purchase_timestamp,
        moment(order_approved_at) AS order_approved_at,
        moment(order_delivered_carrier_date) AS order_delivered_carrier_date,
        moment(order_delivered_customer_date) AS order_delivered_customer_date,
        moment(order_estimated_delivery_date) AS order_estimated_delivery_date,
        version
    FROM raw_rows('orders')
)
SELECT DISTINCT ON (order_id) * EXCLUDE (version) FROM clean
WHERE is_id(order_id) AND is_id(customer_id)
    AND order_status IN (
        'created', 'approved', 'invoiced', 'processing', 'shipped', 'delivered', 'canceled', 'unavailable'
    )
    AND order_purchase_timestamp IS NOT NULL
ORDER BY version DESC;

CREATE TABLE silver.order_items AS
WITH clean AS (
    SELECT
        spelled_low(order_id) AS order_id,
        whole(order_item_id) AS order_item_id,
        spelled_low(product_id) AS product_id,
        spelled_low(seller_id) AS seller_id,
        moment(shipping_limit_date) AS shipping_limit_date,
        money(price) AS price,
        money(freight_value) AS freight_value,
        (money(price) + money(freight_value))::DECIMAL(12, 2) AS item_total,
        version
    FROM raw_rows('order_items')
)
SELECT DISTINCT ON (order_id, order_item_id) * EXCLUDE (version) FROM clean
WHERE is_id(order_id) AND order_item_id >= 1 AND is_id(product_id) AND is_id(seller_id)
    AND price >= 0 AND freight_value >= 0
ORDER BY version DESC;

CREATE TABLE silver.order_payments AS
WITH clean AS (
    SELECT
        spelled_low(order_id) AS order_id,
        whole(payment_sequential) AS payment_sequential,
        spelled_low(payment_type) AS payment_type,
        whole(payment_installments) AS payment_installments,
        money(payment_value) AS payment_value,
        coalesce(spelled_low(payment_type) = 'credit_card', false) AS is_credit_card,
        version
    FROM raw_rows('order_payments')
)
SELECT DISTINCT ON (order_id, payment_sequential) * EXCLUDE (version) FROM clean
WHERE is_id(order_id) AND payment_sequential >= 1 AND payment_type IS NOT NULL
    AND payment_installments >= 0 AND payment_value >= 0
ORDER BY version DESC;

CREATE TABLE silver.order_reviews AS
WITH clean AS (
    SELECT
        spelled_low(review_id) AS review_id,
        spelled_low(order_id) AS order_id,
        whole(review_score) AS review_score,
        cleaned(review_comment_title) AS review_comment_title,
        cleaned(review_comment_message) AS review_comment_message,
        moment(review_creation_date) AS review_creation_timestamp,
        moment(review_answer_timestamp) AS review_answer_timestamp,
        coalesce(cleaned(review_comment_title), cleaned(review_comment_message)) IS NOT NULL AS has_comment,
        version
    FROM raw_rows('order_reviews')
)
SELECT DISTINCT ON (review_id, order_id) * EXCLUDE (version) FROM clean
WHERE is_id(review_id) AND is_id(order_id) AND review_score BETWEEN 1 AND 5
ORDER BY version DESC;

CREATE TABLE silver.orders_enriched AS
WITH items AS (
    SELECT order_id, count(*) AS number, sum(price) AS price, sum(freight_value) AS freight
    FROM silver.order_items
    GROUP BY order_id
),
payments AS (
    SELECT order_id, count(*) AS number, sum(payment_value) AS paid, bool_or(is_credit_card) AS by_card
    FROM silver.order_payments
    GROUP BY order_id
),
reviews AS (
    SELECT
        order_id,
        avg(review_score) AS score,
        bool_or(has_comment) AS commented,
        min(review_creation_timestamp) AS first_review
    FROM silver.order_reviews
    GROUP BY order_id
)
SELECT
    orders.*,
    coalesce(customers.customer_zip_code_prefix, 'unknown') AS customer_zip_code_prefix,
    coalesce(customers.customer_city, 'unknown') AS customer_city,
    coalesce(customers.customer_state, 'unknown') AS customer_state,
    region_of(customers.customer_state) AS region,
    places.latitude AS customer_latitude,
    places.longitude AS customer_longitude,
    coalesce(items.number, 0) AS total_items,
    coalesce(items.price, 0)::DECIMAL(18, 2) AS items_value,
    coalesce(items.freight, 0)::DECIMAL(18, 2) AS freight_value,
    coalesce(payments.number, 0) AS total_payments,
    coalesce(payments.paid, 0)::DECIMAL(18, 2) AS total_payment_value,
    coalesce(payments.by_card, false) AS used_credit_card,
    reviews.score AS avg_review_score,
    coalesce(reviews.commented, false) AS has_review_comment,
    reviews.first_review AS first_review_timestamp,
    date_diff('day', order_purchase_timestamp, order_delivered_customer_date)::INTEGER AS delivery_days,
    date_diff('day', order_estimated_delivery_date, order_delivered_customer_date)::INTEGER
        AS delivery_delay_days
FROM silver.orders AS orders
LEFT JOIN silver.customers AS customers USING (customer_id)
LEFT JOIN silver.geolocation AS places
    ON places.zip_code_prefix = customers.customer_zip_code_prefix
    AND places.city = customers.customer_city
    AND places.state = customers.customer_state
LEFT JOIN items USING (order_id)
LEFT JOIN payments USING (order_id)
LEFT JOIN reviews USING (order_id);
