"""Bad files, each delivered after a good one: its rows are there or rescued, or an error names it."""

import json
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from common.errors import UserError
from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.running.update import run_update
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import table_path
from tests.torture.corpus import csv_kinds, json_kinds, other_kinds
from tests.torture.corpus.kind import Kind
from tests.torture.figure import Figure

CODE = """
from pyspark import pipelines as dp

@dp.table
def rows():
    return (
        spark.readStream.format("cloudFiles").options(**{options})
        .schema("id STRING, name STRING, amount INT, _rescued_data STRING").load("/Volumes/main/shop/files")
    )
"""
# What a row says of a file that holds no table at all.
NO_TABLE = ("the file is empty", "the file is no text", "the header has none of the expected columns")
SECONDS = 60


def every_kind() -> list[Kind]:
    """The corpus."""
    return [*csv_kinds.kinds(), *json_kinds.kinds(), *other_kinds.kinds()]


def deliver(folder: Path, kinds: Sequence[Kind]) -> Figure:
    """Each kind in a home of its own."""
    faults: list[str] = []
    for number, kind in enumerate(kinds):
        place = folder / str(number)
        place.mkdir()
        faults += [f"{kind.format}, {kind.name}: {fault}" for fault in _of(place, kind)]
    return Figure(f"{len(kinds)} kinds of bad file", faults)


def _of(folder: Path, kind: Kind) -> Iterator[str]:
    files = folder / "home" / "volumes" / "shop" / "files"
    files.mkdir(parents=True)
    kind.lay(files)
    try:
        with _no_longer_than(SECONDS):
            rows = _rows(folder, kind)
    except UserError as error:
        if kind.file not in str(error) and ascii(kind.file)[1:-1] not in str(error):
            yield f"an error that does not name the file: {error}"
    except Exception as error:
        yield f"{type(error).__name__}: {error}"[:500]
    else:
        yield from _lost_or_doubled(kind, rows)


def _rows(folder: Path, kind: Kind) -> list[str]:
    """One update in this process; the rows as JSON."""
    home, code = Home(folder / "home"), folder / "project" / "transformations" / "rows.py"
    options = {
        "cloudFiles.format": kind.format, "header": "true", "rescuedDataColumn": "_rescued_data", **kind.options
    }  # fmt: skip
    code.parent.mkdir(parents=True)
    code.write_text(CODE.format(options=options), encoding="utf-8")
    run_update(PipelineSpec("bad", folder / "project", ["transformations/**"], "main", "shop", {}), home)
    table = open_table(table_path(home.warehouse, "shop.rows"))
    return [json.dumps(row, ensure_ascii=False) for row in arrow_table(table).to_pylist()] if table else []


def _lost_or_doubled(kind: Kind, rows: list[str]) -> Iterator[str]:
    # What was written in UTF-16 is rescued with a NUL after each letter.
    texts = [row.replace("\\\\u0000", "") for row in rows]
    for token in kind.tokens:
        found = sum(bool(re.search(rf"{token}\b", text)) for text in texts)
        if found > 1:
            yield f"{token} stands in {found} rows"
        if not found and not any(told in row for row in rows for told in NO_TABLE):
            yield f"{token} is lost in silence; rows: {str(rows)[:300]}"


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
    """Raises TimeoutError when it takes longer, as the reading of a pipe would."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"it took more than {seconds} seconds")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
