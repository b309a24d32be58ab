# ruff: noqa: S608 - the SQL is made of the names of columns and tables in pipelines/schemas
"""A sample of a workspace's raw rows as files: whole orders with all that belongs to them, and nobody in them.

Personal columns are faked where the rows are: what leaves the workspace never was in clear text. Equal values get equal
fakes, so that joins hold; what they are made with is thrown away.
"""

import csv
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from common.home import Home
from pipelines.schemas import bronze, cdc
from pipelines.schemas.model import Column, Table

Row = Sequence[str | None]
RunStatement = Callable[[str], Iterable[Row]]
"""Answers a SELECT over `schema.table` with its rows, every value as text."""

_ORDER = "lower(trim(order_id))"
_PICKED = (
    f"(SELECT {_ORDER} FROM bronze.orders WHERE order_id IS NOT NULL "
    f"GROUP BY {_ORDER} ORDER BY sha2({_ORDER}, 256) LIMIT {{rows}})"
)
_OF_ORDERS = f"{_ORDER} IN {_PICKED}"


def _of(column: str, source: str, condition: str = _OF_ORDERS) -> str:
    """The rows of what rows of another table name."""
    return f"lower(trim({column})) IN (SELECT lower(trim({column})) FROM bronze.{source} WHERE {condition})"


_CUSTOMERS, _SELLERS = _of("customer_id", "orders"), _of("seller_id", "order_items")
_ZIP = "lpad(trim(geolocation_zip_code_prefix), 5, '0')"
_PLACES = " OR ".join(
    f"{_ZIP} IN (SELECT lpad(trim({entity}_zip_code_prefix), 5, '0') FROM bronze.{entity}s WHERE {condition})"
    for entity, condition in (("customer", _CUSTOMERS), ("seller", _SELLERS))
)
# What of each table belongs to the orders that are picked.
WHICH = {
    "orders": _OF_ORDERS,
    "order_items": _OF_ORDERS,
    "order_payments": _OF_ORDERS,
    "order_reviews": _OF_ORDERS,
    "customers": _CUSTOMERS,
    "products": _of("product_id", "order_items"),
    "sellers": _SELLERS,
    "geolocation": _PLACES,
}
_CHANGES = {entity: f"cdc.{entity}_changes" for entity in cdc.ENTITIES}


def write_sample(query: RunStatement, rows: int, home: Home) -> None:
    """Writes the raw files of so many orders below `home`: a file for each that the rows came from, named like it."""
    salt = secrets.token_hex(16)
    for table in bronze.TABLES:
        which = WHICH[table.short_name].format(rows=rows)
        for name, found in _by_file(query(_select(table, which, salt))):
            _write_csv(home.raw / table.short_name / f"{name}.csv", table.source_columns, found)
    tables = {table.name: table for table in cdc.TABLES}
    for entity, changes in _CHANGES.items():
        table = tables[changes]
        which = WHICH[entity].format(rows=rows)
        (home.cdc / entity).mkdir(parents=True, exist_ok=True)
        for name, found in _by_file(query(_select(table, which, salt))):
            _write_json(home.cdc / entity / f"{name}.jsonl", table.source_columns, found)


def _select(table: Table, which: str, salt: str) -> str:
    """The file's name, and the source columns as text."""
    columns = [_faked(column, salt) for column in table.columns if column.name in table.source_columns]
    file = "regexp_extract(_source_file, '([^/]*)$', 1)"
    return f"SELECT {', '.join([file, *columns])} FROM {table.name} WHERE {which} ORDER BY 1"


def _faked(column: Column, salt: str) -> str:
    """The column as text; of a personal one a value of the same kind, and as empty as that was."""
    name = column.name
    if not column.pii:
        return f"cast({name} AS STRING)"
    digest = f"sha2(concat('{salt}', lower(trim({name}))), 256)"
    if name.endswith("_id"):
        is_id = f"lower(trim({name})) RLIKE '^[0-9a-f]{{32}}$'"
        fake = f"CASE WHEN {is_id} THEN substr({digest}, 1, 32) ELSE 'no id' END"
    elif name.endswith("_email"):
        fake = f"concat(substr({digest}, 1, 12), '@example.com')"
    elif name.endswith("_phone"):
        fake = f"translate(substr({digest}, 1, 10), 'abcdef', '012345')"
    else:
        fake = f"concat('text ', substr({digest}, 1, 8))"
    return f"CASE WHEN {name} IS NULL OR trim({name}) = '' THEN {name} ELSE {fake} END"


def _by_file(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows by the stem of the file that each came from."""
    found: dict[str, list[Row]] = defaultdict(list)
    for file, *values in rows:
        found[Path(file or "sample").stem or "sample"].append(values)
    yield from found.items()


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(["" if value is None else value for value in row] for row in rows)


def _write_json(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    lines = (json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
