"""CDC: the change events of three entities, their current rows and their history."""

from pipelines.schemas import silver
from pipelines.schemas.bronze import lineage
from pipelines.schemas.model import RULES_VERSION, Column, Table

_SEQUENCE = Column("sequence_number", "BIGINT", "Order of the events of one entity, increasing for ever")
_OPERATION = Column("operation", "STRING", "INSERT, UPDATE or DELETE")
_CHANGED_AT = Column("change_timestamp", "TIMESTAMP", "When the source made the change, UTC")
_START = Column("__START_AT", "BIGINT", "sequence_number of the event that opened the version")
_END = Column("__END_AT", "BIGINT", "sequence_number of the event that closed it; null while current")

ENTITIES = ("customers", "products", "sellers")
# What tells one event from another but is no part of the entity.
EVENT_ONLY_COLUMNS = [
    "sequence_number",
    "operation",
    "_rescued_data",
    "_source_file",
    "_file_modified_at",
    "_ingested_at",
    "_rules_version",
]


def _changes(entity: Table, *, pii: bool = False) -> Table:
    return Table(
        f"cdc.{entity.short_name}_changes",
        f"Change events of {entity.short_name}, cleaned as silver.{entity.short_name} is",
        ("sequence_number",),
        (_SEQUENCE, _OPERATION, _CHANGED_AT, *entity.columns, *lineage(pii=pii), RULES_VERSION),
    )


def _current(entity: Table) -> Table:
    return Table(
        f"cdc.{entity.short_name}",
        f"Current {entity.short_name}: the event of the highest sequence_number, without the deleted",
        entity.keys,
        (_CHANGED_AT, *entity.columns),
    )


def _history(entity: Table) -> Table:
    return Table(
        f"cdc.{entity.short_name}_history",
        f"Versions of {entity.short_name}; a change that alters no column opens none",
        (*entity.keys, "__START_AT"),
        (_CHANGED_AT, *entity.columns, _START, _END),
    )


CUSTOMERS_CHANGES = _changes(silver.CUSTOMERS, pii=True)
PRODUCTS_CHANGES = _changes(silver.PRODUCTS)
SELLERS_CHANGES = _changes(silver.SELLERS)
CUSTOMERS = _current(silver.CUSTOMERS)
PRODUCTS = _current(silver.PRODUCTS)
SELLERS = _current(silver.SELLERS)
CUSTOMERS_HISTORY = _history(silver.CUSTOMERS)
PRODUCTS_HISTORY = _history(silver.PRODUCTS)
SELLERS_HISTORY = _history(silver.SELLERS)

CHANGES = (CUSTOMERS_CHANGES, PRODUCTS_CHANGES, SELLERS_CHANGES)
TABLES = (
    CUSTOMERS_CHANGES,
    CUSTOMERS,
    CUSTOMERS_HISTORY,
    PRODUCTS_CHANGES,
    PRODUCTS,
    PRODUCTS_HISTORY,
    SELLERS_CHANGES,
    SELLERS,
    SELLERS_HISTORY,
)
