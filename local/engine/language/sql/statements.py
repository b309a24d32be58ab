"""The statements of a pipeline's SQL: what Lakeflow takes, and what it refuses by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from local.engine.language.model import CdcFlow, Place
from local.engine.language.places import Keep, PlacedError, raised
from local.engine.language.sql.auto_cdc import CdcSource, auto_cdc
from local.engine.language.sql.create import Creation, creation
from local.engine.language.sql.cursor import Cursor
from local.engine.language.sql.named_values import with_values
from local.engine.language.sql.words import words

_INSTEAD = {
    "INSERT": "write CREATE FLOW name AS INSERT INTO table BY NAME query",
    "MERGE": "write AUTO CDC INTO table",
    "DELETE": "filter in the query, or write AUTO CDC INTO with APPLY AS DELETE WHEN",
    "UPDATE": "write the change in the query",
    "SELECT": "write CREATE MATERIALIZED VIEW name AS before it, or CREATE STREAMING TABLE name AS",
    "WITH": "write CREATE MATERIALIZED VIEW name AS before it, or CREATE STREAMING TABLE name AS",
    "DROP": "leave the dataset's definition out",
    "ALTER": "change the dataset's definition",
}
_OTHERWISE = (
    "a pipeline's SQL is CREATE STREAMING TABLE, MATERIALIZED VIEW, VIEW or FLOW, AUTO CDC INTO, SET and USE"
)


@dataclass(frozen=True)
class Insertion:
    """CREATE FLOW ... AS INSERT INTO a table, by name; the query begins in the `first_line` of the file."""

    name: str
    target: str
    query: str
    place: Place
    once: bool
    first_line: int


@dataclass(frozen=True)
class CdcStatement:
    """AUTO CDC INTO, or APPLY CHANGES INTO; `source` is a query where the flow reads no table by its name."""

    flow: CdcFlow
    source: CdcSource


@dataclass(frozen=True)
class SetStatement:
    """SET key = value."""

    key: str
    value: str


@dataclass(frozen=True)
class Use:
    """USE CATALOG or USE SCHEMA: where a name without them goes from here on."""

    catalog: str | None = None
    schema: str | None = None


Statement = Creation | Insertion | CdcStatement | SetStatement | Use


def statements(
    text: str,
    file: Path,
    first_line: int = 1,
    configuration: Mapping[str, str] | None = None,
    keep: Keep = raised,
) -> Iterator[Statement]:
    """The statements of `text`, which begins at `first_line` of `file`, in order.

    `configuration` has the values of `${name}`; SET adds to them for the statements below. `keep` is given an error for
    each statement that a pipeline does not take, a wrong one, and a name without value; by default the first is raised.
    """
    values = dict(configuration or {})
    for part, line in _parts(text, file, first_line, keep):
        try:
            statement = _statement(Cursor(with_values(part, values), file, line))
        except PlacedError as error:
            keep(error)
            continue
        except UserError as error:
            keep(PlacedError(Place(file, line), str(error), error))
            continue
        if isinstance(statement, SetStatement):
            values[statement.key] = statement.value
        if statement:
            yield statement


def _parts(text: str, file: Path, first_line: int, keep: Keep) -> Iterator[tuple[str, int]]:
    """The text of each statement from its first word on, and that word's line."""
    try:
        found = words(text)
    except UserError as error:
        keep(PlacedError(Place(file, first_line), str(error), error))
        return
    begin = None
    for word in found:
        if word.is_(";"):
            if begin:
                yield text[begin.start : word.start], first_line + begin.line - 1
            begin = None
        else:
            begin = begin or word
    if begin:
        yield text[begin.start : found[-1].end], first_line + begin.line - 1


def _statement(cursor: Cursor) -> Statement | None:
    place = cursor.place
    if cursor.at("CREATE", "FLOW"):
        return _flow(cursor, place)
    if cursor.at("CREATE"):
        return creation(cursor)
    if cursor.at("AUTO", "CDC") or cursor.at("APPLY", "CHANGES"):
        return CdcStatement(*auto_cdc(cursor, place, None))
    if cursor.take("SET"):
        return _setting(cursor)
    if cursor.take("USE"):
        return _use(cursor)
    word = cursor.word.text.upper()
    raise cursor.refusal(f"{word} is no statement of a pipeline: {_INSTEAD.get(word, _OTHERWISE)}")


def _flow(cursor: Cursor, place: Place) -> Statement:
    cursor.need("CREATE", "FLOW")
    name = cursor.name()
    if cursor.take("COMMENT"):
        cursor.string()
    cursor.need("AS")
    if cursor.at("AUTO", "CDC") or cursor.at("APPLY", "CHANGES"):
        return CdcStatement(*auto_cdc(cursor, place, name))
    cursor.need("INSERT", "INTO")
    once = cursor.take("ONCE")
    cursor.take("TABLE")
    target = cursor.name()
    cursor.need("BY", "NAME")
    first_line = cursor.place.line
    return Insertion(name, target, rest_as_query(cursor), place, once, first_line)


def rest_as_query(cursor: Cursor) -> str:
    """The query that is left; raises PlacedError when there is none."""
    if cursor.done:
        raise cursor.error("a query is expected, and the statement ends")
    return cursor.rest()


def _setting(cursor: Cursor) -> SetStatement | None:
    """None for SET key, which shows a value."""
    key = cursor.until(lambda: cursor.at("="))
    if not cursor.take("="):
        return None
    if not cursor.done and cursor.word.is_string:
        return SetStatement(key.strip("`"), cursor.string())
    return SetStatement(key.strip("`"), cursor.rest())


def _use(cursor: Cursor) -> Use:
    if cursor.take("CATALOG"):
        return Use(catalog=cursor.column())
    if not cursor.take("SCHEMA"):
        cursor.take("DATABASE")
    name = [cursor.column()]
    if cursor.take("."):
        name.append(cursor.column())
    return Use(catalog=name[0] if len(name) == 2 else None, schema=name[-1])
