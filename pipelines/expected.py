"""What is expected of the tables from run to run: how old one may be, and what of a delivery is unusual.

`lakehouse health` and the alerts hold the tables to it (docs/runbook.md).
"""

from pipelines.lineage import FROM_FILES, SOURCES, with_sources

# The job runs each day and takes up to two hours: one missed run is told, a late one is not.
DAILY_HOURS = 36
# What a shop delivers only when it has changed.
SELDOM_HOURS = 31 * 24
SELDOM = (
    "bronze.geolocation",
    "bronze.products",
    "bronze.sellers",
    "cdc.products_changes",
    "cdc.sellers_changes",
)

# Of a delivery's rows that are rejected: unusual is more than so many times the usual share, and so many rows on top,
# since a few more of a small delivery are chance.
REJECTED_TIMES, REJECTED_ROWS = 2, 10
# Of the rows of a delivery: unusual is fewer than the first and more than the second times the deliveries before.
ROWS_TIMES = (0.25, 4.0)
# What is usual is the median of up to so many deliveries, and nothing is before there were so many.
USUAL_MOST, USUAL_LEAST = 10, 3


def _max_age_hours(table: str) -> int | None:
    """That of the most frequent of the files that the table is made from; None for a table of requests."""
    files = {name for name in with_sources([table]) if name in FROM_FILES}
    if not files:
        return None
    return SELDOM_HOURS if files <= set(SELDOM) else DAILY_HOURS


MAX_AGE_HOURS = {table: _max_age_hours(table) for table in SOURCES}
"""How old each table may be: since rows last came into one that reads files, and since any other was last written."""


def is_late(table: str, hours: float) -> bool:
    """Whether a table of that age must be told."""
    most = MAX_AGE_HOURS[table]
    return most is not None and hours > most


def rejected_too_many(rejected: int, judged: int, usual: float) -> bool:
    """Whether so many rejected of the judged rows are unusual; `usual` is a share, 0 to 1."""
    return rejected > REJECTED_TIMES * usual * judged + REJECTED_ROWS


def has_unusual_rows(rows: int, usual: float) -> bool:
    """Whether a delivery of so many rows is unusual."""
    fewest, most = (usual * times for times in ROWS_TIMES)
    return not fewest <= rows <= most
