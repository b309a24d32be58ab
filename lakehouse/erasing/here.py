"""Erases a person on one machine: tables, files, and what keeps the person from coming back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from common.home import Home
from lakehouse.erasing.files import rewrite_files
from lakehouse.main_job import OnPipelineEvent, run_pipelines
from local.engine.sessions import sail
from local.engine.sessions.engines import EngineChoice
from local.engine.storage import delta
from local.engine.storage.log import table_names, table_path
from local.engine.writing.deleting import Deleted, delete_rows
from pipelines.catalog import BEFORE_ERASURE
from pipelines.erasing.report import ErasureReport, Removed
from pipelines.erasing.requests import Request, recorded
from pipelines.erasing.rows import TABLES_OF_PERSONS, predicate


def erase_customer(
    home: Home,
    start: str,
    reason: str | None,
    on_event: OnPipelineEvent,
    engine: EngineChoice = "auto",
) -> tuple[ErasureReport, Path]:
    """Takes the person of whom `start` is the digest of an id out of tables and files: the report, and its file.

    The caller holds the home's lock. Raises UserError when the pipelines cannot read first what they have not yet read.
    """
    if table_names(home.warehouse) or any(home.raw.rglob("*.csv")):
        run_pipelines(home, [one.name for one in BEFORE_ERASURE], False, (), on_event, engine)
    session = sail.new_session()

    def read(name: str) -> DataFrame | None:
        table = delta.open_table(table_path(home.warehouse, name))
        return delta.read_table(session, table) if table else None

    home.erasures.mkdir(parents=True, exist_ok=True)
    # First of all: from now on no file brings the person in.
    request, earlier = recorded(home.erasures, start, reason, read)
    tables = list(_emptied(home, session, request))
    files = [
        Removed(str(one.path.relative_to(home.path)), one.records)
        for part in (home.raw, home.cdc)
        if part.is_dir()
        for one in rewrite_files(part, request.digests)
    ]
    report = ErasureReport(request, tables, files, (), earlier, _next_steps(bool(tables)))
    return report, report.write(home.state / "erasures")


def _emptied(home: Home, session: SparkSession, request: Request) -> Iterator[Removed]:
    cause = f"the erasure {request.request_id}"
    for name in TABLES_OF_PERSONS:
        folder = table_path(home.warehouse, name)
        deleted = delete_rows(session, folder, lambda columns: predicate(columns, request.digests), cause)
        if deleted and (deleted.rows or deleted.hidden_rows):
            yield Removed(name, deleted.rows, deleted.last_with, _hidden(deleted))


def _hidden(deleted: Deleted) -> str:
    return f"and {deleted.hidden_rows} of what AUTO CDC remembers" if deleted.hidden_rows else ""


def _next_steps(changed: bool) -> list[str]:
    if not changed:
        return []
    week = datetime.now(UTC) + timedelta(days=7)
    return [
        "next: `lakehouse run` makes the views anew, then `lakehouse vacuum --days 0` deletes the old versions.",
        f"Until then time travel finds the person; from {week:%Y-%m-%d} on `lakehouse vacuum` deletes them, too.",
    ]
