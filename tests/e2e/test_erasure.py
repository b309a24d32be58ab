"""A person is erased: nothing of the person is left, nobody else is touched, and no old file brings the person back."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from common.errors import UserError
from lakehouse.cli import app
from lakehouse.erasing.here import erase_customer
from local.engine.running.events import Event
from local.engine.running.vacuum import vacuum
from local.engine.storage.delta import arrow_table, data_files, open_table
from local.engine.storage.lock import locked
from pipelines.erasing.person import digest
from pipelines.erasing.report import ErasureReport
from pipelines.lineage import STREAMING_TABLES
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds

pytestmark = pytest.mark.e2e

IDS = ("customer_unique_id", "customer_id", "order_id", "review_id")


class Person:
    """One with all that a person can have: orders, reviews, change events, history, a rejected row."""

    def __init__(self, lakehouse: Lakehouse) -> None:
        records = [row["record"] for row in lakehouse.rows("utils.quarantine")]
        orders, reviews = lakehouse.rows("bronze.orders"), lakehouse.rows("bronze.order_reviews")
        versions = [row["customer_id"] for row in lakehouse.rows("cdc.customers_history")]
        for customer in lakehouse.rows("silver.customers"):
            of_person = [row["order_id"] for row in orders if row["customer_id"] == customer["customer_id"]]
            mine = [row for row in reviews if row["order_id"] in of_person]
            if (
                mine
                and versions.count(customer["customer_id"]) > 1
                and any(customer["customer_id"] in record for record in records)
            ):
                break
        else:
            pytest.fail("this world has nobody with all of it")
        self.customer_id: str = customer["customer_id"]
        self.unique_id: str = customer["customer_unique_id"]
        self.ids = {self.customer_id, self.unique_id, *of_person, *(row["review_id"] for row in mine)}
        events = [
            row for row in lakehouse.rows("cdc.customers_changes") if row["customer_id"] == self.customer_id
        ]
        self.values = {
            row[name] for row in [customer, *events] for name in ("customer_email", "customer_phone")
        }
        self.values |= {row["review_comment_message"] for row in mine}
        self.values = {value for value in self.values if value and len(value) > 8}

    def is_in(self, text: str) -> bool:
        return any(one.lower() in text.lower() for one in (*self.ids, *self.values))

    def has(self, row: dict[str, Any]) -> bool:
        """Whether a row is of the person, by its ids or by ids in its text."""
        whole = any(row.get(name) in self.ids for name in IDS)
        texts = [row.get(name) or "" for name in ("_rescued_data", "_corrupt_record", "record")]
        return whole or any(one in text.lower() for one in self.ids for text in texts)


@pytest.fixture(scope="module")
def before(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lakehouse, Person]:
    made = worlds.copy("twice", tmp_path_factory.mktemp("world"))
    return made, Person(made)


@pytest.fixture
def lakehouse(before: tuple[Lakehouse, Person], tmp_path: Path) -> Lakehouse:
    """A copy of a world with the person."""
    return copied(before[0], tmp_path)


@dataclass(frozen=True)
class Erased:
    """A world without the person, after all pipelines ran again, what the command said and its report, and how the run
    ended. Not to be written to.
    """

    lakehouse: Lakehouse
    told: str
    report: dict[str, Any]
    run: list[Event]


@pytest.fixture(scope="module")
def done(before: tuple[Lakehouse, Person], tmp_path_factory: pytest.TempPathFactory) -> Erased:
    made, person = before
    lakehouse = copied(made, tmp_path_factory.mktemp("erased"))
    arguments = ["erase", "customer", person.unique_id.upper(), "--reason", "asked by letter"]
    told = CliRunner().invoke(app, [*arguments, "--home", str(lakehouse.home.path)], catch_exceptions=False)
    [report] = (lakehouse.home.state / "erasures").glob("*.json")
    run = lakehouse.run()
    return Erased(lakehouse, told.stdout, json.loads(report.read_text()), run)


@pytest.fixture
def erased(done: Erased, tmp_path: Path) -> Lakehouse:
    """A copy of the world without the person."""
    return copied(done.lakehouse, tmp_path)


@pytest.fixture
def person(before: tuple[Lakehouse, Person]) -> Person:
    return before[1]


def copied(lakehouse: Lakehouse, folder: Path) -> Lakehouse:
    shutil.copytree(lakehouse.home.path, folder / "home")
    return Lakehouse(folder / "home")


def erase(lakehouse: Lakehouse, identifier: str, reason: str | None = None) -> ErasureReport:
    with locked(lakehouse.home, "a test"):
        report, file = erase_customer(lakehouse.home, digest(identifier), reason, lambda *_: None)
    assert json.loads(file.read_text())["found"] == report.found
    return report


def current_files(lakehouse: Lakehouse) -> Iterator[Path]:
    """The data files of all current versions, of hidden tables too."""
    for log in sorted(lakehouse.home.warehouse.rglob("_delta_log")):
        table = open_table(log.parent)
        assert table
        yield from data_files(table)


def found_in(lakehouse: Lakehouse, person: Person, *, whole_home: bool = False) -> list[str]:
    """The files that hold an id or a value of the person: current data and what was delivered, or all of the home."""
    files = lakehouse.home.path.rglob("*") if whole_home else current_files(lakehouse)
    delivered = [path for path in lakehouse.home.volumes.rglob("*") if path.is_file()]
    found = []
    for path in {*filter(Path.is_file, files), *delivered}:
        is_data = path.suffix == ".parquet" and "_delta_log" not in path.parts
        text = str(parquet.read_table(path).to_pylist()) if is_data else path.read_text(errors="replace")
        if person.is_in(text):
            found.append(str(path.relative_to(lakehouse.home.path)))
    return sorted(found)


def others(lakehouse: Lakehouse, person: Person) -> dict[str, list[str]]:
    """Every row of a streaming table that is not the person's, whole, as sorted text."""
    return {
        name: sorted(str(row) for row in lakehouse.rows(name) if not person.has(row))
        for name in STREAMING_TABLES
    }


