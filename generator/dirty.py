"""Puts defects among the good rows, and writes down each one in a manifest.

Which rows get which defect depends on seed, dataset, row and run only, as every other value does.
"""

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa

from generator.columns import flags, numbers
from generator.defects import DEFECTS, UNKNOWN_COLUMN, Defect
from generator.draws import Draws
from generator.spec import KEYS, ROW
from generator.writer import CsvFile, JsonLinesFile, NewFile, Record, RecordFile

MILLION = 1_000_000
# Within the value that a CSV line begins with, so that what is left of an id can be no key.
CUT = 3
BLOCK = 1 << 20


class Injector:
    """Writes one run's tables with defects at a rate (0 to 1, of the rows).

    A context manager: when it is left, after all the run's other files, the late, extra and repeated files and
    the manifest become readable. `canceled_orders` are ids that a review may name and no gold table count.
    """

    def __init__(self, seed: int, run: int, rate: float, manifest: Path) -> None:
        self.seed = seed
        self.run = run
        self.rate = rate
        self.canceled_orders: list[str] = []
        self.side_files: dict[Path, RecordFile] = {}
        self.repeated_files: list[NewFile] = []
        self._manifest = NewFile(manifest)
        self._open_files = ExitStack()

    def __enter__(self) -> "Injector":
        self._open_files.enter_context(self._manifest)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open_files.__exit__(kind, error, trace)

    @property
    def extra_files(self) -> list[NewFile]:
        """The files that the run has only because of its defects, besides the manifest."""
        return [*self.side_files.values(), *self.repeated_files]

    def put(self, file: RecordFile, dataset: str, table: pa.Table) -> None:
        """Adds the table's rows to `file`, with their defects in the middle of them."""
        defects = DEFECTS[dataset]
        rows = table[ROW].to_numpy()
        draws = Draws(self.seed, f"{dataset} defects")
        hit = draws.below("hit", rows, MILLION, self.run) < self.rate * MILLION
        kind = draws.below("kind", rows, len(defects), self.run)
        held = hit & np.array([defect.action == "late" for defect in defects])[kind]
        kept = table.filter(flags(~held)) if held.any() else table
        file.add(kept.slice(0, kept.num_rows // 2))
        chosen = np.flatnonzero(hit)
        for record, number in zip(_records(file, table, chosen), kind[chosen], strict=True):
            self._inject(file, dataset, defects[number], record)
        file.add(kept.slice(kept.num_rows // 2))

    def deliver_again(self, files: list[RecordFile]) -> None:
        """Repeats one of the run's raw files and one of its event files, whole, under another name.

        Not geolocation: its samples have no key, so each would count twice.
        """
        known = [file for file in files if not file.path.name.startswith("geolocation_")]
        run = np.array([self.run], dtype=np.uint64)
        for suffix in (".csv", ".jsonl"):
            choice = [file for file in known if file.path.suffix == suffix]
            if choice:
                self._repeat(choice[Draws(self.seed, "repeat").below(suffix, run, len(choice))[0]])

    def _repeat(self, file: RecordFile) -> None:
        copy = NewFile(_beside(file.path, self.run, "again"))
        with copy, file.path.open("rb") as source:
            while block := source.read(BLOCK):
                copy.write(block, 0)
        copy.rows = file.rows
        self.repeated_files.append(copy)
        self._note(copy.path, copy.path.parent.name, "file_again", {}, None, ())

    def _inject(self, file: RecordFile, dataset: str, defect: Defect, record: Record) -> None:
        """Delivers one defect and notes it; a defect that nothing here can carry is left out."""
        if defect.canceled_order and not self.canceled_orders:
            return
        row = int(record.pop(ROW))
        bad = self._changed(dataset, defect, row, record)
        if defect.action in ("late", "extra"):
            bad = {**bad, UNKNOWN_COLUMN: "surprise"}
            file = self._side_file(file, defect)
        line = _broken(file, defect, bad) if defect.action == "broken" else file.line(bad)
        file.add_line(line)
        key = {name: bad[name] for name in KEYS[dataset.removesuffix("_changes")]}
        self._note(file.path, dataset, defect.kind, key, line, defect.caught_by)

    def _changed(self, dataset: str, defect: Defect, row: int, record: Record) -> Record:
        changes = {name: value and value.format(record[name]) for name, value in defect.changes.items()}
        if defect.fresh:
            draws = Draws(self.seed, f"{dataset} of run {self.run} from nowhere")
            changes[defect.fresh] = draws.ids(np.array([row], dtype=np.uint64))[0].as_py()
        if defect.canceled_order:
            changes["order_id"] = self.canceled_orders[row % len(self.canceled_orders)]
        return {**record, **changes}

    def _side_file(self, file: RecordFile, defect: Defect) -> RecordFile:
        path = _beside(file.path, self.run, defect.action)
        if path not in self.side_files:
            columns = (*file.columns, UNKNOWN_COLUMN) if defect.action == "extra" else file.columns
            side_file = type(file)(path, columns)
            self.side_files[path] = self._open_files.enter_context(side_file)
        return self.side_files[path]

    def _note(
        self,
        path: Path,
        dataset: str,
        kind: str,
        key: Record,
        record: str | None,
        caught_by: tuple[str, ...],
    ) -> None:
        entry = {
            "run": self.run,
            "dataset": dataset,
            "kind": kind,
            "file": f"{path.parent.name}/{path.name}",
            "key": key,
            "record": record,
            "caught_by": caught_by,
        }
        self._manifest.write((json.dumps(entry, ensure_ascii=False) + "\n").encode(), 1)


def _records(file: RecordFile, table: pa.Table, chosen: np.ndarray) -> list[Record]:
    """The chosen rows as the file's format has them: text in CSV; numbers stay numbers in JSON."""
    picked = table.take(numbers(chosen))
    columns = {}
    for name in picked.column_names:
        keeps = name == ROW or (isinstance(file, JsonLinesFile) and pa.types.is_integer(picked[name].type))
        columns[name] = picked[name] if keeps else picked[name].cast(pa.string())
    return pa.table(columns).to_pylist()


def _broken(file: RecordFile, defect: Defect, record: Record) -> str:
    """The line made longer or shorter; no quote stays open: it would swallow the good rows behind."""
    line = file.line(record)
    if defect.kind == "too_many_fields":
        return f"{line},surplus,surplus"
    if defect.kind == "last_field_missing":
        # No last value holds a comma.
        return line[: line.rindex(",")]
    return line[:CUT] if isinstance(file, CsvFile) else line[: len(line) // 2]


def _beside(path: Path, run: int, what: str) -> Path:
    """The name that sorts behind every other file of the run."""
    stamp = f"run{run:05d}"
    return path.with_name(path.name.replace(stamp, f"{stamp}_{what}", 1))
