"""Runs the code of a revision: the base once for each world, the working tree over a copy that shares its files."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from common.errors import UserError
from common.home import Home
from lakehouse.difference.project import Project
from lakehouse.difference.revisions import Revision
from lakehouse.difference.worlds import RawFiles
from local.engine.planning.fingerprint import engine_fingerprint
from local.engine.planning.plan import Plan
from local.engine.running.events import Event
from local.engine.running.update import run_update
from local.engine.sessions.engines import EngineChoice

OUTCOME = "outcome.json"
# Homes of bases that are kept: of this and some branches before.
KEPT = 4


@dataclass
class RevisionOutcome:
    """How the updates of a revision ended: the last event of each table, and what failed, by pipeline."""

    events: dict[str, Event] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def tables(self) -> dict[str, Event]:
        """The tables that the revision has and wrote, now or before."""
        return {name: one for name, one in self.events.items() if one.state in {"COMPLETED", "EXCLUDED"}}

    def writes(self, base: "RevisionOutcome") -> dict[str, Event]:
        """The events by which those tables were written, of the base where it wrote them."""
        return {n: base.events[n] if one.state == "EXCLUDED" else one for n, one in self.tables().items()}


def base_home(
    project: Project, revision: Revision, world: RawFiles, cache: Path, engine: EngineChoice
) -> tuple[Home, RevisionOutcome]:
    """The home of the base over a world, and how its updates ended; from the cache when it was run before."""
    told = f"{revision.digest} {project.spec} {world.volumes} {world.digest} {engine_fingerprint()} {engine}"
    kept = cache / "homes" / hashlib.sha256(told.encode()).hexdigest()[:16]
    if not (kept / OUTCOME).exists():
        home = _fresh(cache, world)
        outcome = run_code(project, revision.root, home, engine)
        _write(home.path / OUTCOME, outcome)
        shutil.rmtree(kept, ignore_errors=True)
        kept.parent.mkdir(exist_ok=True)
        home.path.rename(kept)
        _forget_old(kept.parent)
    os.utime(kept)
    return Home(kept), _read(kept / OUTCOME)


def head_home(
    base: Home, project: Project, cache: Path, engine: EngineChoice
) -> tuple[Home, RevisionOutcome]:
    """The home of the working tree: the base's, in which what the change makes stale has run."""
    place = _fresh_place(cache)
    place.mkdir()
    shutil.copytree(base.volumes, place / "volumes", symlinks=True)
    # Data files and commits are never rewritten.
    shutil.copytree(base.warehouse, place / "warehouse", copy_function=os.link)
    shutil.copytree(base.state, place / "state")
    home = Home(place)
    return home, run_code(project, project.root, home, engine)


def run_code(project: Project, root: Path, home: Home, engine: EngineChoice) -> RevisionOutcome:
    """Updates the pipelines as the code below `root` has them: all that is stale, from the start."""
    outcome = RevisionOutcome()

    def tell(event: Event) -> None:
        if event.dataset and event.state != "RUNNING":
            outcome.events[event.dataset] = event

    for each in project.specs(root):
        spec = project.ready(each, home)
        if not spec.libraries or project.needs(spec) & outcome.failed.keys():
            continue
        fresh = Plan.of(spec, home).fresh
        try:
            run_update(spec, home, resets_all=True, stale_in_full=True, engine=engine, on_event=tell)
        except UserError as error:
            outcome.failed[spec.name] = str(error)
            outcome.events = {name: Event(name, "EXCLUDED") for name in fresh} | outcome.events
    return outcome


def _fresh(cache: Path, world: RawFiles) -> Home:
    place = _fresh_place(cache)
    # By volume: what a revision makes beside them is not made in the world.
    for volume in (path for path in world.volumes.glob("*/*") if path.is_dir()):
        link = place / "volumes" / volume.relative_to(world.volumes)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(volume, target_is_directory=True)
    return Home(place)


def _fresh_place(cache: Path) -> Path:
    """Where either runs: a path that a row holds is the same on both sides."""
    place = cache / "home"
    shutil.rmtree(place, ignore_errors=True)
    return place


def _forget_old(homes: Path) -> None:
    for old in sorted(homes.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old)


def _write(path: Path, outcome: RevisionOutcome) -> None:
    events = [asdict(event) for event in outcome.events.values()]
    path.write_text(json.dumps({"events": events, "failed": outcome.failed}), encoding="utf-8")


def _read(path: Path) -> RevisionOutcome:
    data = json.loads(path.read_text(encoding="utf-8"))
    events: Sequence[Event] = [Event.of(told) for told in data["events"]]
    return RevisionOutcome({event.dataset: event for event in events}, data["failed"])
