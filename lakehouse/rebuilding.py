"""What a rebuild takes along, in order: what reads a table that was reset is wrong until it is reset, too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from common.errors import UserError
from pipelines.catalog import PIPELINES, writer_of
from pipelines.lineage import FROM_FILES, SOURCES, with_readers, with_sources
from pipelines.schemas.privacy import ERASURES
from pipelines.schemas.utils import EVENT_VERDICT, JUDGEMENTS, QUARANTINE, VERDICT

# What is rejected of bronze, and by which rules, is decided as silver is.
JUDGED = (JUDGEMENTS.name, QUARANTINE.name)
VERDICTS = (VERDICT.name, EVENT_VERDICT.name)
EVENTS = tuple(name for name in FROM_FILES if name.startswith("cdc."))
# Where a rebuild begins.
LAYERS: Mapping[str, tuple[str, ...]] = {
    "bronze": FROM_FILES,
    "silver": (*(name for name in SOURCES if name.startswith("silver.")), *JUDGED),
    "gold": tuple(name for name in SOURCES if name.startswith("gold.")),
}


@dataclass(frozen=True)
class Step:
    """One pipeline's part: the tables that it resets and writes from the start, in the order in which it can."""

    pipeline: str
    tables: tuple[str, ...]

    @property
    def from_files(self) -> list[str]:
        """Those of them that read all files again."""
        return [name for name in self.tables if name in (*FROM_FILES, QUARANTINE.name)]


def steps_of(start: str | None, select: Sequence[str]) -> list[Step]:
    """A rebuild that begins with the layer `start` (bronze without one), or with the tables `select`.

    With both it begins with those tables of the layer that the selected ones are made from. Raises UserError for a
    table or a layer that is not there.
    """
    tables = with_readers(_first(start, select))
    tables = [*_asked_first(tables), *tables]
    by_pipeline = {
        pipeline.name: tuple(name for name in tables if writer_of(name) is pipeline) for pipeline in PIPELINES
    }
    return [Step(name, found) for name, found in by_pipeline.items() if found]


def _asked_first(tables: Sequence[str]) -> list[str]:
    """Views that tell what the tables may hold, and whether gold may be written, as they do in a run."""
    # A file of somebody who was erased may be there again, since the request was last read.
    erasures = [ERASURES.name] if any(ERASURES.name in SOURCES[name] for name in tables) else []
    publishes = any(name in LAYERS["gold"] for name in tables)
    asked = [*erasures, *(VERDICTS if publishes else ())]
    return [name for name in asked if name not in tables]


def _first(start: str | None, select: Sequence[str]) -> set[str]:
    for name in select:
        if name not in SOURCES:
            raise UserError(f"--select {name}: there is no such table; `lakehouse tables` lists them")
    if start is None and select:
        first = set(select)
    else:
        layer = set(LAYERS[start or "bronze"])
        first = layer & set(with_sources(select)) if select else layer
    if not first:
        raise UserError(f"{', '.join(select)}: made from nothing in {start}")
    # A row of bronze is either in silver or in quarantine: both judge it, so they are built together.
    judged = any(name.startswith("silver.") and name != "silver.orders_enriched" for name in first)
    # And so an event is either among the changes or in quarantine.
    events = any(name in EVENTS for name in first)
    return first | (set(JUDGED) if judged else set()) | ({QUARANTINE.name} if events else set())


def described_steps(steps: Iterable[Step]) -> list[str]:
    """The steps as a person reads them before they are done."""
    lines = ["a rebuild resets, in this order:"]
    for step in steps:
        lines.append(f"  {step.pipeline}: {', '.join(step.tables)}")
    files = [name for step in steps for name in step.from_files]
    if files:
        lines.append(
            f"all files are read again by {', '.join(files)}: what is no longer in its folder is lost there"
        )
    return lines
