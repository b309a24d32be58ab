"""The CDC tables by replaying every change event in order, in plain Python."""

from collections import Counter
from pathlib import Path
from typing import Any

from tests.oracle import values as v
from tests.oracle.raw import Values, read_events
from tests.oracle.silver import CLEAN, Quarantine, Row, Tables, is_id, present

ENTITIES = {"customers": "customer_id", "products": "product_id", "sellers": "seller_id"}


def changes(cdc_dir: Path) -> tuple[Tables, Quarantine]:
    """cdc.<entity>, cdc.<entity>_history of the three entities, and the rejected events by their reasons."""
    tables: Tables = {}
    quarantine: Quarantine = {}
    for entity, key in ENTITIES.items():
        events, rejected = _split(entity, key, read_events(cdc_dir / entity))
        quarantine[f"cdc.{entity}_changes"] = rejected
        tables[f"cdc.{entity}"], tables[f"cdc.{entity}_history"] = replay(events, key)
    return tables, quarantine


def _split(entity: str, key: str, raw: list[Values]) -> tuple[list[Row], Counter[tuple[str, ...]]]:
    rules = {
        "valid_operation": lambda row: row["operation"] in {"INSERT", "UPDATE", "DELETE"},
        f"valid_{key}": is_id(key),
        "sequence_number_present": present("sequence_number"),
    }
    kept: list[Row] = []
    rejected: Counter[tuple[str, ...]] = Counter()
    for event in raw:
        row = _clean(entity, event)
        reasons = tuple(name for name, rule in rules.items() if not rule(row))
        if reasons:
            rejected[reasons] += 1
        else:
            kept.append(row)
    return kept, rejected


def _clean(entity: str, event: Values) -> Row:
    return {
        "sequence_number": v.integer(event.get("sequence_number"), bits=64),
        "operation": v.upper(event.get("operation")),
        "change_timestamp": v.timestamp(event.get("change_timestamp")),
        **CLEAN[entity](event),
    }


def replay(events: list[Row], key: str) -> tuple[list[Row], list[Row]]:
    """Current rows and versions after the events, each sequence number counted once, in its order."""
    open_rows: dict[str, Row] = {}
    closed: list[Row] = []
    once = {(event[key], event["sequence_number"]): event for event in events}
    for event in sorted(once.values(), key=lambda event: event["sequence_number"]):
        row = {name: value for name, value in event.items() if name not in {"sequence_number", "operation"}}
        current = open_rows.get(event[key])
        deleted = event["operation"] == "DELETE"
        if current and not deleted and _tracked(current) == _tracked(row):
            # The version goes on; what is not tracked follows the latest event.
            open_rows[event[key]] = {**current, **row}
            continue
        if current:
            closed.append({**open_rows.pop(event[key]), "__END_AT": event["sequence_number"]})
        if not deleted:
            open_rows[event[key]] = {**row, "__START_AT": event["sequence_number"], "__END_AT": None}
    versions = ("__START_AT", "__END_AT")
    current_rows = [{n: x for n, x in row.items() if n not in versions} for row in open_rows.values()]
    return current_rows, [*closed, *open_rows.values()]


def _tracked(row: Row) -> dict[str, Any]:
    untracked = {"change_timestamp", "__START_AT", "__END_AT"}
    return {name: value for name, value in row.items() if name not in untracked}