def raw_lines(lakehouse: Lakehouse) -> dict[str, list[bytes]]:
    files = [path for path in lakehouse.home.volumes.rglob("*") if path.suffix in (".csv", ".jsonl")]
    delivered = [path for path in files if "privacy" not in path.parts]
    return {str(p.relative_to(lakehouse.home.path)): p.read_bytes().splitlines(True) for p in delivered}


def records(lines: list[bytes]) -> list[list[str]]:
    return list(csv.reader(line.decode() for line in lines))


def times(lakehouse: Lakehouse) -> dict[Path, int]:
    files = lakehouse.home.raw.rglob("*.csv")
    return {path.relative_to(lakehouse.home.path): path.stat().st_mtime_ns for path in files}


def test_command_and_report_tell_of_the_tables_and_files_and_not_of_the_person(
    done: Erased, person: Person
) -> None:
    names = {one["name"] for one in done.report["tables"]}
    assert {"bronze.orders", "silver.order_reviews", "cdc.customers_history", "utils.quarantine"} <= names
    # privacy.erasures is of the request.
    written = {event.dataset for event in done.run if event.rows is not None} - {"privacy.erasures"}
    assert set(done.report["made_anew"]) == written and "gold.customer_segments" in written
    assert "orders" in str(done.report["files"])
    assert "removed from bronze.orders" in done.told and "lakehouse vacuum" in done.told
    assert not person.is_in(f"{done.told}{done.report}")


def test_the_next_run_says_that_the_erasure_changed_the_tables(done: Erased) -> None:
    changed = f"the table itself was changed by the erasure {done.report['request']['request_id']}"
    why = {event.dataset: event.why for event in done.run}
    assert {why[one["name"]] for one in done.report["tables"]} == {changed}


def test_nothing_of_the_person_is_left_and_nobody_else_is_touched(
    before: tuple[Lakehouse, Person], erased: Lakehouse
) -> None:
    full, person = before
    assert found_in(full, person)
    assert_gone(full, person, erased)
    assert erased.run() == []
    vacuum(erased.home, 0)
    assert found_in(erased, person, whole_home=True) == []


def assert_gone(before: Lakehouse, person: Person, after: Lakehouse) -> None:
    """Nothing current is of the person, and the rows, files and lines of others are as they were."""
    assert found_in(after, person) == []
    assert others(after, person) == others(before, person)
    assert times(after) == times(before)
    lines = raw_lines(before)
    for path, left in raw_lines(after).items():
        # The lines that are left are those that were there, in their order, and no record of others is missing.
        there = iter(lines[path])
        assert all(line in there for line in left), path
        assert records(left) == [one for one in records(lines[path]) if not person.is_in(str(one))], path


