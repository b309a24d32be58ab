"""One update of a pipeline."""

import time
from collections.abc import Sequence

from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.planning.plan import Plan
from local.engine.running.events import Event, OnEvent, UpdateResult
from local.engine.running.live import event_listener
from local.engine.running.refresh import Refresh
from local.engine.sessions.engines import EngineChoice


def run_update(
    spec: PipelineSpec,
    home: Home,
    *,
    full_refresh: bool = False,
    select: Sequence[str] = (),
    full_refresh_select: Sequence[str] = (),
    resets_all: bool = False,
    stale_in_full: bool = False,
    engine: EngineChoice = "auto",
    on_event: OnEvent | None = None,
) -> UpdateResult:
    """Updates a pipeline's tables below `home`; the caller holds the home's lock.

    Without further arguments the stale tables are written (see staleness), which takes no engine when there is none.
    `full_refresh` forgets what was read and reads all again; `select` names the tables to update; `full_refresh_select`
    those to refresh in full. A table whose property `pipelines.reset.allowed` is false is refreshed in full with
    `resets_all` only. With `stale_in_full` the stale tables are read from the start, so that today's code has written
    all of their rows. `engine` is Sail and, for what that lacks, Apache Spark, or one of them alone.
    Raises UserError when a file is wrong, a table unknown or an expectation fails: the
    tables whose update did not complete are left as they were.
    """
    began = time.monotonic()
    refresh = Refresh(
        full_refresh, frozenset(select), frozenset(full_refresh_select), resets_all, stale_in_full
    )
    plan = Plan.of(spec, home)
    events: list[Event] = []
    ran_on = "sail"
    with event_listener(home, spec.name, on_event) as tell:
        if full_refresh or not refresh.is_whole or not plan.nothing_stale:
            # A run with nothing to write takes no engine, and no time to import one.
            from local.engine.running.run import RunningUpdate

            run = RunningUpdate(plan, refresh, tell, engine)
            events, ran_on = run.run(), run.engine
        fresh = _fresh(plan, refresh, events)
        for event in fresh:
            tell(event)
    return UpdateResult(spec.name, [*events, *fresh], time.monotonic() - began, ran_on)


def _fresh(plan: Plan, refresh: Refresh, events: Sequence[Event]) -> list[Event]:
    """The tables that were passed over."""
    written = {event.dataset for event in events}
    passes = refresh.is_whole and not refresh.all_in_full
    fresh = plan.fresh.items() if passes else ()
    return [Event(name, "EXCLUDED", message=reason) for name, reason in fresh if name not in written]
