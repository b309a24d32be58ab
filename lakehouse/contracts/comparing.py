"""What of a contract changed, and whether that breaks a reader whose contract it was."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Contract = Mapping[str, Any]


@dataclass(frozen=True)
class ContractChange:
    """A contract that changed: `breaking` and `other` say what; `allowed` is whether its version says so, too."""

    table: str
    before: str
    after: str
    breaking: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    allowed: bool = True


def contract_change(before: Contract | None, after: Contract | None) -> ContractChange | None:
    """The change from one version of a table's contract to the next, None for none of its own; None when equal."""
    if before == after:
        return None
    if before is None:
        assert after is not None
        return ContractChange(_table(after)["physicalName"], "", after["version"], other=["it is new"])
    name = _table(before)["physicalName"]
    if after is None:
        gone = before.get("status") in {"deprecated", "retired"}
        return ContractChange(name, before["version"], "", ["it is gone"], [], gone)
    breaking = list(_breaking(_table(before), _table(after)))
    raised = _first(after["version"]) > _first(before["version"])
    return ContractChange(
        name,
        before["version"],
        after["version"],
        breaking,
        list(_other(before, after)),
        raised or not breaking,
    )


def _table(contract: Contract) -> Mapping[str, Any]:
    return contract["schema"][0]


def _first(version: str) -> int:
    return int(version.partition(".")[0])


def _breaking(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = _named(before, "properties"), _named(after, "properties")
    for name, column in old.items():
        if name not in new:
            yield f"column {name} is dropped"
            continue
        if column["physicalType"] != new[name]["physicalType"]:
            yield f"column {name} is {new[name]['physicalType']} instead of {column['physicalType']}"
        if column.get("required") and not new[name].get("required"):
            yield f"column {name} may be null"
    if _key(old) != _key(new):
        yield f"a row is one for each {_key(new) or 'nothing'} instead of {_key(old) or 'nothing'}"
    rules = _named(after, "quality")
    for name, rule in _named(before, "quality").items():
        if name not in rules:
            yield f"rule {name} is gone"
        elif rule.get("query") != rules[name].get("query"):
            yield f"rule {name} is another: {rules[name].get('query')}"


def _other(before: Contract, after: Contract) -> Iterator[str]:
    for part, word in (("properties", "column"), ("quality", "rule")):
        old, new = _named(_table(before), part), _named(_table(after), part)
        yield from (f"{word} {name} is new" for name in new if name not in old)
    if before.get("status") != after.get("status"):
        yield f"it is {after.get('status')} instead of {before.get('status')}"
    if before.get("slaProperties") != after.get("slaProperties"):
        yield "how old it may be has changed"


def _named(table: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in table.get(part, ())}


def _key(columns: Mapping[str, Mapping[str, Any]]) -> str:
    key = [(one["primaryKeyPosition"], name) for name, one in columns.items() if one.get("primaryKey")]
    return ", ".join(name for _, name in sorted(key))
