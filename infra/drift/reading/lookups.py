"""Reads the ids that the stack looks up by name: service principals and the SQL warehouse."""

from collections.abc import Callable, Mapping
from typing import Any

from common.errors import UserError
from infra.drift.declared import looked_up
from infra.drift.reading.calls import Answer, Calls

PRINCIPALS = "/api/2.0/preview/scim/v2/ServicePrincipals"
WAREHOUSES = "/api/2.0/sql/warehouses"


def read_lookups(calls: Calls, stack: Mapping[str, Any]) -> dict[str, str]:
    """What each data source of the parsed `cdk.tf.json` gives, by its address; UserError where it finds not one."""
    return {address: _READ[address.split(".")[1]](calls, name) for address, name in looked_up(stack).items()}


def _application_id(calls: Calls, name: str) -> str:
    answer = calls.get(PRINCIPALS, filter=f'displayName eq "{name}"')
    return _only(calls, answer.get("Resources") or [], f"service principals called {name}")["applicationId"]


def _warehouse_id(calls: Calls, name: str) -> str:
    rows = calls.get(WAREHOUSES).get("warehouses") or []
    return _only(calls, [row for row in rows if row["name"] == name], f"SQL warehouses called {name}")["id"]


def _only(calls: Calls, rows: list[Answer], what: str) -> Answer:
    if len(rows) != 1:
        raise UserError(f"{calls.host} shows {len(rows)} {what}; the stack needs exactly one")
    return rows[0]


_READ: dict[str, Callable[[Calls, str], str]] = {
    "databricks_service_principal": _application_id,
    "databricks_sql_warehouse": _warehouse_id,
}
