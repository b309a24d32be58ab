"""Runs of a world: decides what a run writes, lets it write, and only then remembers it."""

import copy
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from generator import state
from generator.errors import GeneratorError
from generator.run import Run, WrittenFile
from generator.spec import DEFAULT_SEED, DEFAULT_SIZES, ENTITIES, Settings, clock
from generator.state import World


@dataclass(frozen=True)
class RunReport:
    """What one run wrote.

    `world_time` is the world's time at its end (UTC); `manifest` the list of defects, None without any;
    `resumed` is true when an earlier start of the run was cut short.
    """

    run: int
    world_time: datetime
    files: tuple[WrittenFile, ...]
    manifest: Path | None
    seconds: float
    resumed: bool

    @property
    def rows(self) -> int:
        """Rows and events in all files."""
        return sum(file.rows for file in self.files)

    def by_folder(self) -> dict[Path, list[WrittenFile]]:
        """The files by the folder they are in, in the order of writing."""
        folders: dict[Path, list[WrittenFile]] = {}
        for file in self.files:
            folders.setdefault(file.path.parent, []).append(file)
        return folders


def generate(settings: Settings, raw_path: Path, cdc_path: Path) -> list[RunReport]:
    """Writes the next run of the world in `raw_path` and `cdc_path`, a new world where there is none.

    A run that was cut short is finished first, with its own settings; when those are the settings asked for,
    that is all. So there are one or two reports. Raises GeneratorError before anything is written when
    settings and state do not fit, and when a file cannot be written; a file of an earlier run is never
    touched.
    """
    if raw_path == cdc_path:
        raise GeneratorError(f"{raw_path}: raw files and change events need a folder each")
    try:
        return _generate(settings, raw_path, cdc_path)
    except OSError as error:
        raise GeneratorError(
            f"{error.filename or raw_path}: {error.strerror}; see that the folder is writable and has room, "
            "then run again: nothing is lost"
        ) from error


def _generate(settings: Settings, raw_path: Path, cdc_path: Path) -> list[RunReport]:
    world = state.load_world(raw_path, cdc_path)
    if world is None:
        world = World.new(DEFAULT_SEED if settings.seed is None else settings.seed)
    settings = _fitting(settings, world)
    reports = []
    unfinished = world.pending
    if unfinished:
        world, report = _run(world, unfinished, raw_path, cdc_path, resumed=True)
        reports.append(report)
    if unfinished != settings:
        world.pending = settings
        state.save_world(world, raw_path)
        world, report = _run(world, settings, raw_path, cdc_path, resumed=False)
        reports.append(report)
    return reports


def _fitting(settings: Settings, world: World) -> Settings:
    """The settings with nothing left open. Raises GeneratorError when they are not this world's."""
    if settings.seed not in (None, world.seed):
        raise GeneratorError(
            f"--seed {settings.seed}: the world here was made with seed {world.seed}; leave --seed out to "
            "continue it, or generate into another folder"
        )
    sizes = {}
    for entity in ENTITIES:
        asked = getattr(settings, entity)
        has = getattr(world.pending, entity) if world.pending else world.entities[entity].base
        if asked is not None and asked < has:
            raise GeneratorError(
                f"--{entity} {asked}: the world has {has} already and never shrinks; leave it out"
            )
        sizes[entity] = asked or has or DEFAULT_SIZES[entity]
    return replace(settings, seed=world.seed, **sizes)


def _run(
    world: World, settings: Settings, raw_path: Path, cdc_path: Path, resumed: bool
) -> tuple[World, RunReport]:
    """Writes one run's files, then its state. `world` stays as it was: the new one is returned."""
    started = time.monotonic()
    run = Run(copy.deepcopy(world), settings, raw_path, cdc_path)
    files = tuple(run.write())
    run.world.pending = None
    state.save_world(run.world, raw_path)
    manifest = state.manifest_file(raw_path, run.number) if settings.dirty else None
    world_time = datetime.fromtimestamp(clock(run.number), UTC)
    seconds = time.monotonic() - started
    return run.world, RunReport(run.number, world_time, files, manifest, seconds, resumed)
