"""What is told of tables and pipelines, from what their updates did."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from lakehouse.health.report import Health, report
from lakehouse.health.runs import TableRun, UpdateRun
from lakehouse.health.show import as_json, table_rows
from pipelines.catalog import PIPELINES, writer_of
from pipelines.expected import DAILY_HOURS, MAX_AGE_HOURS, SELDOM_HOURS
from pipelines.lineage import SOURCES

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def updates(days_ago: int, **changed: TableRun | None) -> list[UpdateRun]:
    """An update of each pipeline in which every table was written; `schema__table` as another run, or none, of it."""
    ended = NOW - timedelta(days=days_ago, hours=1)
    others = {name.replace("__", "."): run for name, run in changed.items()}
    runs = [
        run
        for name in SOURCES
        if (run := others.get(name, TableRun(name, ended, "COMPLETED", 1000, 20, 1000)))
    ]
    return [
        UpdateRun(one.name, f"{one.name}{days_ago}", ended, "COMPLETED", "", tuple(_of(one.name, runs)))
        for one in PIPELINES
    ]


def _of(pipeline: str, runs: list[TableRun]) -> list[TableRun]:
    return [run for run in runs if (writer := writer_of(run.table)) and writer.name == pipeline]


def after_five_days(**changed: TableRun | None) -> Health:
    """Four whole days, then today's changed ones."""
    history = [update for day in (4, 3, 2, 1) for update in updates(day)]
    return report([*history, *updates(0, **changed)], NOW)


def orders(rows: int = 1000, rejected: int = 20, judged: int = 1000, hours: float = 1) -> TableRun:
    return TableRun("silver.orders", NOW - timedelta(hours=hours), "COMPLETED", rows, rejected, judged)


def test_a_day_like_any_other_is_healthy() -> None:
    found = after_five_days()
    assert found.problems == []
    assert {table.age_hours for table in found.tables} == {1.0}
    assert [table.table for table in found.tables] == list(SOURCES)


def test_the_last_delivery_is_named_so_on_the_terminal() -> None:
    found = after_five_days(silver__orders=orders(rows=900))
    [shown] = [row for row in table_rows(found).as_dicts() if row["table"] == "silver.orders"]
    assert (shown["last_rows"], shown["usual_rows"]) == ("900", "1,000")
    [told] = [one for one in json.loads(as_json(found))["tables"] if one["table"] == "silver.orders"]
    assert told["rows"] == 900


def test_how_old_a_table_may_be_follows_from_what_it_is_made_from() -> None:
    assert {MAX_AGE_HOURS[name] for name in ("bronze.orders", "gold.seller_quality", "cdc.customers")} == {
        DAILY_HOURS
    }
    seldom = {name for name, hours in MAX_AGE_HOURS.items() if hours == SELDOM_HOURS}
    assert {"silver.products", "cdc.sellers_history", "bronze.geolocation"} <= seldom
    assert not {name for name in seldom if name.startswith(("gold.", "utils."))}


@pytest.mark.parametrize("days", [1, 2])
def test_a_table_is_late_after_its_hours(days: int) -> None:
    history = [update for day in range(6, days - 1, -1) for update in updates(day)]
    late = {one.table for one in report(history, NOW).tables if "late" in one.problems}
    assert late == (
        {name for name, hours in MAX_AGE_HOURS.items() if hours == DAILY_HOURS} if days == 2 else set()
    )


def test_an_update_that_finds_no_file_makes_no_table_of_files_younger() -> None:
    empty = TableRun("bronze.orders", NOW, "COMPLETED", 0)
    history = [*updates(3), *updates(2), *updates(1, bronze__orders=None), *updates(0, bronze__orders=empty)]
    assert report(history, NOW).problems == ["bronze.orders: late"]


@pytest.mark.parametrize(("rejected", "told"), [(20, False), (50, False), (51, True), (1000, True)])
def test_more_than_twice_the_usual_share_and_ten_rows_are_many(rejected: int, told: bool) -> None:
    problems = after_five_days(silver__orders=orders(rejected=rejected)).problems
    assert problems == (["silver.orders: many rejected"] if told else [])


def test_of_a_small_delivery_a_few_more_are_chance() -> None:
    assert after_five_days(silver__orders=orders(rejected=9, judged=30)).problems == []


@pytest.mark.parametrize(("rows", "told"), [(1000, False), (250, False), (249, True), (4001, True)])
def test_a_delivery_of_unusual_size_is_told(rows: int, told: bool) -> None:
    run = TableRun("bronze.orders", NOW, "COMPLETED", rows)
    assert after_five_days(bronze__orders=run).problems == (["bronze.orders: unusual rows"] if told else [])


def test_nothing_is_usual_before_there_were_three() -> None:
    history = [*updates(2), *updates(1), *updates(0, silver__orders=orders(rejected=900))]
    assert report(history, NOW).problems == []


def test_failures_are_counted_from_the_last_update_back() -> None:
    gold = PIPELINES[-1].name
    failed = [
        UpdateRun(gold, f"failed{n}", NOW - timedelta(minutes=n), "FAILED", "gold.x is broken\nand more", ())
        for n in (2, 1)
    ]
    found = report([*updates(0), *failed], NOW)
    assert found.problems == [f"{gold}: failed 2 times"]
    assert found.pipelines[-1].error.startswith("gold.x is broken")


def test_what_never_ran_is_told() -> None:
    without_cdc = [update for update in updates(0) if update.pipeline != "cdc"]
    problems = report(without_cdc, NOW).problems
    assert problems[0] == "cdc: never updated"
    assert {problem.split(": ")[1] for problem in problems[1:]} == {"never written"}
    assert len(problems) == 1 + 9


@pytest.mark.parametrize(("rescued", "told"), [(10, False), (11, True)])
def test_a_new_column_is_told_of_until_a_delivery_comes_without(rescued: int, told: bool) -> None:
    run = TableRun("bronze.orders", NOW - timedelta(minutes=5), "COMPLETED", 1000, 0, 1000, rescued)
    assert after_five_days(bronze__orders=run).problems == (["bronze.orders: rescued"] if told else [])
    later = [*updates(1, bronze__orders=run), *updates(0)]
    assert report(later, NOW).problems == []
