"""QUALIFY, as a query around the one that it filters."""

from sqlglot import exp

from common.errors import UserError
from common.sql_text import quoted
from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.queries.references import query_tree
from local.engine.language.sql.words import DIALECT

_KEPT = "__qualify"


def without_qualify(text: QueryText, select: int, columns_of: ColumnsOf) -> Edit | None:
    """This SELECT anew if it has a QUALIFY, else None. Raises UserError."""
    if "QUALIFY" not in text.keys:
        return None
    block = text.block(select)
    if "QUALIFY" not in block.clauses:
        return None
    start, end = block.clauses["QUALIFY"]
    condition = text.of(start + 1, end)
    first, distinct = block.select + 1, ""
    if text.is_(first, "DISTINCT"):
        first, distinct = first + 1, "DISTINCT "
    chosen, source = text.of(first, block.list_end), text.of(block.list_end, start)
    names = columns_of(f"{text.with_before(block.select)}SELECT {chosen} {source}")
    if len({name.lower() for name in names}) < len(names):
        raise UserError("QUALIFY over two columns of one name: give each a name of its own (AS)")
    inside, outside = _split(condition, _aliases(chosen))
    more = "".join(f", {expression} AS {name}" for name, expression in inside.items())
    rest = text.of(end, block.end)
    columns = ", ".join(map(quoted, names))
    inner = f"SELECT {chosen}{more} {source}"
    anew = f"SELECT {distinct}{columns} FROM ({inner}) WHERE {outside} {rest}".rstrip()  # noqa: S608
    return text.words[block.select].start, text.words[block.end - 1].end, anew


def _aliases(chosen: str) -> set[str]:
    tree = query_tree(f"SELECT {chosen}")
    return {one.alias.lower() for one in tree.expressions if isinstance(one, exp.Alias)}


def _split(condition: str, aliases: set[str]) -> tuple[dict[str, str], str]:
    """What of a condition the inner query computes, by name, and the condition on that.

    What names no alias of the inner query is computed there, where all of its columns are known.
    """
    tree = query_tree(f"SELECT {condition}").expressions[0]
    if not _names(tree, aliases):
        return {_KEPT: condition}, _KEPT
    inside: dict[str, str] = {}
    return inside, _outside(tree.copy(), aliases, inside).sql(DIALECT)


def _outside(node: exp.Expr, aliases: set[str], inside: dict[str, str]) -> exp.Expr:
    if not _names(node, aliases):
        if isinstance(node, exp.Literal | exp.Boolean | exp.Null):
            return node
        name = f"{_KEPT}_{len(inside)}"
        inside[name] = node.sql(DIALECT)
        return exp.column(name)
    if isinstance(node, exp.Window):
        raise UserError(
            "QUALIFY: a window over a column that this query computes: compute it in a query below"
        )
    for key, value in list(node.args.items()):
        if isinstance(value, exp.Expr) and not isinstance(node, exp.Column | exp.Cast):
            node.set(key, _outside(value, aliases, inside))
        elif isinstance(value, list):
            node.set(
                key, [_outside(one, aliases, inside) if isinstance(one, exp.Expr) else one for one in value]
            )
    return node


def _names(node: exp.Expr, aliases: set[str]) -> bool:
    return any(not one.table and one.name.lower() in aliases for one in node.find_all(exp.Column))
