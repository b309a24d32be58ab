"""From rows that AUTO CDC keeps back to the change events of their keys, and to the rows that these are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from local.engine.cdc.nulls import ignores_nulls
from local.engine.evaluating.expectations import passes
from local.engine.language.model import CdcFlow, Expectation
from local.engine.tracing.asking import Asking, Carrying
from local.engine.tracing.carried_rows import NotTraceable
from local.engine.tracing.source_rows import Judged, SourceRow, TraceStep, as_order, mark_of

RULE, SEQUENCE = "__rule_", "__sequence"
KEPT, REPLACED, OTHER_VERSION, REJECTED = "kept", "replaced", "other version", "rejected"


@dataclass(frozen=True)
class ChangeEvent:
    """A row of the source of a flow, the rows that it carries, and the rules that it breaks."""

    given: Carrying
    sequence: Any
    broken: tuple[str, ...]
    is_rejected: bool


def rows_behind_changes(
    step: TraceStep, flow: CdcFlow, events: DataFrame, rules: Sequence[Expectation], asking: Asking
) -> None:
    """Adds what is behind the step's rows: the events of their keys, also those that were replaced or rejected.

    `events` are all of the flow's source, `rules` those that a view on the way judges them by. Raises NotTraceable.
    """
    if ignores_nulls(flow):
        raise NotTraceable("an event leaves what its nulls would replace, so several make up a row")
    sequence = F.expr(flow.sequence_by) if isinstance(flow.sequence_by, str) else flow.sequence_by
    judged = {f"{RULE}{number}": passes(rule) for number, rule in enumerate(rules)}
    asked = events.withColumns({**judged, SEQUENCE: sequence})
    places = step.by(flow.keys)
    by_key: dict[tuple[str, ...], list[ChangeEvent]] = {mark: [] for mark in places}
    for given in asking.again(step, asked, flow.keys):
        mark = mark_of(given[0], flow.keys)
        if mark in places:
            by_key[mark].append(_event(given, rules))
    for mark, found in by_key.items():
        _add(step, flow, sorted(found, key=lambda one: as_order(one.sequence), reverse=True), places[mark])
    events_of_all = [event for found in by_key.values() for event in found]
    for rule in rules:
        failed = sum(rule.name in event.broken for event in events_of_all)
        step.judged.append(Judged(rule.name, rule.action, len(events_of_all) - failed, failed))


def _event(given: Carrying, rules: Sequence[Expectation]) -> ChangeEvent:
    values = given[0]
    broken = [rule for number, rule in enumerate(rules) if not values.pop(f"{RULE}{number}")]
    is_rejected = any(rule.action == "drop" for rule in broken)
    return ChangeEvent(given, values.pop(SEQUENCE), tuple(rule.name for rule in broken), is_rejected)


def _add(step: TraceStep, flow: CdcFlow, events: Sequence[ChangeEvent], places: Sequence[int]) -> None:
    """The events of one key, the latest first."""
    kept: list[ChangeEvent] = []
    valid = [one for one in events if not one.is_rejected]
    for place in places:
        made_of = _made_of(flow, valid, step.rows[place].get("__START_AT"))
        kept += made_of
        for event in made_of:
            step.found(place, event.given[0])
    other = REPLACED if flow.stored_as_scd_type == 1 else OTHER_VERSION
    for event in events:
        values, carried = event.given
        became = REJECTED if event.is_rejected else KEPT if event in kept else other
        for source, rows in carried:
            step.add(source, [SourceRow(row, became, event.broken, values) for row in rows], places)


def _made_of(flow: CdcFlow, valid: Sequence[ChangeEvent], started: Any) -> list[ChangeEvent]:
    """The event that a row of the target shows: the latest, or the one that opened the version."""
    if flow.stored_as_scd_type == 1:
        return [*valid[:1]]
    return [one for one in valid if one.sequence == started][:1]
