"""What differs between two states of a resource, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.review.plan import ResourceChange

# Computed by the workspace; they change with every apply and tell a reviewer nothing.
NOISE = frozenset(
    {
        "id", "object_id", "url", "cause", "cluster_id", "state", "health", "latest_updates", "last_modified",
        "expected_last_modified", "updated_at", "updated_by", "update_time", "creator_user_name",
        "run_as_user_name",
    }
)  # fmt: skip
# What tells apart the blocks of one list.
BLOCK_KEYS = (
    "task_key",
    "principal",
    "environment_key",
    "group_name",
    "service_principal_name",
    "user_name",
    "metric",
)


@dataclass(frozen=True)
class FieldChange:
    """One changed field: its path, and the old and new value; None stands for none."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        if isinstance(self.old, tuple) or isinstance(self.new, tuple):
            return f"{self.path} {_list_change(self.old or (), self.new or ())}"
        return f"{self.path} {_short(self.old)} → {_short(self.new)}"


def field_changes(change: ResourceChange) -> list[FieldChange]:
    """The fields that differ, by path; one that is known only after apply says so."""
    old, new = flatten(change.before), flatten(change.after)
    paths = sorted(old.keys() | new.keys())
    return [
        FieldChange(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)
    ]


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by dotted path, without empty ones: blocks by key (`task[generate].max_retries`).

    A list of plain values is one value, as a sorted tuple.
    """
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if prefix or key not in NOISE:
            flat.update(_flatten_value(f"{prefix}{key}", value))
    return flat


def _flatten_value(path: str, value: Any) -> dict[str, Any]:
    if _is_empty(value):
        return {}
    if isinstance(value, dict):
        return flatten(value, f"{path}.")
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return _flatten_blocks(path, [item for item in value if isinstance(item, dict)])
    return {path: tuple(sorted(map(str, value))) if isinstance(value, list) else value}


def _flatten_blocks(path: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for number, block in enumerate(blocks):
        said = {name: value for name, value in block.items() if not _is_empty(value)}
        key = next((name for name in BLOCK_KEYS if name in said), None)
        if key and len(said) == 1:
            flat[f"{path}.{key}"] = (*flat.get(f"{path}.{key}", ()), str(said[key]))
            continue
        mark = f"[{said.pop(key)}]" if key else _number(number, blocks)
        flat.update(flatten(said, f"{path}{mark}."))
    return flat


def _number(number: int, blocks: list[dict[str, Any]]) -> str:
    return f"[{number}]" if len(blocks) > 1 else ""


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _list_change(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    """What was added to and taken from a list of plain values: `+MODIFY -SELECT`."""
    added = [f"+{value}" for value in new if value not in old]
    removed = [f"-{value}" for value in old if value not in new]
    return " ".join(added + removed)


def _short(value: Any) -> str:
    if value is None:
        return "(none)"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
