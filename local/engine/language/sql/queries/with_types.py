"""What Sail would compute otherwise in a query, written anew by the types of what it is computed from."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from pyspark.errors import PySparkException
from pyspark.sql.types import DataType, StructField

from common.sql_text import quoted
from local.engine.language.sql.blocks import Block, QueryText
from local.engine.language.sql.edits import Edit, FieldsOf
from local.engine.language.sql.queries.aliases import alias_of
from local.engine.language.sql.queries.unions import with_common_types
from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.texts.texts import rewritten_texts

_Words = tuple[int, int]
_JOINS = {
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "CROSS",
    "SEMI",
    "ANTI",
    "NATURAL",
    "LATERAL",
    ",",
    "PIVOT",
    "UNPIVOT",
}
_ORDERS = {"ASC", "DESC", "NULLS", "FIRST", "LAST"}


def with_types(query: str, fields_of: FieldsOf) -> str:
    """The query as Sail answers it as Spark does. Raises NeedsSpark for what has no such form."""
    try:
        return _all_with_types(QueryText(query), fields_of)
    except NeedsSpark:
        # What is wrong with the query itself, such as a column that is not there, is to be said first.
        fields_of(query)
        raise


def _all_with_types(text: QueryText, fields_of: FieldsOf) -> str:
    done = 0
    # Innermost first: what a SELECT reads is written anew when its columns are asked for.
    while done < len(selects := text.selects()):
        text = _select_with_types(text, selects[done], fields_of)
        done += 1
    return with_common_types(text, fields_of).query


def _select_with_types(text: QueryText, select: int, fields_of: FieldsOf) -> QueryText:
    block = text.block(select)
    scope = _Scope(text, block, fields_of)
    _check_pivots(text, block, scope)
    items = [item for item in text.items(block) if not text.is_(item[1] - 1, "*")]
    places = [*items, *_conditions(text, block)]
    before = [text.of(*place) for place in places]
    anew = rewritten_texts(before, scope.types, strict=True)
    changed = [number for number, old in enumerate(before) if anew[number] != old]
    unnamed = [n for n in changed if n < len(items) and alias_of(text, items[n]) is None]
    for number, field in zip(unnamed, scope.fields([before[n] for n in unnamed]), strict=True):
        anew[number] += f" AS {quoted(field.name)}" if field else ""
    edits: list[Edit] = [
        (text.words[places[n][0]].start, text.words[places[n][1] - 1].end, anew[n]) for n in changed
    ]
    return text.edited(edits)


def _check_pivots(text: QueryText, block: Block, scope: "_Scope") -> None:
    """Raises NeedsSpark for an aggregate of PIVOT that Sail would compute otherwise, and has no other form for."""
    start, end = block.clauses.get("FROM", (0, 0))
    level = [number for number in range(start, end) if text.depths[number] == text.depths[start]]
    for pivot in (number for number in level if text.is_(number, "PIVOT")):
        inside = range(pivot + 2, text.closing(pivot + 1))
        last = next((n for n in inside if text.is_(n, "FOR") and text.depths[n] == text.depths[pivot + 2]), 0)
        before = [text.of(*place) for place in text.parts(pivot + 2, last)]
        source = text.of(start, pivot)
        if before != rewritten_texts(before, partial(scope.types, source=source), strict=True):
            raise NeedsSpark("PIVOT", f"Sail would compute {', '.join(before)} otherwise")


class _Scope:
    """The rows that the expressions of a SELECT are about."""

    def __init__(self, text: QueryText, block: Block, fields_of: FieldsOf) -> None:
        self._fields_of = fields_of
        prefix = text.with_before(block.select)
        source = text.of(*block.clauses.get("FROM", (0, 0)))
        grouped = text.of(*block.clauses.get("GROUP", (0, 0)))
        later = [
            block.clauses[name][0] for name in ("HAVING", "ORDER", "SORT", "LIMIT") if name in block.clauses
        ]
        chosen = text.of(block.select, min(later, default=block.end))
        # Beside what is read, an aggregate may be of its keys, and an order of what was chosen.
        self._before = f"{prefix}SELECT "
        self._behind = [source]
        self._behind += [f"{source} {grouped}"] if grouped else []
        self._behind += [f"FROM ({chosen})"] if later else []

    def types(self, expressions: list[str], source: str | None = None) -> list[DataType | None]:
        """The type of each over `source`, by default what is read; None for one that cannot be told."""
        named = [f"{expression} AS __{number}" for number, expression in enumerate(expressions)]
        return [field.dataType if field else None for field in self.fields(named, source)]

    def fields(self, items: Sequence[str], source: str | None = None) -> Sequence[StructField | None]:
        """The column that each makes; None for one that cannot be told."""
        with suppress(PySparkException):
            found = self._asked(", ".join(items), source or self._behind[0]) if items else []
            if len(found) == len(items):
                return found
        return [self._alone(item) for item in items]

    def _alone(self, item: str) -> StructField | None:
        for behind in self._behind:
            with suppress(PySparkException):
                [field] = self._asked(item, behind)
                return field
        return None

    def _asked(self, chosen: str, behind: str) -> Sequence[StructField]:
        return self._fields_of(f"{self._before}{chosen} {behind}")


def _conditions(text: QueryText, block: Block) -> Iterator[_Words]:
    """The expressions of a SELECT behind its list."""
    for name, (start, end) in block.clauses.items():
        if name == "FROM":
            yield from _joined(text, start + 1, end)
        elif name in ("WHERE", "HAVING"):
            yield start + 1, end
        elif name in ("GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE") and end > start + 2:
            for first, last in text.parts(start + 2, end):
                words = [number for number in range(first, last) if text.keys[number] not in _ORDERS]
                yield first, max(words, default=first) + 1


def _joined(text: QueryText, start: int, end: int) -> Iterator[_Words]:
    """The conditions of joins, and what is made rows of by LATERAL VIEW."""
    depth = text.depths[start - 1]
    level = [number for number in range(start, end) if text.depths[number] == depth]
    for number in level:
        if text.is_(number, "ON"):
            later = (other for other in level if other > number and _joins(text, other))
            yield number + 1, next(later, end)
        elif text.is_(number, "VIEW") and text.is_(number - 1, "LATERAL"):
            first = number + 1 + text.is_(number + 1, "OUTER")
            yield first, text.closing(first + 1) + 1


def _joins(text: QueryText, number: int) -> bool:
    return text.keys[number] in _JOINS and not (
        text.is_(number + 1, "(") and text.keys[number] in ("LEFT", "RIGHT")
    )
