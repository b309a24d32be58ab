"""Names that a plan does not know yet because they refer to a resource it creates.

`schema = databricks_schema.gold.id` is known only after the first apply, although the plan has the schema's
name. Its configuration says what is referred to, so grants and permissions of a first plan get their names.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

KINDS = frozenset({"databricks_grants", "databricks_grant", "databricks_permissions"})
NAME_PARTS = ("catalog_name", "schema_name", "name", "display_name")


def with_names(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `plan` in which unknown names of grants and permissions are filled in where they can be."""
    filled = deepcopy(dict(plan))
    expressions = dict(_expressions(filled))
    names = dict(_names(filled))
    for entry in _entries(filled):
        if entry.get("type") in KINDS and isinstance(entry["change"].get("after"), dict):
            _fill(entry["change"], expressions.get(entry["address"], {}), names)
    return filled


def _fill(change: dict[str, Any], expressions: Mapping[str, Any], names: Mapping[str, str]) -> None:
    unknown = change.get("after_unknown") or {}
    for attribute in [key for key, mark in unknown.items() if mark is True]:
        references = (expressions.get(attribute) or {}).get("references", [])
        name = next((names[reference] for reference in references if reference in names), None)
        if name:
            change["after"][attribute] = name
            del unknown[attribute]


def _entries(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in plan.get("resource_changes", []) if isinstance(entry.get("change"), dict)]


def _expressions(plan: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    module = (plan.get("configuration") or {}).get("root_module") or {}
    for resource in module.get("resources", []):
        yield resource["address"], resource.get("expressions") or {}


def _names(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in _entries(plan):
        values = entry["change"].get("after") or {}
        parts = [values[key] for key in NAME_PARTS if isinstance(values.get(key), str)]
        if parts or values.get("path"):
            yield entry["address"], ".".join(parts) or values["path"]
