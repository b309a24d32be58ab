"""By which ids a person is known: from one of them to all, as digests."""

import hashlib
import re
from collections.abc import Callable, Collection
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipelines.erasing.rows import digest_of
from pipelines.schemas.privacy import ID_IN_TEXT

_CUSTOMERS = ("bronze.customers", "cdc.customers_changes")
Read = Callable[[str], DataFrame | None]


def digest(identifier: str) -> str:
    """The digest by which an id is kept. Raises ValueError for what is no id."""
    cleaned = identifier.strip().lower()
    if not re.fullmatch(ID_IN_TEXT, cleaned):
        raise ValueError(
            f"{identifier!r} is no id of a customer: 32 hex digits (customer_id or customer_unique_id)"
        )
    return hashlib.sha256(cleaned.encode()).hexdigest()


def digests_of_person(start: str, read: Read) -> set[str]:
    """The digests of all ids of the person whom `start`, the digest of one, leads to; empty when nobody is found.

    `read` gives the rows of a table, None where there is none. A customer_id leads to the person and so to all of the
    person's customer_ids, these to orders, orders to reviews.
    """
    by_customer = _found(read, _CUSTOMERS, "customer_id", {start}, "customer_unique_id")
    by_person = _found(read, _CUSTOMERS, "customer_unique_id", {start}, "customer_unique_id")
    persons = by_customer | by_person
    customers = _found(read, _CUSTOMERS, "customer_unique_id", persons, "customer_id")
    # Whose customer row never came, or without a person's id.
    orders = _found(read, ["bronze.orders"], "customer_id", {*customers, start}, "order_id")
    reviews = _found(read, ["bronze.order_reviews"], "order_id", orders, "review_id")
    found = persons | customers | orders | reviews
    return (
        found | {start} if found or _found(read, _CUSTOMERS, "customer_id", {start}, "customer_id") else set()
    )


def _found(read: Read, tables: Collection[str], by: str, digests: Collection[str], wanted: str) -> set[str]:
    """The digests of the ids `wanted` in the rows whose id `by` has one of the digests; of ids only."""
    frames = [frame for frame in map(read, tables) if frame is not None]
    if not frames or not digests:
        return set()
    known = ", ".join(f"'{one}'" for one in digests)
    chosen = [
        frame.where(
            f"{digest_of(by)} IN ({known}) AND lower({wanted}) RLIKE '^\\\\s*{ID_IN_TEXT}\\\\s*$'"
        ).select(F.expr(digest_of(wanted)).alias("digest"))
        for frame in frames
    ]
    return {row[0] for row in reduce(DataFrame.union, chosen).distinct().collect()}
