"""The health as a person and as a program read it."""

import json
from dataclasses import asdict

from lakehouse.health.report import Health, PipelineHealth, TableHealth
from local.engine.running.rows import Rows


def as_json(health: Health) -> str:
    """One object: `healthy`, `problems`, `pipelines` and `tables`; times in RFC 3339, ages in hours."""
    told = {"healthy": not health.problems, "problems": health.problems, **asdict(health)}
    return json.dumps(told, default=lambda moment: moment.isoformat(), indent=2)


def pipeline_rows(health: Health) -> Rows:
    """A row a pipeline."""
    return Rows(
        ["pipeline", "last_update", "state", "problems", "error"],
        [
            (
                one.pipeline,
                f"{one.last_update:%Y-%m-%d %H:%M} UTC" if one.last_update else "",
                one.state,
                ", ".join(one.problems),
                first_line(one),
            )
            for one in health.pipelines
        ],
    )


def table_rows(health: Health) -> Rows:
    """A row a table."""
    return Rows(
        ["table", "age", "at_most", "last_rows", "usual_rows", "rejected", "usually_rejected", "problems"],
        [_row(one) for one in health.tables],
    )


def first_line(pipeline: PipelineHealth) -> str:
    """Of its error, which may hold those of many tables."""
    return next(iter(pipeline.error.splitlines()), "")


def _row(one: TableHealth) -> tuple[str, ...]:
    return (
        one.table,
        _hours(one.age_hours),
        _hours(one.max_age_hours),
        _count(one.rows),
        _count(one.usual_rows),
        _percent(one.rejected_share),
        _percent(one.usual_rejected_share),
        ", ".join(one.problems),
    )


def _hours(hours: float | None) -> str:
    if hours is None:
        return ""
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def _count(rows: float | None) -> str:
    return "" if rows is None else f"{rows:,.0f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
