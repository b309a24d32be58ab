"""AUTO CDC INTO, and its older form APPLY CHANGES INTO."""

from dataclasses import dataclass
from typing import Any, Literal

from local.engine.language.model import CdcFlow, Place
from local.engine.language.sql.cursor import Cursor

_CLAUSES = (
    ("KEYS",),
    ("IGNORE", "NULL", "UPDATES"),
    ("APPLY", "AS", "DELETE"),
    ("APPLY", "AS", "TRUNCATE"),
    ("SEQUENCE", "BY"),
    ("COLUMNS",),
    ("STORED", "AS"),
    ("TRACK", "HISTORY"),
    ("WHERE",),
)


@dataclass(frozen=True)
class CdcSource:
    """What a flow reads its events from: a table's or view's name, else a query."""

    name: str | None
    query: str | None


def auto_cdc(cursor: Cursor, place: Place, name: str | None) -> tuple[CdcFlow, CdcSource]:
    """The flow from AUTO CDC or APPLY CHANGES on. Without a `name` the flow is called as its target."""
    if not cursor.take("AUTO", "CDC"):
        cursor.need("APPLY", "CHANGES")
    once = cursor.take("ONCE")
    cursor.need("INTO")
    once = cursor.take("ONCE") or once
    target = cursor.name()
    return cdc_flow(cursor, place, name or target, target, once=once)


def cdc_flow(
    cursor: Cursor, place: Place, name: str, target: str, *, once: bool = False
) -> tuple[CdcFlow, CdcSource]:
    """The flow from FROM on: its source, keys and all that follows, in any order."""
    cursor.need("FROM")
    source = _source(cursor)
    given: dict[str, Any] = {}
    while not cursor.done:
        _clause(cursor, given)
    for needed, clause in (("keys", "KEYS (columns)"), ("sequence_by", "SEQUENCE BY column")):
        if needed not in given:
            raise cursor.error(f"AUTO CDC INTO {target} needs {clause}")
    flow = CdcFlow(name=name, target=target, source=source.name or "", place=place, once=once, **given)
    return flow, source


def _source(cursor: Cursor) -> CdcSource:
    """`t`, `STREAM t`, `STREAM(t)`, or a query, in parentheses or a table function."""
    text = cursor.until(lambda: any(cursor.at(*clause) for clause in _CLAUSES))
    inner = Cursor(text, cursor.file, cursor.place.line)
    enclosed = inner.take("STREAM") and inner.take("(")
    if inner.done:
        raise cursor.error("FROM needs a table")
    if not inner.word.is_("("):
        name = inner.name()
        if enclosed:
            inner.take(")")
        if inner.done:
            return CdcSource(name, None)
    return CdcSource(None, f"SELECT * FROM {text}")  # noqa: S608


def _clause(cursor: Cursor, given: dict[str, Any]) -> None:
    if cursor.take("KEYS"):
        given["keys"] = cursor.columns()
    elif cursor.take("SEQUENCE", "BY"):
        given["sequence_by"] = _expression(cursor)
    elif cursor.take("APPLY", "AS", "DELETE", "WHEN"):
        given["apply_as_deletes"] = _expression(cursor)
    elif cursor.take("APPLY", "AS", "TRUNCATE", "WHEN"):
        given["apply_as_truncates"] = _expression(cursor)
    elif cursor.take("STORED", "AS"):
        given["stored_as_scd_type"] = _scd_type(cursor)
    elif cursor.take("IGNORE", "NULL", "UPDATES"):
        given |= _ignored_nulls(cursor)
    elif cursor.take("COLUMNS"):
        given |= _columns(cursor, "column_list", "except_column_list")
    elif cursor.take("TRACK", "HISTORY", "ON"):
        given |= _columns(cursor, "track_history_column_list", "track_history_except_column_list")
    elif cursor.at("WHERE"):
        raise cursor.refusal(
            "WHERE is not supplied in AUTO CDC: filter in a view that reads the source as a stream"
        )
    else:
        raise cursor.error(f"'{cursor.word.text}' is no clause of AUTO CDC INTO")


def _expression(cursor: Cursor) -> str:
    text = cursor.until(lambda: any(cursor.at(*clause) for clause in _CLAUSES))
    if not text:
        raise cursor.error("an expression is expected")
    return text


def _scd_type(cursor: Cursor) -> Literal[1, 2]:
    cursor.need("SCD", "TYPE")
    kinds: dict[str, Literal[1, 2]] = {"1": 1, "2": 2}
    if cursor.word.text not in kinds:
        raise cursor.error(f"SCD TYPE is 1 or 2, not {cursor.word.text}")
    return kinds[cursor.next().text]


def _ignored_nulls(cursor: Cursor) -> dict[str, Any]:
    if not cursor.take("ON"):
        return {"ignore_null_updates": True}
    return _columns(cursor, "ignore_null_updates_column_list", "ignore_null_updates_except_column_list")


def _columns(cursor: Cursor, some: str, others: str) -> dict[str, Any]:
    """`a, b`, `(a, b)` or `* EXCEPT (a, b)`."""
    if not cursor.take("*"):
        return {some: cursor.columns()}
    cursor.need("EXCEPT")
    return {others: cursor.columns()}
