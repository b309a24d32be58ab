"""Deletes the files of old versions of a home's tables."""

import shutil
import time

from common.home import Home
from local.engine import journal
from local.engine.catalog import attach
from local.engine.delta_log import table_names, table_path
from local.engine.query import Rows
from local.engine.session import start_engine

DAY = 24 * 60 * 60


def vacuum(home: Home, days: float) -> Rows:
    """Deletes what no version of the last `days` needs; each table with the bytes of its data before and now.

    The rows of the tables stay as they are; versions older than that can no longer be read. The caller holds the
    home's lock, so that no update is under way whose files nothing refers to yet.
    """
    engine = start_engine(home.warehouse)
    session = engine.session()
    journal.restore(home, engine.pid)
    attach(session, home)
    # Delta refuses less than a week, for fear of writers that are at work; the lock keeps them out.
    session.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    # Delta lists folders in two hundred tasks, and there are few.
    session.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", "2")
    freed = []
    for name in table_names(home.warehouse):
        before = _bytes(home, name)
        _remove_aside(home, name, days)
        session.sql(f"vacuum {name} retain {days * 24} hours")
        freed.append((name, before, _bytes(home, name)))
    return Rows(["table", "bytes_before", "bytes_now"], freed)


def _remove_aside(home: Home, name: str, days: float) -> None:
    folder = journal.folder_aside(home, name)
    # A folder's status changes when it is moved.
    if folder.exists() and time.time() - folder.stat().st_ctime > days * DAY:
        shutil.rmtree(folder)


def _bytes(home: Home, name: str) -> int:
    folders = (table_path(home.warehouse, name), journal.folder_aside(home, name))
    files = [file for folder in folders for file in folder.rglob("*.parquet")]
    return sum(file.stat().st_size for file in files if "_delta_log" not in file.parts)
