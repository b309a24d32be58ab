"""JOIN ... USING, behind which Sail knows a common column by its plain name only: `t.id`, and `t.*`, lose it."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from common.sql_text import quoted
from local.engine.language.sql.blocks import Block, QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.queries.references import query_tree
from local.engine.language.sql.queries.stars import columns_without, excepted_column
from local.engine.language.sql.words import DIALECT
from local.engine.sessions.errors import NeedsSpark


class _Key(NamedTuple):
    """A common column: the tables that have it, and those of them whose own value it always is."""

    tables: set[str]
    same: set[str]


_Keys = dict[str, _Key]


def without_qualified_keys(text: QueryText, select: int, columns_of: ColumnsOf) -> Edit | None:
    """The first `t.id` or `t.*` of this SELECT that has a common column, anew. Raises NeedsSpark where it differs."""
    block = text.block(select)
    start, end = block.clauses.get("FROM", (0, 0))
    if "USING" not in text.keys[start:end]:
        return None
    tree = query_tree(f"SELECT * {text.of(start, end)}")
    tables = _tables(tree)
    keys = _keys(tree)
    for number in _qualified(text, block):
        last = number + 2
        table, column = text.words[number].text.lower(), text.words[number + 2].text.lower()
        if table not in tables:
            continue
        if text.is_(number + 2, "*"):
            source = tables[table].sql(DIALECT)
            own = columns_of(f"{text.with_before(select)}SELECT * FROM {source}")  # noqa: S608
            if not any(_is_common(table, name, keys) for name in own):
                continue
            last, kept = _kept(text, number + 2, own)
            anew = ", ".join(_column(table, name, keys) for name in kept)
        elif _is_common(table, column, keys):
            anew = _column(table, column, keys)
        else:
            continue
        return text.words[number].start, text.words[last].end, anew
    return None


def _kept(text: QueryText, star: int, own: list[str]) -> tuple[int, list[str]]:
    """The last word of a star, with the EXCEPT behind it, and the columns that it has."""
    if not text.is_(star + 1, "EXCEPT") or not text.is_(star + 2, "("):
        return star, own
    last = text.closing(star + 2)
    kept = columns_without(
        [(None, name) for name in own], [excepted_column(text, *part) for part in text.parts(star + 3, last)]
    )
    return last, [name for name in own if quoted(name) in kept]


def _qualified(text: QueryText, block: Block) -> Iterator[int]:
    """The first words of `table.column` and `table.*`."""
    for number in range(block.select + 1, block.end - 2):
        if text.is_(number + 1, ".") and not text.is_(number - 1, "."):
            yield number


def _tables(tree: exp.Expr) -> dict[str, exp.Expr]:
    joins = tree.args.get("joins") or []
    return {
        one.alias_or_name.lower(): one for one in (tree.args["from_"].this, *(join.this for join in joins))
    }


def _keys(tree: exp.Expr) -> _Keys:
    before, keys = {tree.args["from_"].this.alias_or_name.lower()}, {}
    for join in tree.args.get("joins") or []:
        table = join.this.alias_or_name.lower()
        for key in join.args.get("using") or []:
            left = keys.get(key.name.lower(), _Key(set(before), set(before)))
            by_side = {"": left.same | {table}, "LEFT": left.same, "RIGHT": {table}}
            same = by_side.get((join.side or "").upper(), set())
            keys[key.name.lower()] = _Key(left.tables | {table}, same)
        before.add(table)
    return keys


def _is_common(table: str, column: str, keys: _Keys) -> bool:
    return column.lower() in keys and table in keys[column.lower()].tables


def _column(table: str, column: str, keys: _Keys) -> str:
    if not _is_common(table, column, keys):
        return f"{quoted(table)}.{quoted(column)}"
    if table not in keys[column.lower()].same:
        raise NeedsSpark(
            f"{table}.{column}", "behind an outer join with USING Sail has no such column: write ON"
        )
    return quoted(column)
