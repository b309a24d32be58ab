"""CREATE STREAMING TABLE, MATERIALIZED VIEW and VIEW, with their older LIVE forms."""

from dataclasses import dataclass
from typing import Any

from local.engine.language.model import CdcFlow, Dataset, Kind, Place
from local.engine.language.sql.auto_cdc import CdcSource, cdc_flow
from local.engine.language.sql.column_list import ColumnList, column_list
from local.engine.language.sql.cursor import Cursor

_INSTEAD = {
    "TABLE": "write CREATE STREAMING TABLE, or CREATE MATERIALIZED VIEW",
    "FUNCTION": "create it outside the pipeline, or register a Python function (spark.udf.register)",
    "SCHEMA": "the pipeline makes its own",
    "CATALOG": "the pipeline makes its own",
}
_CLAUSES = (
    "COMMENT", "TBLPROPERTIES", "PARTITIONED", "CLUSTER", "SCHEDULE", "TRIGGER", "LOCATION", "USING", "WITH", "ROW",
    "DEFAULT", "REFRESH", "FLOW", "AS",
)  # fmt: skip
_ROW_FILTER = (
    "a row filter is not supplied: readers would see other rows; filter in the query, or in a view over it"
)


@dataclass(frozen=True)
class Creation:
    """A dataset with the query that its rows come from, if it has one of its own.

    `renamed` are the names that a view gives to its query's columns, in order. `cdc_flow` is the flow of FLOW AUTO CDC,
    `first_line` that of the query in its file.
    """

    dataset: Dataset
    query: str | None
    renamed: tuple[str, ...] = ()
    cdc_flow: tuple[CdcFlow, CdcSource] | None = None
    first_line: int = 1


def creation(cursor: Cursor) -> Creation:
    """The whole statement. Raises PlacedError for a clause that is not supplied or not understood."""
    place = cursor.place
    kind, private = _kind(cursor)
    cursor.take("IF", "NOT", "EXISTS")
    name = cursor.name()
    columns = column_list(cursor) if cursor.at("(") else ColumnList()
    clauses: dict[str, Any] = {}
    while not cursor.done and not cursor.at("AS") and not cursor.at("FLOW"):
        _clause(cursor, clauses)
    query, flow, first_line = None, None, place.line
    if cursor.take("AS"):
        first_line = cursor.place.line
        query = cursor.rest()
    elif cursor.take("FLOW"):
        flow = _changes(cursor, place, name)
    if not query and not flow and kind != Kind.STREAMING_TABLE:
        raise cursor.error(f"{name}: a {kind} needs AS and a query")
    dataset = Dataset(
        name,
        kind,
        place,
        schema=columns.schema,
        generated=columns.generated,
        expectations=columns.expectations,
        private=private and kind != Kind.TEMPORARY_VIEW,
        **clauses,
    )
    return Creation(dataset, query, columns.renamed, flow, first_line)


def _kind(cursor: Cursor) -> tuple[Kind, bool]:
    """What is created, and whether it is the pipeline's own only."""
    cursor.need("CREATE")
    if cursor.take("OR") and not cursor.take("REFRESH"):
        cursor.need("REPLACE")
    private = False
    while cursor.take("PRIVATE") or cursor.take("TEMPORARY") or cursor.take("TEMP"):
        private = True
    # Streaming tables were called so at first.
    if cursor.take("INCREMENTAL") or cursor.take("STREAMING"):
        live = cursor.take("LIVE")
        if cursor.take("TABLE"):
            return Kind.STREAMING_TABLE, private
        if live and cursor.take("VIEW"):
            return Kind.TEMPORARY_VIEW, True
        cursor.need("TABLE")
    if cursor.take("MATERIALIZED"):
        cursor.take("LIVE")
        cursor.need("VIEW")
        return Kind.MATERIALIZED_VIEW, private
    live = cursor.take("LIVE")
    if live and cursor.take("TABLE"):
        return Kind.MATERIALIZED_VIEW, private
    if cursor.take("VIEW"):
        # A view in the catalog is read by others, who see what it gives when the pipeline has run.
        return (Kind.TEMPORARY_VIEW if live or private else Kind.MATERIALIZED_VIEW), private
    raise _refused(cursor)


def _refused(cursor: Cursor) -> Exception:
    word = cursor.word.text.upper()
    return cursor.refusal(
        f"CREATE {word} is no statement of a pipeline: {_INSTEAD.get(word, _INSTEAD['TABLE'])}"
    )


def _clause(cursor: Cursor, given: dict[str, Any]) -> None:
    if cursor.take("COMMENT"):
        given["comment"] = cursor.string()
    elif cursor.take("TBLPROPERTIES"):
        given["properties"] = {**given.get("properties", {}), **_properties(cursor)}
    elif cursor.take("PARTITIONED", "BY"):
        given["partition_cols"] = cursor.columns()
    elif cursor.take("CLUSTER", "BY"):
        # How a table is laid out changes none of its rows.
        if cursor.at("("):
            cursor.in_parentheses()
        else:
            cursor.next()
    elif cursor.take("LOCATION"):
        cursor.string()
    elif cursor.take("USING"):
        _delta(cursor)
    elif cursor.at("WITH", "ROW", "FILTER") or cursor.at("ROW", "FILTER"):
        raise cursor.refusal(_ROW_FILTER)
    elif any(map(cursor.at, ("SCHEDULE", "TRIGGER", "DEFAULT", "REFRESH"))):
        # When it is refreshed is up to who runs the pipeline; a collation other than the default one has no effect.
        _skip(cursor)
    else:
        raise cursor.error(f"'{cursor.word.text}' is no clause of this statement")


def _delta(cursor: Cursor) -> None:
    if not cursor.take("DELTA"):
        raise cursor.refusal(f"USING {cursor.word.text} is not supplied: tables are Delta tables")


def _skip(cursor: Cursor) -> None:
    if cursor.at("DEFAULT", "COLLATION"):
        cursor.need("DEFAULT", "COLLATION")
        if not cursor.take("UTF8_BINARY"):
            raise cursor.refusal(
                "a collation other than UTF8_BINARY is not supplied: compare with lower() or upper()"
            )
        return
    cursor.next()
    cursor.take("REFRESH")
    cursor.until(lambda: any(map(cursor.at, _CLAUSES)))


def _changes(cursor: Cursor, place: Place, name: str) -> tuple[CdcFlow, CdcSource]:
    if not cursor.take("AUTO", "CDC"):
        raise cursor.refusal("FLOW is supplied with AUTO CDC only: write CREATE FLOW beside the table")
    return cdc_flow(cursor, place, name, name)


def _properties(cursor: Cursor) -> dict[str, str]:
    cursor.need("(")
    found: dict[str, str] = {}
    while not cursor.take(")"):
        key = cursor.string() if cursor.word.is_string else cursor.name()
        cursor.take("=")
        found[key] = cursor.string() if cursor.word.is_string else _bare_value(cursor)
        cursor.take(",")
    return found


def _bare_value(cursor: Cursor) -> str:
    return cursor.until(lambda: cursor.at(",") or cursor.at(")")).lower()
