"""Which orders count as sales."""

from pyspark.sql import Column
from pyspark.sql import functions as F

CANCELED = ("canceled", "unavailable")


def not_canceled() -> Column:
    """Whether `order_status` is neither canceled nor unavailable."""
    return ~F.col("order_status").isin(*CANCELED)


def delivered() -> Column:
    """Whether `order_status` is delivered."""
    return F.col("order_status") == "delivered"
