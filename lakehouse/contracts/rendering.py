"""A table's contract as YAML in the Open Data Contract Standard 3.2, from its schema and its rules.

The standard: https://bitol-io.github.io/open-data-contract-standard/v3.2.0/
"""

from pathlib import Path
from typing import Any

import yaml

from common.checkout import REPOSITORY
from pipelines.catalog import CATALOG
from pipelines.contracts import CONTRACTS, Terms
from pipelines.expected import MAX_AGE_HOURS
from pipelines.schemas import TABLES, Column, Table
from pipelines.shared.rules import BY_SCHEMA, Rules, present

CONTRACTS_FOLDER = "contracts"
CONTRACT_SUFFIX = ".odcs.yaml"
HEADER = (
    "# Written by `lakehouse contract` from pipelines/: change those, not this file (docs/contracts.md).\n"
)
_LOGICAL = {
    "STRING": "string",
    "INT": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


def contracts() -> dict[str, str]:
    """The contracts by the names of their files. Raises KeyError for a table that is not there."""
    tables = {table.name: table for table in TABLES}
    return {f"{name}{CONTRACT_SUFFIX}": _as_yaml(tables[name], terms) for name, terms in CONTRACTS.items()}


def write(folder: Path = REPOSITORY / CONTRACTS_FOLDER) -> list[Path]:
    """Writes all contracts and removes files of those that are none any more; the files that changed."""
    wanted = contracts()
    folder.mkdir(exist_ok=True)
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob(f"*{CONTRACT_SUFFIX}")}
    for name in there.keys() - wanted.keys():
        (folder / name).unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return sorted(
        folder / name for name in there.keys() | wanted.keys() if there.get(name) != wanted.get(name)
    )


def _as_yaml(table: Table, terms: Terms) -> str:
    text = yaml.safe_dump(contract_document(table, terms), sort_keys=False, allow_unicode=True, width=116)
    return HEADER + text


def contract_document(table: Table, terms: Terms) -> dict[str, Any]:
    """The contract of one table as plain data, in the order of the standard's sections."""
    rules = BY_SCHEMA.get(table.schema_name, {}).get(table.short_name, Rules())
    about: dict[str, Any] = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": f"{CATALOG}.{table.name}",
        "name": table.short_name,
        "version": terms.version,
        "status": terms.status,
        "description": {"purpose": f"{table.comment}."},
    }
    of_table: dict[str, Any] = {
        "name": table.short_name,
        "logicalType": "object",
        "physicalName": table.name,
        "physicalType": "table",
        "description": f"{table.comment}.",
    }
    if table.keys:
        of_table["dataGranularityDescription"] = f"One row for each {', '.join(table.keys)}"
    of_table["properties"] = [_property(table, column, rules) for column in table.columns]
    quality = _quality(rules)
    if quality:
        of_table["quality"] = quality
    age = {
        "property": "latency",
        "value": MAX_AGE_HOURS[table.name],
        "unit": "h",
        "element": table.short_name,
    }
    return {**about, "schema": [of_table], "slaProperties": [age]}


def _property(table: Table, column: Column, rules: Rules) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name}
    if column.name in table.keys:
        told |= {"primaryKey": True, "primaryKeyPosition": table.keys.index(column.name) + 1}
    told |= {"logicalType": _logical(column.type), "physicalType": column.type}
    if present(column.name) in {*rules.drop.values(), *rules.fail.values()}:
        told["required"] = True
    if column.pii:
        told["classification"] = "personal"
    return {**told, "description": column.comment}


def _logical(kind: str) -> str:
    return "number" if kind.startswith("DECIMAL") else "array" if kind.startswith("ARRAY") else _LOGICAL[kind]


def _quality(rules: Rules) -> list[dict[str, Any]]:
    """What holds for every row; what is only counted is no promise."""
    return [
        {
            "name": name,
            "type": "sql",
            "query": f"SELECT count(*) FROM ${{table}} WHERE NOT ({predicate})",  # noqa: S608 - told, not run
            "mustBe": 0,
            "severity": "error",
        }
        for name, predicate in {**rules.drop, **rules.fail}.items()
    ]
