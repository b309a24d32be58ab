"""What is dangerous, in one table: the review of a plan asks it of the code's change, drift of a change by hand.

GONE says what is lost with an object, CHANGES which step from one state of it to another is dangerous. Drift takes from
it what a difference endangers; the review shows each row that applies, with its words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from infra.review import facts
from infra.review.facts import ACTIVE, Facts
from infra.review.permission_levels import rank_of_level
from pipelines.catalog import MAX_QUARANTINED_SHARE, PIPELINES, RESET_ALLOWED, TOMBSTONE_DAYS

ISOLATED = "ISOLATED"


class Severity(StrEnum):
    """What is endangered, the worst first."""

    ACCESS = "access"
    DATA = "data"
    WORK = "work"
    NOTE = "note"


GONE: Mapping[str, tuple[Severity, str]] = {
    "catalog": (Severity.DATA, "all its schemas, tables and files are lost"),
    "schema": (Severity.DATA, "its tables and files are lost"),
    "volume": (Severity.DATA, "its files are lost"),
    "table": (Severity.DATA, "its rows are lost"),
    "sql_table": (Severity.DATA, "its rows are lost"),
    "pipeline": (Severity.DATA, "Databricks drops the tables it owns"),
    "workspace_file": (Severity.DATA, "no pipeline keeps up the tables that it defines"),
    "notebook": (Severity.DATA, "no pipeline keeps up the tables that it defines"),
    "output": (Severity.DATA, "nothing says any more what is never to be destroyed"),
    "entity_tag_assignment": (Severity.ACCESS, "who masks and audits by its tag no longer finds it"),
    "job": (Severity.WORK, "nothing runs it any more, and its runs are forgotten"),
    "alert_v2": (Severity.WORK, "nobody is told any more"),
}
"""What is lost with an object of a kind."""


def _changed(old: Any, new: Any) -> str | None:
    return None if old == new else ""


def _moved(old: Any, new: Any) -> str | None:
    return None if old is None or old == new else ""


def _lost(old: Any, new: Any) -> str | None:
    return ", ".join(sorted((old or frozenset()) - (new or frozenset()))) or None


def _gained(old: Any, new: Any) -> str | None:
    return _lost(new, old)


def _switched_on(old: Any, new: Any) -> str | None:
    return "" if new in (True, "true") and old != new else None


def _started(old: Any, new: Any) -> str | None:
    return "" if new == ACTIVE != old else None


def _stopped(old: Any, new: Any) -> str | None:
    return "" if old == ACTIVE != new else None


def _raised(old: Any, new: Any) -> str | None:
    return "" if _number(new, most=True) > _number(old, most=False) else None


def _lowered(old: Any, new: Any) -> str | None:
    return _raised(new, old)


def _number(value: Any, *, most: bool) -> float:
    """What is no number counts as the more dangerous."""
    try:
        return float(value)
    except ValueError:
        return float("inf" if most else "-inf")


def _opened(old: Any, new: Any) -> str | None:
    return "" if old == ISOLATED != new else None


def _higher(old: Any, new: Any) -> str | None:
    if rank_of_level(new) <= rank_of_level(old):
        return None
    return f" instead of {old}" if old else ""


def _default(key: str) -> str:
    return next(one.settings[key] for one in PIPELINES if key in one.settings)


@dataclass(frozen=True)
class Change:
    """A row of the table.

    Attributes:
        kinds: of objects, as Terraform calls them; none for every kind.
        path: of the field in the API; `{key}` is the name of the fact.
        facts: what is read of the object before and after.
        step: the words of what happened to one fact, None where its step from old to new is no danger.
        endangers: what it endangers.
        says: the reason, with `{key}`, `{old}`, `{new}` and `{what}`, the words of `step`.
        of_new: whether an object that is new is dangerous, too.
    """

    kinds: tuple[str, ...]
    path: str
    facts: Facts
    step: Callable[[Any, Any], str | None]
    endangers: Severity
    says: str
    of_new: bool = False


SECURABLES = ("catalog", "schema", "volume")
CHANGES = (
    Change(
        SECURABLES, "name", facts.field("name"), _moved, Severity.DATA,
        "renamed from {old}: what uses the old name breaks, and streams read their files again",
    ),
    Change(
        ("catalog",), "storage_root", facts.field("storage_root"), _changed, Severity.DATA,
        "storage_root changes from {old} to {new}: what is stored stays behind",
    ),
    Change(
        ("volume",), "volume_type", facts.field("volume_type"), _changed, Severity.DATA,
        "volume_type changes from {old} to {new}: its files stay behind",
    ),
    *(
        Change(
            ("pipeline",), name, facts.field(name), _moved, Severity.DATA,
            "{key} moves from {old} to {new}: its tables stay behind, and are made anew from the files that are left",
        )
        for name in ("catalog", "schema", "target")
    ),
    Change(
        ("pipeline",), "libraries", facts.sources, _lost, Severity.DATA,
        "no longer reads {what}: no pipeline keeps up the tables that are defined there",
    ),
    Change(
        ("pipeline",), f"configuration.{MAX_QUARANTINED_SHARE}",
        facts.setting(MAX_QUARANTINED_SHARE, _default(MAX_QUARANTINED_SHARE)), _raised, Severity.DATA,
        "{key} is raised from {old} to {new}: the gate lets more rejected rows through",
    ),
    Change(
        ("pipeline",), f"configuration.{TOMBSTONE_DAYS}",
        facts.setting(TOMBSTONE_DAYS, _default(TOMBSTONE_DAYS)), _lowered, Severity.DATA,
        "{key} is lowered from {old} to {new}: an older event brings a deleted row back sooner",
    ),
    Change(
        ("pipeline",), f"configuration.{RESET_ALLOWED}",
        facts.setting(RESET_ALLOWED, _default(RESET_ALLOWED)), _switched_on, Severity.DATA,
        "{key} is switched on: a full refresh empties its streaming tables",
    ),
    Change(
        ("job",), "tasks[{key}].pipeline_task.full_refresh", facts.full_refreshes, _switched_on, Severity.DATA,
        "task {key} has full_refresh: each run writes its tables from the start",
    ),
    *(
        Change(
            (), name, facts.field(name), _switched_on, Severity.DATA,
            "{key} is switched on: it may be destroyed with all that is in it",
        )
        for name in ("force_destroy", "delete_recursive")
    ),
    Change(
        ("output",), "value", facts.protected, _lost, Severity.DATA,
        "no longer protected from being destroyed: {what}",
    ),
    Change(
        ("grant", "grants"), "{key}", facts.privileges, _gained, Severity.ACCESS,
        "grants {what} to {key}", of_new=True,
    ),
    Change(
        ("permissions",), "{key}", facts.levels, _higher, Severity.ACCESS,
        "gives {key} {new}{what}", of_new=True,
    ),
    Change((), "run_as", facts.runs_as, _changed, Severity.ACCESS, "run_as changes from {old} to {new}"),
    Change((), "owner", facts.field("owner"), _changed, Severity.ACCESS, "owner changes from {old} to {new}"),
    Change(
        ("catalog",), "isolation_mode", facts.field("isolation_mode"), _opened, Severity.ACCESS,
        "isolation_mode changes from {old} to {new}: every workspace of the metastore reaches it",
    ),
    Change(
        ("entity_tag_assignment",), "tag_value", facts.field("tag_value"), _changed, Severity.ACCESS,
        "the tag changes from {old} to {new}: who masks and audits by it no longer finds it",
    ),
    Change(
        ("dashboard",), "embed_credentials", facts.field("embed_credentials"), _switched_on, Severity.ACCESS,
        "{key} is switched on: its viewers read with the rights of whoever published it",
    ),
    Change(
        ("job", "pipeline"), "{key}", facts.activity("schedule", "trigger", "continuous"), _started,
        Severity.WORK, "{key} is active from this apply on", of_new=True,
    ),
    Change(
        ("job", "pipeline"), "{key}", facts.activity("schedule", "trigger", "continuous"), _stopped,
        Severity.WORK, "{key} is paused or gone: nothing starts by itself any more",
    ),
    Change(
        ("alert_v2",), "schedule", facts.activity("schedule"), _stopped, Severity.WORK,
        "paused: nobody is told any more",
    ),
    Change(("alert_v2",), "evaluation", facts.told_by_alert, _lost, Severity.WORK, "no longer tells {what}"),
    Change(("job",), "{key}", facts.told_by_job, _lost, Severity.WORK, "{key} no longer tells {what}"),
    Change(
        ("pipeline",), "notifications", facts.told_by_pipeline, _lost, Severity.WORK, "no longer tells {what}"
    ),
)  # fmt: skip
"""Each dangerous step from one state of an object to another."""


@dataclass(frozen=True)
class Hit:
    """One row that applies: the field's path in the API, what is endangered, and why."""

    path: str
    endangers: Severity
    reason: str


def hits(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Hit]:
    """The rows that apply to an object of `kind` that was `before` and is `after`; a new one was nothing."""
    return [
        Hit(row.path.format(key=key), row.endangers, row.says.format(key=key, what=what, **_shown(old, new)))
        for row in CHANGES
        if (not row.kinds or kind in row.kinds) and (before or row.of_new)
        for key, old, new in _steps(row.facts(before), row.facts(after))
        if (what := row.step(old, new)) is not None
    ]


def _steps(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(key, before.get(key), after.get(key)) for key in {**before, **after}]


def _shown(old: Any, new: Any) -> dict[str, Any]:
    return {"old": "(none)" if old is None else old, "new": "(none)" if new is None else new}


def severity_of(path: str, found: Iterable[Hit], otherwise: Severity) -> Severity:
    """The worst of what is endangered at the field `path`, above it or below it; `otherwise` where nothing is."""
    worst = list(Severity)
    near = [hit.endangers for hit in found if _within(path, hit.path) or _within(hit.path, path)]
    return min(near, key=worst.index, default=otherwise)


def _within(path: str, outer: str) -> bool:
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))
