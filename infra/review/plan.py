"""A plan's resource changes as plain data."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from common.errors import UserError
from infra.stack.settings import PROTECTED

PROVIDER_PREFIX = "databricks_"
# Terraform's action lists; a replacement is a destruction, whichever of its two halves comes first.
ACTIONS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
}
UNCHANGED = {("no-op",), ("read",)}
HOW_TO = "write one with `terraform plan -out=tfplan` and `terraform show -json tfplan`"


@dataclass(frozen=True)
class ResourceChange:
    """What the plan does to one resource.

    Attributes:
        address: as Terraform names it, `databricks_schema.gold`.
        kind: the type without its provider, `schema`.
        action: create, change, destroy, replace or forget (Terraform drops it from the state, it stays).
        before: the values now, empty when the resource is new; sensitive ones are masked.
        after: the values wanted, empty when it goes; those known only after apply are missing.
        forced_by: the attributes that force a replacement.
    """

    address: str
    kind: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    forced_by: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, Any]:
        """The values wanted or, when the resource goes, those it had."""
        return self.after or self.before

    @property
    def label(self) -> str:
        """The kind and the name a reviewer knows: `schema olist.gold`, `job [dev] Olist lakehouse`."""
        return f"{self.kind.replace('_', ' ')} {_name(self)}"


def read_plan(file: Path) -> dict[str, Any]:
    """The parsed plan; UserError when `file` is missing, cut off, no plan, or the plan of a failed run."""
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}; {HOW_TO}") from error
    except ValueError as error:
        raise UserError(f"{file} is not whole JSON ({error}); {HOW_TO}") from error
    if not isinstance(plan, dict) or "planned_values" not in plan:
        raise UserError(f"{file} is no Terraform plan: it has no planned_values; {HOW_TO}")
    if not str(plan.get("format_version", "")).startswith("1."):
        raise UserError(f"{file} has plan format {plan.get('format_version')!r}, only 1.x is understood")
    if plan.get("errored"):
        raise UserError(f"{file} is the plan of a run that failed, so it is not complete; mend that first")
    return plan


def resource_changes(plan: Mapping[str, Any]) -> list[ResourceChange]:
    """The plan's changes in address order, without what stays and what is only read."""
    try:
        found = [_change(entry) for entry in _entries(plan) if _is_change(entry)]
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"the plan's resource_changes are damaged: {error!r}; {HOW_TO}") from error
    return sorted(found, key=lambda change: change.address)


def _entries(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The resources, and the output that names the protected ones in the same form."""
    yield from plan.get("resource_changes", [])
    change = plan.get("output_changes", {}).get(PROTECTED)
    if change:
        sides = {side: {"name": PROTECTED, "value": change.get(side)} for side in ("before", "after")}
        held = {side: values for side, values in sides.items() if values["value"]}
        entry = {"actions": change["actions"], **held}
        yield {"address": f"output.{PROTECTED}", "mode": "managed", "type": "output", "change": entry}


def _is_change(entry: Mapping[str, Any]) -> bool:
    return entry["mode"] == "managed" and tuple(entry["change"]["actions"]) not in UNCHANGED


def _change(entry: Mapping[str, Any]) -> ResourceChange:
    change = entry["change"]
    actions = tuple(change["actions"])
    return ResourceChange(
        address=entry["address"],
        kind=entry["type"].removeprefix(PROVIDER_PREFIX),
        action=ACTIONS.get(actions, "+".join(actions)),
        before=_masked(change.get("before") or {}, change.get("before_sensitive")),
        after=_masked(_after(change), change.get("after_sensitive")),
        forced_by=tuple(".".join(map(str, path)) for path in change.get("replace_paths", [])),
    )


def _after(change: Mapping[str, Any]) -> Any:
    """The values after the apply; of a new resource those that the workspace makes up are left out."""
    after = change.get("after") or {}
    return _with_unknown(after, change.get("after_unknown")) if after and change.get("before") else after


def _with_unknown(value: Any, unknown: Any) -> Any:
    """`value` with what Terraform knows only after apply marked as such; without it, it would seem removed."""
    if unknown is True:
        return KNOWN_AFTER_APPLY
    if isinstance(unknown, dict):
        known = value if isinstance(value, dict) else {}
        marked = {key: _with_unknown(known.get(key), mark) for key, mark in unknown.items() if mark}
        return {**known, **marked}
    if isinstance(unknown, list) and any(unknown):
        items = value if isinstance(value, list) else []
        return [_with_unknown(item, mark) for item, mark in zip_longest(items, unknown)]
    return value


def _masked(value: Any, sensitive: Any) -> Any:
    """`value` with what Terraform marks as sensitive replaced: a summary goes into a pull request."""
    if sensitive is True:
        return "(sensitive)"
    if isinstance(value, dict) and isinstance(sensitive, dict):
        return {key: _masked(item, sensitive.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(sensitive, list):
        return [
            _masked(item, mark) for item, mark in zip(value, [*sensitive, *[None] * len(value)], strict=False)
        ]
    return value


def _name(change: ResourceChange) -> str:
    values = change.values
    parents = [values[key] for key in ("catalog_name", "schema_name") if values.get(key)]
    own = next(
        (values[key] for key in ("name", "path", "entity_name", "display_name") if values.get(key)), None
    )
    if own:
        return ".".join([*parents, own])
    return next((values[key] for key in SECURABLE_KEYS if values.get(key)), change.address.split(".", 1)[1])


KNOWN_AFTER_APPLY = "(known after apply)"
SECURABLE_KEYS = ("catalog", "schema", "volume", "table")
