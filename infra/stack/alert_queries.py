"""The SQL alerts: what each asks of the tables, and when it fires. docs/runbook.md says what to do then.

Every query gives a row for each table or dataset, with a column that is 1 where something is wrong, else 0.
"""

from dataclasses import dataclass
from typing import Literal

from pipelines.expected import (
    MAX_AGE_HOURS,
    REJECTED_ROWS,
    REJECTED_TIMES,
    USUAL_LEAST,
    USUAL_MOST,
)
from pipelines.lineage import FROM_FILES
from pipelines.shared.rules import EVENT_VERDICT_RULES, VERDICT_RULES

NOW = "current_timestamp()"
# How far the share of rejected rows is looked back.
DAYS = 60


@dataclass(frozen=True)
class Alert:
    """One alert: it fires where `column` is 1 in any row of the query, or as `empty` says where there is no row."""

    name: str
    title: str
    column: str
    empty: Literal["OK", "TRIGGERED"]
    query: str


def alerts(catalog: str, now: str = NOW) -> tuple[Alert, ...]:
    """All of them; `catalog` is what stands before a table's name, with its dot, `now` an SQL expression."""
    return (
        Alert("freshness", "Tables are late", "late", "TRIGGERED", _freshness(catalog, now)),
        Alert(
            "rejected_share",
            "More rows were rejected than usual",
            "unusual",
            "OK",
            _rejected_share(catalog, now),
        ),
        Alert("reconciliation", "The sums do not work out", "broken", "TRIGGERED", _reconciliation(catalog)),
    )


def _freshness(catalog: str, now: str) -> str:
    """The tables that read files by their latest row; all others by gold, which needs them all."""
    latest = dict.fromkeys(FROM_FILES, "_ingested_at") | {"gold.publication": "read_until"}
    tables = [
        f"SELECT '{name}' AS table_name, {MAX_AGE_HOURS[name]} AS max_age_hours, max({column}) AS latest"
        f" FROM {catalog}{name}"
        for name, column in latest.items()
    ]
    return f"""
WITH tables AS (
  {_union(tables)}
), aged AS (
  SELECT *, round((unix_timestamp({now}) - unix_timestamp(latest)) / 3600, 1) AS age_hours FROM tables
)
SELECT table_name, latest, age_hours, max_age_hours,
       CASE WHEN age_hours <= max_age_hours THEN 0 ELSE 1 END AS late
FROM aged
ORDER BY late DESC, table_name
""".strip()


def _rejected_share(catalog: str, now: str) -> str:
    """What was rejected of the last day's rows, against the days before that brought any."""
    by_day = f"WHERE _ingested_at > {now} - INTERVAL {DAYS} DAYS GROUP BY dataset, day"
    delivered = [
        f"SELECT '{name.replace('bronze.', 'silver.')}' AS dataset, to_date(_ingested_at) AS day,"
        f" count(*) AS records, 0 AS rejected FROM {catalog}{name} {by_day}"
        for name in FROM_FILES
    ]
    # A rejected event stands nowhere but in quarantine.
    delivered.append(
        "SELECT dataset, to_date(_ingested_at) AS day, count_if(dataset LIKE 'cdc.%') AS records, count(*) AS rejected"
        f" FROM {catalog}utils.quarantine {by_day}"
    )
    return f"""
WITH delivered AS (
  {_union(delivered)}
), days AS (
  SELECT dataset, day, sum(records) AS records, sum(rejected) AS rejected FROM delivered GROUP BY dataset, day
), shares AS (
  SELECT *, rejected / records AS share, row_number() OVER (PARTITION BY dataset ORDER BY day DESC) AS place
  FROM days WHERE records > 0
), usual AS (
  SELECT dataset, median(share) AS usual_share FROM shares WHERE place BETWEEN 2 AND {USUAL_MOST + 1}
  GROUP BY dataset HAVING count(*) >= {USUAL_LEAST}
)
SELECT shares.dataset, day, records, rejected, share, usual_share,
       CASE WHEN rejected > {REJECTED_TIMES} * usual_share * records + {REJECTED_ROWS} THEN 1 ELSE 0 END AS unusual
FROM shares LEFT JOIN usual ON shares.dataset = usual.dataset
WHERE place = 1
ORDER BY unusual DESC, dataset
""".strip()


def _reconciliation(catalog: str) -> str:
    """The rules of the gate, over the sums that quality keeps whether they work out or not."""
    return f"""
SELECT dataset, {_rules(VERDICT_RULES.fail)}, outdated_records,
       bronze_records, silver_records, quarantined_records, replaced_records, quarantined_share, max_quarantined_share
FROM {catalog}utils.reconciliation
UNION ALL
SELECT dataset, {_rules(EVENT_VERDICT_RULES.fail)}, outdated_records,
       NULL, NULL, rejected_records, NULL, NULL, NULL
FROM {catalog}utils.event_judgements
ORDER BY broken DESC, dataset
""".strip()


def _rules(predicates: dict[str, str]) -> str:
    """The columns `broken` and `rules`, which names the broken ones."""
    names = [f"CASE WHEN NOT ({rule}) THEN '{name}' END" for name, rule in predicates.items()]
    kept = " AND ".join(f"({rule})" for rule in predicates.values())
    return f"CASE WHEN {kept} THEN 0 ELSE 1 END AS broken, concat_ws(', ', {', '.join(names)}) AS rules"


def _union(selects: list[str]) -> str:
    return "\n  UNION ALL ".join(selects)
