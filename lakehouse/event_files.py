"""Which files of change events are gone: to judge events anew is to read them again."""

from collections.abc import Iterable
from urllib.parse import unquote

from common.home import Home
from local.engine.storage.delta import arrow_table, open_table
from local.engine.storage.log import table_path


def event_files_gone(home: Home, tables: Iterable[str]) -> list[str]:
    """Of the files that the events in these tables came from, those that are gone, by their names below `home.cdc`.

    Tables that are not there are passed over.
    """
    events = f"/{home.cdc.relative_to(home.volumes)}/"
    read = {
        source.rpartition(events)[2]
        for table in tables
        for source in _sources(home, table)
        if events in source
    }
    return sorted(file for file in map(unquote, read) if not (home.cdc / file).exists())


def _sources(home: Home, table: str) -> list[str]:
    found = open_table(table_path(home.warehouse, table))
    return arrow_table(found, ["_source_file"])["_source_file"].unique().to_pylist() if found else []