def test_gold_and_the_sums_are_those_of_a_world_without_the_person(erased: Lakehouse) -> None:
    assert all(
        row["bronze_records"] == row["silver_records"] + row["quarantined_records"] + row["replaced_records"]
        for row in erased.rows("utils.reconciliation")
    )
    kept = without_lineage(erased)
    erased.rebuild()
    # From the rewritten files: nothing of others has changed, and which delivery wins has not either.
    assert without_lineage(erased) == kept


def test_no_late_delivery_brings_the_person_back(before: tuple[Lakehouse, Person], erased: Lakehouse) -> None:
    full, person = before
    old = [p for p in full.home.volumes.rglob("*") if p.suffix in (".csv", ".jsonl")]
    holding = [p for p in old if person.is_in(p.read_text(errors="replace"))]
    kept = without_lineage(erased)
    for path in holding:
        late = erased.home.path / path.relative_to(full.home.path)
        late.with_name(f"again_{path.name}").write_bytes(path.read_bytes())
    erased.run()
    data = [name for name in found_in(erased, person) if name.startswith("warehouse")]
    assert data == []
    assert without_lineage(erased) == kept
    assert kept_out(erased) > 0
    # The files that came late can be cleaned, too.
    report = erase(erased, person.unique_id)
    assert not report.tables and len(report.files) >= len(holding) and report.earlier


def test_no_rebuild_before_the_next_run_brings_the_person_back(
    before: tuple[Lakehouse, Person], lakehouse: Lakehouse
) -> None:
    full, person = before
    erase(lakehouse, person.customer_id)
    for path in full.home.raw.rglob("customers_run*.csv"):
        late = lakehouse.home.path / path.relative_to(full.home.path)
        late.with_name(f"again_{path.name}").write_bytes(path.read_bytes())
    assert lakehouse.rebuild(select=("bronze.customers",))[0] == "privacy.erasures"
    assert not any(person.has(row) for name in STREAMING_TABLES for row in lakehouse.rows(name))


def without_lineage(lakehouse: Lakehouse) -> dict[str, list[str]]:
    """The tables whose rows do not say in which file they stood."""
    layers = ("silver.", "gold.", "cdc.")
    contents = lakehouse.contents()
    return {n: rows for n, rows in contents.items() if n.startswith(layers) and not n.endswith("_changes")}


def kept_out(lakehouse: Lakehouse) -> int:
    """The rows that the last update of each table has kept out, by the event log."""
    table = open_table(lakehouse.home.state / "event_log")
    assert table
    expectations = [
        one
        for row in arrow_table(table).to_pylist()
        for one in (json.loads(row["details"]).get("flow_progress", {}).get("data_quality") or {}).get(
            "expectations", []
        )
    ]
    return sum(one["failed_records"] for one in expectations if one["name"] == "not_erased")


def test_a_person_is_erased_once_and_one_without_data_is_recorded(
    done: Erased, erased: Lakehouse, person: Person
) -> None:
    assert done.report["found"]
    before = erased.contents()
    again = erase(erased, person.unique_id)
    assert not again.found and len(again.earlier) == 1
    nobody = hashlib.md5(b"nobody", usedforsecurity=False).hexdigest()
    report = erase(erased, nobody, "asked by phone")
    assert not report.found and "nothing found" in report.lines()[0]
    erased.run()
    after = erased.contents()
    assert [row["reason"] for row in erased.rows("privacy.erasures")].count("asked by phone") == 1
    del before["privacy.erasures"], after["privacy.erasures"]
    assert after == before


def test_what_was_cut_off_is_finished_by_the_next_try(
    before: tuple[Lakehouse, Person], lakehouse: Lakehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, person = before

    def fail(*_: object) -> Iterator[object]:
        raise UserError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr("lakehouse.erasing.here.rewrite_files", fail)
        with pytest.raises(UserError, match="the disk is gone"):
            erase(lakehouse, person.customer_id.upper())
    assert erase(lakehouse, person.customer_id.upper()).files
    lakehouse.run()
    assert_gone(full, person, lakehouse)


def test_what_is_no_id_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="32 hex digits"):
        CliRunner().invoke(
            app, ["erase", "customer", "Maria", "--home", str(tmp_path)], catch_exceptions=False
        )
