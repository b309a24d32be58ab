"""GROUP BY ALL and ORDER BY ALL, by the numbers of the columns."""

from collections.abc import Callable

from sqlglot import exp

from local.engine.language.sql.blocks import Block, QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.queries.references import query_tree


def without_all(keyword: str) -> Callable[[QueryText, int, ColumnsOf], Edit | None]:
    """The rule for GROUP or ORDER."""

    def rule(text: QueryText, select: int, columns_of: ColumnsOf) -> Edit | None:
        if "ALL" not in text.keys:
            return None
        block = text.block(select)
        start, end = block.clauses.get(keyword, (0, 0))
        if not text.is_(start + 2, "ALL") or end < start + 3:
            return None
        places = (
            _grouped(text, block) if keyword == "GROUP" else range(1, _count(text, block, columns_of) + 1)
        )
        behind = text.of(start + 3, end)
        anew = ", ".join(f"{place} {behind}".strip() for place in places)
        return text.words[start].start, text.words[end - 1].end, f"{keyword} BY {anew}" if anew else ""

    return rule


def _grouped(text: QueryText, block: Block) -> list[int]:
    """The places, from 1, of what is selected without an aggregate."""
    tree = query_tree(f"SELECT {text.of(block.select + 1, block.list_end)}")
    return [place for place, one in enumerate(tree.expressions, 1) if not one.find(exp.AggFunc)]


def _count(text: QueryText, block: Block, columns_of: ColumnsOf) -> int:
    items = text.items(block)
    if not any(text.is_(end - 1, "*") for _, end in items):
        return len(items)
    return len(columns_of(text.with_before(block.select) + text.of(block.select, block.clauses["ORDER"][0])))
