"""The query of each alert on the default engine: it fires exactly when it should."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from infra.stack.alert_queries import alerts
from local.engine.running.querying import query
from local.engine.storage.delta import open_table
from local.engine.storage.log import table_path
from pipelines.expected import DAILY_HOURS, MAX_AGE_HOURS
from pipelines.lineage import FROM_FILES
from pipelines.schemas.utils import EVENT_JUDGEMENTS, RECONCILIATION
from tests.e2e.lakehouses import Lakehouse
from tests.e2e.worlds import Worlds
from tests.pipelines.frames import frame

pytestmark = pytest.mark.e2e
Row = dict[str, Any]
MONDAY = datetime(2026, 11, 23, 6)


@pytest.fixture(scope="module")
def lakehouse(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> Lakehouse:
    return worlds.copy("dirty", tmp_path_factory.mktemp("alerts"))


def rows_of(lakehouse: Lakehouse, name: str, now: str = "current_timestamp()") -> list[Row]:
    [alert] = [one for one in alerts("", now) if one.name == name]
    [found] = query(lakehouse.home, alert.query)
    return found.as_dicts()


def fired(rows: list[Row], column: str) -> list[str]:
    """What is wrong, by its name in the first column."""
    return [str(next(iter(row.values()))) for row in rows if row[column]]


def test_after_a_run_no_alert_fires(lakehouse: Lakehouse) -> None:
    for alert in alerts(""):
        rows = rows_of(lakehouse, alert.name)
        assert rows and {row[alert.column] for row in rows} == {0}, alert.name


@pytest.mark.parametrize("hours", [DAILY_HOURS - 1, DAILY_HOURS + 1])
def test_freshness_fires_for_what_is_older_than_it_may_be(lakehouse: Lakehouse, hours: int) -> None:
    rows = rows_of(lakehouse, "freshness", f"current_timestamp() + INTERVAL {hours} HOURS")
    watched = {*FROM_FILES, "gold.publication"}
    assert {row["table_name"] for row in rows} == watched
    late = {name for name in watched if (MAX_AGE_HOURS[name] or 0) < hours}
    assert set(fired(rows, "late")) == late
    assert bool(late) is (hours > DAILY_HOURS)


def test_freshness_fires_for_a_table_without_rows(worlds: Worlds, tmp_path: Path) -> None:
    empty = worlds.copy("dirty", tmp_path)
    table = open_table(table_path(empty.home.warehouse, "bronze.order_reviews"))
    assert table
    table.restore(0)
    assert empty.rows("bronze.order_reviews") == []
    assert fired(rows_of(empty, "freshness"), "late") == ["bronze.order_reviews"]


def delivered(session: SparkSession, days: list[tuple[int, int]]) -> list[Row]:
    """What the alert says of deliveries of orders, a day each: their rows and how many were rejected."""
    [alert] = [one for one in alerts("", "TIMESTAMP '2026-12-05 09:00:00'") if one.name == "rejected_share"]
    text = alert.query
    for name in (*FROM_FILES, "utils.quarantine"):
        view = name.replace(".", "_")
        column = 1 if name == "utils.quarantine" else 0
        counts = [day[column] for day in days] if name in {"bronze.orders", "utils.quarantine"} else []
        frame = session.range(0).select(
            F.lit("silver.orders").alias("dataset"), F.lit(MONDAY).alias("_ingested_at")
        )
        for number, count in enumerate(counts):
            frame = frame.union(
                session.range(count).select(F.lit("silver.orders"), F.lit(MONDAY + timedelta(days=number)))
            )
        frame.createOrReplaceTempView(view)
        text = text.replace(f"FROM {name} ", f"FROM {view} ")
    return [row.asDict() for row in session.sql(text).collect()]


USUAL = [(1000, 20), (1000, 30), (800, 16), (1200, 24)]


@pytest.mark.parametrize(
    ("last", "unusual"),
    [((1000, 20), 0), ((1000, 50), 0), ((1000, 51), 1), ((40, 11), 0), ((40, 12), 1), ((1000, 0), 0)],
)
def test_rejected_share_fires_for_more_than_twice_the_usual_and_ten_rows(
    sail: SparkSession, last: tuple[int, int], unusual: int
) -> None:
    [row] = delivered(sail, [*USUAL, last])
    assert (row["dataset"], row["records"], row["rejected"]) == ("silver.orders", *last)
    assert (row["usual_share"], row["unusual"]) == (0.02, unusual)


def test_rejected_share_knows_no_usual_before_three_deliveries(sail: SparkSession) -> None:
    [row] = delivered(sail, [(1000, 20), (1000, 20), (1000, 900)])
    assert (row["usual_share"], row["unusual"]) == (None, 0)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("silver_records", 4, "rows_reconcile"),
        ("max_quarantined_share", 0.05, "quarantine_within_limit"),
        ("outdated_records", 1, "judged_by_todays_rules"),
        ("silver_records", None, "rows_reconcile"),
    ],
)
def test_reconciliation_fires_for_each_rule_of_the_gate(
    sail: SparkSession, column: str, value: object, rule: str
) -> None:
    good = {
        "dataset": "silver.orders",
        "bronze_records": 10,
        "quarantined_records": 1,
        "silver_records": 5,
        "replaced_records": 4,
        "quarantined_share": 0.1,
        "max_quarantined_share": 0.2,
        "outdated_records": 0,
    }
    found = reconciled(sail, [good, good | {"dataset": "silver.x", column: value}], [])
    assert found == [("silver.x", 1, rule), ("silver.orders", 0, "")]


def test_reconciliation_fires_for_events_that_other_rules_have_judged(sail: SparkSession) -> None:
    events = [
        {"dataset": f"cdc.{entity}_changes", "rejected_records": 2, "outdated_records": outdated}
        for entity, outdated in (("customers", 0), ("products", 7), ("sellers", None))
    ]
    assert reconciled(sail, [], events) == [
        ("cdc.products_changes", 1, "judged_by_todays_rules"),
        ("cdc.sellers_changes", 1, "judged_by_todays_rules"),
        ("cdc.customers_changes", 0, ""),
    ]


def reconciled(session: SparkSession, sums: list[Row], events: list[Row]) -> list[tuple[str, int, str]]:
    """What the alert says of these rows of utils.reconciliation and utils.event_judgements."""
    [alert] = [one for one in alerts("") if one.name == "reconciliation"]
    text = alert.query
    for table, rows in ((RECONCILIATION, sums), (EVENT_JUDGEMENTS, events)):
        view = table.name.replace(".", "_")
        frame(session, table, *rows).createOrReplaceTempView(view)
        text = text.replace(table.name, view)
    found = session.sql(text).collect()
    return [(row["dataset"], row["broken"], row["rules"]) for row in found]
