"""SQL alerts: every setting, missing ones, and others of a declared name."""

from collections.abc import Iterator
from dataclasses import replace

from infra.drift import commands
from infra.drift.compare.missing import missing_object
from infra.drift.declared import Declared, Resource
from infra.drift.differences import differences
from infra.drift.findings import UNDECLARED, Finding, Severity, likely_effect
from infra.drift.reading.snapshot import Document, Snapshot, alerts_called
from infra.review.danger_table import hits, severity_of

KIND = "alert"
# What the workspace computes, or decides when nobody says it.
COMPUTED = frozenset(
    {
        "id", "create_time", "update_time", "lifecycle_state", "owner_user_name", "effective_run_as",
        "run_as_user_name",
    }
)  # fmt: skip
COMPUTED_OF_EVALUATION = frozenset({"state", "last_evaluated_at"})
DEFAULTS = {"pause_status": "UNPAUSED"}
DESCRIPTIONS = frozenset({"custom_summary", "custom_description"})


def compare_alerts(declared: Declared, snapshot: Snapshot) -> Iterator[Finding]:
    """Of several alerts of one name the oldest is the declared one."""
    for resource in declared.of("alert_v2"):
        named = alerts_called(resource.full_name, snapshot.alerts)
        if not named:
            yield replace(missing_object(resource), kind=KIND)
            continue
        found, *others = named
        yield from _changed(resource, found)
        yield from map(_double, others)


def _changed(resource: Resource, found: Document) -> Iterator[Finding]:
    evaluation = found.get("evaluation") or {}
    # The folder is the creator's own where nobody declares one.
    computed = COMPUTED | ({"parent_path"} - resource.values.keys())
    actual = {key: value for key, value in found.items() if key not in computed} | {
        "evaluation": {key: value for key, value in evaluation.items() if key not in COMPUTED_OF_EVALUATION}
    }
    dangers = hits(resource.kind, resource.values, actual)
    for difference in differences(resource.values, actual, DEFAULTS):
        otherwise = Severity.NOTE if difference.top in DESCRIPTIONS else Severity.WORK
        yield Finding(
            severity_of(difference.path, dangers, otherwise),
            KIND,
            resource.full_name,
            difference.path,
            difference.expected,
            difference.actual,
            # The provider compares all that the answer has.
            likely_effect(seen=True),
            address=resource.address,
        )


def _double(found: Document) -> Finding:
    return Finding(
        Severity.WORK,
        KIND,
        f"{found['display_name']} ({found['id']})",
        "",
        None,
        UNDECLARED,
        likely_effect(seen=False),
        by_hand=commands.cli("alerts-v2", "trash-alert", found["id"]),
        changed_by=found.get("owner_user_name"),
    )
