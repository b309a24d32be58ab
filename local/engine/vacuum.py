"""Deletes the files of old versions of a home's tables."""

from local.engine import journal
from local.engine.catalog import attach
from local.engine.delta_log import table_names, table_path
from local.engine.query import Rows
from local.engine.session import start_engine
from local.home import Home


def vacuum(home: Home, days: float) -> Rows:
    """Deletes what no version of the last `days` needs; each table with the bytes of its data before and now.

    The rows of the tables stay as they are; versions older than that can no longer be read. The caller holds the
    home's lock, so that no update is under way whose files nothing refers to yet.
    """
    session = start_engine(home.warehouse).session()
    journal.restore(home, session)
    attach(session, home)
    # Delta refuses less than a week, for fear of writers that are at work; the lock keeps them out.
    session.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    freed = []
    for name in table_names(home.warehouse):
        before = _bytes(home, name)
        session.sql(f"vacuum {name} retain {days * 24} hours")
        freed.append((name, before, _bytes(home, name)))
    return Rows(["table", "bytes_before", "bytes_now"], freed)


def _bytes(home: Home, name: str) -> int:
    files = table_path(home.warehouse, name).rglob("*.parquet")
    return sum(file.stat().st_size for file in files if "_delta_log" not in file.parts)
