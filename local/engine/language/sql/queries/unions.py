"""UNION, INTERSECT and EXCEPT of columns of several types, each of which Spark makes one type first."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from pyspark.errors import PySparkException
from pyspark.sql.types import DataType, StructField

from common.sql_text import quoted
from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import Edit, FieldsOf
from local.engine.sessions.rewriting.rules.common_type import column_type

_SETS = {"UNION", "INTERSECT", "EXCEPT", "MINUS"}
# What behind the last query belongs to all of them.
_OF_ALL = {"ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET"}
_Words = tuple[int, int]


def with_common_types(text: QueryText, fields_of: FieldsOf) -> QueryText:
    """The text in which the queries of each set operation give the same types."""
    done: set[int] = set()
    while branches := next((found for found in _operations(text) if found[0][0] not in done), None):
        done.add(branches[0][0])
        text = text.edited(_edits(text, branches, fields_of))
    return text


def _operations(text: QueryText) -> Iterator[list[_Words]]:
    """The queries of each set operation, innermost first."""
    signs = [number for number in range(len(text.words)) if _is_sign(text, number)]
    for depth in sorted({text.depths[number] for number in signs}, reverse=True):
        run: list[_Words] = []
        for sign in [number for number in signs if text.depths[number] == depth]:
            first = _begin(text, sign)
            if not run or run[-1][0] != first:
                if run:
                    yield run
                run = [(first, sign)]
            else:
                run[-1] = first, sign
            start = _behind_quantifier(text, sign + 1)
            run.append((start, _end(text, start)))
        yield run


def _is_sign(text: QueryText, number: int) -> bool:
    return text.keys[number] in _SETS and not text.is_(number - 1, "*") and number + 1 < len(text.words)


def _behind_quantifier(text: QueryText, number: int) -> int:
    """The word's number, or the next one's when it is the quantifier of a UNION."""
    return number + 1 if text.keys[number] in ("ALL", "DISTINCT") else number


def _begin(text: QueryText, sign: int) -> int:
    """The first word of the query that ends before the sign."""
    depth, first = text.depths[sign], sign
    while first and text.depths[first - 1] >= depth and not _is_level_sign(text, first - 1, depth):
        first -= 1
    if first and text.depths[first - 1] == depth:
        return _behind_quantifier(text, first)
    if text.is_(first, "WITH"):
        return next(n for n in range(first, sign) if text.depths[n] == depth and text.is_(n, "SELECT"))
    return first


def _is_level_sign(text: QueryText, number: int, depth: int) -> bool:
    return text.depths[number] == depth and (_is_sign(text, number) or text.is_(number, ";"))


def _end(text: QueryText, start: int) -> int:
    depth = text.depths[start]
    for number in range(start, len(text.words)):
        if text.depths[number] < depth or (text.depths[number] == depth and _ends(text, number)):
            return number
    return len(text.words)


def _ends(text: QueryText, number: int) -> bool:
    return _is_sign(text, number) or text.is_(number, ";") or text.keys[number] in _OF_ALL


def _edits(text: QueryText, branches: Sequence[_Words], fields_of: FieldsOf) -> list[Edit]:
    prefix = text.with_before(branches[0][0])
    with suppress(PySparkException):
        columns = [fields_of(prefix + text.of(*branch)) for branch in branches]
        types = _types(columns)
        if any(types):
            return [
                (
                    text.words[start].start,
                    text.words[end - 1].end,
                    _anew(text.of(start, end), types, columns[0]),
                )
                for start, end in branches
            ]
    return []


def _types(columns: Sequence[Sequence[StructField]]) -> list[DataType | None]:
    if len({len(one) for one in columns}) > 1:
        return []
    return [column_type(field.dataType for field in one) for one in zip(*columns, strict=True)]


def _anew(query: str, types: Sequence[DataType | None], named: Sequence[StructField]) -> str:
    names = [f"__{number}" for number in range(len(types))]
    chosen = (
        f"{f'cast({name} as {type_.simpleString()})' if type_ else name} AS {quoted(field.name)}"
        for name, type_, field in zip(names, types, named, strict=True)
    )
    within = query if query.startswith("(") else f"({query})"
    return f"SELECT {', '.join(chosen)} FROM {within} AS __union({', '.join(names)})"  # noqa: S608
