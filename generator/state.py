"""What a world remembers between runs, kept beside the files in `_generator/state.json`.

Only numbers: how many rows each table has, which records changed or went, and which orders belong to which
run. The run that is under way stands in `pending` before its first file appears, so a killed run is finished
with its own settings when the generator is simply started again.
"""

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from generator.dimensions import GROUPS
from generator.errors import GeneratorError
from generator.events import LiveTable
from generator.pools import pools
from generator.spec import DATASETS, ENTITIES, Settings
from generator.writer import write_text

FORMAT = 1
STATE_FOLDER = "_generator"
STATE_FILE = "state.json"


@dataclass(frozen=True)
class FinishedRun:
    """Which orders a run placed, and how many records of each entity they could name."""

    first_order: int
    orders: int
    customers: int
    products: int
    sellers: int


@dataclass
class World:
    """The state between two runs; `pending` is the run under way, if one was cut short."""

    seed: int
    entities: dict[str, LiveTable]
    runs: list[FinishedRun] = field(default_factory=list)
    pending: Settings | None = None

    @classmethod
    def new(cls, seed: int) -> "World":
        """A world before its first run."""
        return cls(seed, {entity: LiveTable(entity) for entity in ENTITIES})

    @property
    def next_order(self) -> int:
        """The row of the next run's first order."""
        return self.runs[-1].first_order + self.runs[-1].orders if self.runs else 0


def state_file(raw_path: Path) -> Path:
    """Where the state of the world in `raw_path` is kept: where no reader of a dataset looks."""
    return raw_path / STATE_FOLDER / STATE_FILE


def manifest_file(raw_path: Path, run: int) -> Path:
    """Where the defects of a run with --dirty are written down, one JSON object a line."""
    return raw_path / STATE_FOLDER / f"manifest_run{run:05d}.jsonl"


def load_world(raw_path: Path, cdc_path: Path) -> World | None:
    """The world that the files belong to, None where there is none yet.

    Raises GeneratorError when the state is damaged, was written by another version or with other name pools,
    or is missing although there are files.
    """
    path = state_file(raw_path)
    if not path.exists():
        _refuse_strangers(raw_path, cdc_path)
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        body = document["world"]
        intact = document["format"] == FORMAT and document["checksum"] == _checksum(body)
    except (ValueError, KeyError, TypeError):
        intact, body = False, {}
    if not intact:
        raise GeneratorError(
            f"{path} is damaged or was not written by this version of the generator: put back a good copy "
            f"of it, or remove {raw_path} and {cdc_path} to start a new world"
        )
    if body["pools"] != pools().fingerprint:
        raise GeneratorError(
            f"{path} belongs to a world whose names come from another version of Faker: install the version "
            f"that Pipfile.lock names, or remove {raw_path} and {cdc_path} to start a new world"
        )
    return _from_body(body)


def save_world(world: World, raw_path: Path) -> None:
    """Puts the state in place at one stroke."""
    body = _to_body(world)
    document = {"format": FORMAT, "checksum": _checksum(body), "world": body}
    write_text(state_file(raw_path), json.dumps(document) + "\n")


def _refuse_strangers(raw_path: Path, cdc_path: Path) -> None:
    """Files without a state are another world's, or of one whose state is lost."""
    folders = [raw_path / dataset for dataset in DATASETS] + [cdc_path / entity for entity in ENTITIES]
    for folder in folders:
        found = sorted([*folder.glob("*.csv"), *folder.glob("*.jsonl")])
        if found:
            raise GeneratorError(
                f"{found[0]} is there but {state_file(raw_path)} is not, and without it that world cannot be "
                "continued: put the state back, or generate into another folder"
            )


def _checksum(body: object) -> str:
    return sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _to_body(world: World) -> dict[str, object]:
    return {
        "seed": world.seed,
        "pools": pools().fingerprint,
        "runs": [asdict(run) for run in world.runs],
        "pending": asdict(world.pending) if world.pending else None,
        "entities": {entity: _entity_body(live) for entity, live in world.entities.items()},
    }


def _entity_body(live: LiveTable) -> dict[str, object]:
    """JSON knows no number keys, so the changed rows stand as lists: row, then its versions (or its run)."""
    return {
        "rows": live.rows,
        "base": live.base,
        "next_sequence": live.next_sequence,
        "groups": list(GROUPS[live.entity]),
        "versions": [[row, *versions] for row, versions in live.versions.items()],
        "deleted": [[row, run] for row, run in live.deleted.items()],
        # Worlds that are there have it under this name.
        "touched": live.changed_rows,
    }


def _from_body(body: dict) -> World:
    entities = {
        entity: LiveTable(
            entity=entity,
            rows=kept["rows"],
            base=kept["base"],
            next_sequence=kept["next_sequence"],
            versions={row: versions for row, *versions in kept["versions"]},
            deleted=dict(kept["deleted"]),
            changed_rows=kept["touched"],
        )
        for entity, kept in body["entities"].items()
    }
    pending = Settings(**body["pending"]) if body["pending"] else None
    return World(body["seed"], entities, [FinishedRun(**run) for run in body["runs"]], pending)
