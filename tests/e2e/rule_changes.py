"""Edits of the pipelines' code after which rows are judged otherwise: (file, before, after)."""

RULES, CLEANING = "pipelines/shared/rules.py", "pipelines/shared/cleaning.py"
# By dataset: tightened, loosened, renamed; and a cleaner, which events of sellers have, too.
CHANGES = {
    "silver.order_payments": (RULES, 'at_least("payment_value", 0)', 'at_least("payment_value", 150)'),
    "silver.order_reviews": (RULES, 'between("review_score", 1, 5)', 'between("review_score", 0, 6)'),
    "silver.geolocation": (RULES, '"place_present":', '"place_known":'),
    "silver.sellers": (
        CLEANING,
        '"seller_city": city("seller_city")',
        '"seller_city": upper_text("seller_city")',
    ),
}
