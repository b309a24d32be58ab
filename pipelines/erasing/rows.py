"""Which rows of a table are of a person, as SQL: for DELETE on Databricks and for a filter on one machine.

The same rows as those that `with_erasures` keeps out of what is delivered, but that here all ids in a text count.
"""

from collections.abc import Collection, Sequence

from pipelines.lineage import STREAMING_TABLES
from pipelines.schemas import TABLES
from pipelines.schemas.privacy import ID_COLUMNS, ID_IN_TEXT, TEXT_COLUMNS, id_columns

TABLES_OF_PERSONS = tuple(
    table.name
    for table in TABLES
    if table.name in STREAMING_TABLES and (id_columns(table) or any(column.pii for column in table.columns))
)
"""The streaming tables that may hold rows of a person; materialized views are made anew by the next run."""


def predicate(columns: Sequence[str], digests: Collection[str]) -> str | None:
    """What is true for rows of whom these digests are, and false for others, of a table with these columns.

    None where no column tells, and so for the texts of events, which are not looked through.
    """
    known = ", ".join(f"'{digest}'" for digest in sorted(digests))
    found = [f"{digest_of(name)} IN ({known})" for name in columns if name in ID_COLUMNS]
    found += [
        f"arrays_overlap({digests_in(name)}, array({known}))" for name in columns if name in TEXT_COLUMNS
    ]
    return " OR ".join(f"coalesce({one}, false)" for one in found) if found and digests else None


def digest_of(column: str) -> str:
    """The digest of an id that stands in a column, as SQL."""
    return f"sha2(lower(btrim({column}, ' \\t\\r\\n')), 256)"


def digests_in(text: str) -> str:
    """The digests of all ids in a text, as SQL: ARRAY<STRING>."""
    return f"transform(regexp_extract_all(lower({text}), '{ID_IN_TEXT}', 0), id -> sha2(id, 256))"
