"""Contracts are as the tables are, and what breaks a reader is told from what does not."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lakehouse.contracts.comparing import contract_change
from lakehouse.contracts.rendering import CONTRACT_SUFFIX, CONTRACTS_FOLDER, contract_document, contracts
from pipelines.contracts import CONTRACTS, Terms
from pipelines.schemas import TABLES, gold

SALES = contract_document(gold.SALES_PERFORMANCE, Terms("1.2.0"))


def test_the_files_are_as_the_tables_are(repository: Path) -> None:
    there = {path.name: path.read_text() for path in (repository / CONTRACTS_FOLDER).glob("*")}
    assert there == contracts(), "run `lakehouse contract`"


def test_every_table_of_gold_has_one() -> None:
    assert {table.name for table in TABLES if table.schema_name == "gold"} <= CONTRACTS.keys()


@pytest.mark.parametrize("text", contracts().values(), ids=CONTRACTS)
def test_a_contract_has_what_the_standard_asks_for(text: str) -> None:
    """The standard's own JSON schema is not among the locked packages: what it requires of these sections."""
    data: dict[str, Any] = yaml.safe_load(text)
    assert (data["apiVersion"], data["kind"], CONTRACT_SUFFIX) == ("v3.2.0", "DataContract", ".odcs.yaml")
    assert data["id"]
    [table] = data["schema"]
    assert (table["logicalType"], bool(table["name"])) == ("object", True)
    types = {"string", "date", "timestamp", "number", "integer", "array", "boolean"}
    assert all(column["name"] and column["logicalType"] in types for column in table["properties"])
    assert all(rule["type"] == "sql" and rule["query"] for rule in table.get("quality", ()))
    assert all({"property", "value"} <= one.keys() for one in data["slaProperties"])


def changed(**edits: Any) -> dict[str, Any]:
    """The contract with columns and rules of other fields; None takes one out."""
    after = deepcopy(SALES)
    for part in ("properties", "quality"):
        kept = []
        for one in after["schema"][0][part]:
            edit = edits.get(one["name"], {})
            kept += [] if edit is None else [{**one, **edit}]
        after["schema"][0][part] = kept
    return after


@pytest.mark.parametrize(
    ("after", "breaking"),
    [
        (changed(total_items=None), ["column total_items is dropped"]),
        (changed(total_items={"physicalType": "INT"}), ["column total_items is INT instead of BIGINT"]),
        (changed(sales_month={"required": False}), ["column sales_month may be null"]),
        (
            changed(customer_city={"primaryKey": False}),
            [
                "a row is one for each product_category_name, customer_state, sales_month instead of "
                "product_category_name, customer_state, customer_city, sales_month"
            ],
        ),
        (changed(valid_total_items=None), ["rule valid_total_items is gone"]),
        (changed(valid_total_items={"query": "SELECT 0"}), ["rule valid_total_items is another: SELECT 0"]),
        (changed(total_items={"description": "another"}), []),
    ],
)
def test_what_breaks_a_reader_is_named(after: dict[str, Any], breaking: list[str]) -> None:
    change = contract_change(SALES, after)
    assert change
    assert (change.breaking, change.allowed) == (breaking, not breaking)
    raised = contract_change(SALES, {**after, "version": "2.0.0"})
    assert raised and raised.allowed


def test_more_is_no_break_and_nothing_is_no_change() -> None:
    assert contract_change(SALES, deepcopy(SALES)) is None
    more = contract_change(changed(total_items=None), SALES)
    assert more and (more.breaking, more.other) == ([], ["column total_items is new"])


def test_a_contract_goes_when_it_was_deprecated() -> None:
    gone, retired = contract_change(SALES, None), contract_change({**SALES, "status": "deprecated"}, None)
    assert gone and not gone.allowed
    assert retired and retired.allowed
