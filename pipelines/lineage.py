"""Which table is made from which: plain data, so that a rebuild can be told before it is done.

A test compares it with what an update has read.
"""

from collections.abc import Iterable, Mapping

from pipelines.schemas import bronze, cdc
from pipelines.schemas.cdc import ENTITIES
from pipelines.schemas.privacy import ERASURES, id_columns
from pipelines.shared.rules import SILVER_RULES

_KEYED = [table.short_name for table in bronze.TABLES]
_CHANGES = tuple(table.name for table in cdc.CHANGES)
_LAKE: dict[str, tuple[str, ...]] = {
    ERASURES.name: (),
    **{table.name: (ERASURES.name,) if id_columns(table) else () for table in bronze.TABLES},
    **{f"silver.{name}": (f"bronze.{name}",) for name in _KEYED},
    "silver.orders_enriched": tuple(
        f"silver.{name}"
        for name in ("customers", "geolocation", "order_items", "order_payments", "order_reviews", "orders")
    ),
    **{table.name: (ERASURES.name,) if id_columns(table) else () for table in cdc.CHANGES},
    **{f"cdc.{name}{kind}": (f"cdc.{name}_changes",) for name in ENTITIES for kind in ("", "_history")},
}
_BRONZE = tuple(table.name for table in bronze.TABLES)

FROM_FILES = (*_BRONZE, *_CHANGES)
"""The tables that are made from delivered files."""

# In an order in which the tables can be written.
SOURCES: Mapping[str, tuple[str, ...]] = {
    **_LAKE,
    "utils.judgements": _BRONZE,
    "utils.quarantine": (*_BRONZE, ERASURES.name),
    "utils.reconciliation": (
        *_BRONZE,
        *(f"silver.{name}" for name in _KEYED),
        "utils.judgements",
        "utils.quarantine",
    ),
    "utils.event_judgements": (*_CHANGES, "utils.quarantine"),
    "utils.expectation_results": (
        *_BRONZE,
        *(f"silver.{name}" for name, rules in SILVER_RULES.items() if rules.warn),
        *_CHANGES,
        "utils.quarantine",
        "utils.reconciliation",
        "utils.event_judgements",
    ),
    "utils.verdict": ("utils.reconciliation",),
    "utils.event_verdict": ("utils.event_judgements",),
    "gold.publication": ("utils.verdict", "silver.orders"),
    "gold.sales_performance": ("silver.orders_enriched", "silver.order_items", "silver.products"),
    "gold.customer_segments": ("silver.orders_enriched", "silver.customers"),
    "gold.customer_segment_counts": ("gold.customer_segments",),
    "gold.logistics_efficiency": ("silver.orders_enriched",),
    "gold.payment_methods_evolution": ("silver.order_payments", "silver.orders"),
    "gold.seller_quality": (
        "silver.sellers",
        "silver.order_items",
        "silver.orders",
        "silver.order_reviews",
    ),
}

_VIEWS = ("silver.geolocation", "silver.orders_enriched", "utils.reconciliation", "utils.expectation_results")
_OF_EVENTS = ("utils.event_judgements", "utils.event_verdict")
_WRITTEN_ANEW = (*_VIEWS, *_OF_EVENTS, "utils.verdict", ERASURES.name)
STREAMING_TABLES = tuple(
    name for name in SOURCES if name not in _WRITTEN_ANEW and not name.startswith("gold.")
)
"""The tables that keep their rows from update to update; the others are materialized views."""


def with_readers(tables: Iterable[str]) -> list[str]:
    """The tables and all that are made from them, directly or not, in the order of SOURCES."""
    found = set(tables)
    for name, sources in SOURCES.items():
        if found & set(sources):
            found.add(name)
    return [name for name in SOURCES if name in found]


def with_sources(tables: Iterable[str]) -> list[str]:
    """The tables and all that they are made from, directly or not, in the order of SOURCES."""
    found = set(tables)
    for name in reversed(list(SOURCES)):
        if name in found:
            found |= set(SOURCES[name])
    return [name for name in SOURCES if name in found]
