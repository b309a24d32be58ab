"""`* EXCEPT (...)`, as the names of the columns that are left."""

from common.errors import UserError
from common.sql_text import quoted
from local.engine.language.sql.blocks import Block, QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.queries.references import query_tree


def without_except(text: QueryText, select: int, columns_of: ColumnsOf) -> Edit | None:
    """The first star with EXCEPT in the list of this SELECT, anew; None when there is none. Raises UserError."""
    if "EXCEPT" not in text.keys:
        return None
    block = text.block(select)
    star = next(
        (number for number in range(select, block.list_end) if _is_except(text, number, select)), None
    )
    if star is None:
        return None
    if "FROM" not in block.clauses:
        raise UserError("* EXCEPT needs a FROM")
    closing = text.closing(star + 2)
    given = [excepted_column(text, *part) for part in text.parts(star + 3, closing)]
    first = star - 2 if text.is_(star - 1, ".") else star
    qualifier = text.words[first].text if first < star else None
    chosen = columns_without(_columns(text, block, qualifier, columns_of), given)
    return text.words[first].start, text.words[closing].end, ", ".join(chosen)


def _is_except(text: QueryText, number: int, select: int) -> bool:
    is_it = text.is_(number, "*") and text.is_(number + 1, "EXCEPT") and text.is_(number + 2, "(")
    block = text.block_of(number) if is_it else None
    return block is not None and block.select == select


def excepted_column(text: QueryText, start: int, end: int) -> tuple[str | None, str]:
    """Qualifier and name of a column in EXCEPT."""
    names = [word.text for word in text.words[start:end] if not word.is_(".")]
    if len(names) > 2:
        raise UserError(f"* EXCEPT takes columns, not {text.of(start, end)}")
    return (names[0].lower() if len(names) > 1 else None), names[-1].lower()


def _columns(
    text: QueryText, block: Block, qualifier: str | None, columns_of: ColumnsOf
) -> list[tuple[str | None, str]]:
    """The columns of a star, each with what it is to be named by."""
    prefix, source = text.with_before(block.select), text.of(*block.clauses["FROM"])
    if qualifier is not None:
        return [(qualifier, name) for name in columns_of(f"{prefix}SELECT {quoted(qualifier)}.* {source}")]
    names = columns_of(f"{prefix}SELECT * {source}")
    if len({name.lower() for name in names}) == len(names):
        return [(None, name) for name in names]
    return [
        (relation, name)
        for relation in _relations(source)
        for name in columns_of(f"{prefix}SELECT {quoted(relation)}.* {source}")
    ]


def _relations(source: str) -> list[str]:
    """The names by which the tables of a FROM are known, in order."""
    tree = query_tree(f"SELECT * {source}")
    joins = tree.args.get("joins") or []
    if tree.args.get("laterals") or any(join.args.get("using") for join in joins):
        raise UserError("* EXCEPT where two columns have one name: name the columns, or write t.* EXCEPT")
    return [tree.args["from_"].this.alias_or_name, *(join.this.alias_or_name for join in joins)]


def columns_without(columns: list[tuple[str | None, str]], given: list[tuple[str | None, str]]) -> list[str]:
    """What stays of the columns, as a query names them, without those that are given."""
    for qualifier, name in given:
        matches = sum(_is(column, qualifier, name) for column in columns)
        if not matches:
            raise UserError(f"* EXCEPT names {name}, which is not among: {', '.join(n for _, n in columns)}")
        if matches > 1:
            raise UserError(f"* EXCEPT names {name}, which two tables have: write table.{name}")
    chosen = [column for column in columns if not any(_is(column, *one) for one in given)]
    if not chosen:
        raise UserError("* EXCEPT leaves no column")
    return [f"{quoted(table)}.{quoted(name)}" if table else quoted(name) for table, name in chosen]


def _is(column: tuple[str | None, str], qualifier: str | None, name: str) -> bool:
    table, own = column
    return own.lower() == name and (not qualifier or not table or table.lower() == qualifier)
