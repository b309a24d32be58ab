"""What Sail does not parse, or does differently, written anew."""

from collections.abc import Callable

from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.queries.aliases import without_later_use
from local.engine.language.sql.queries.all_columns import without_all
from local.engine.language.sql.queries.json_paths import without_paths
from local.engine.language.sql.queries.pivots import with_pivots_in_parentheses
from local.engine.language.sql.queries.qualify import without_qualify
from local.engine.language.sql.queries.stars import without_except
from local.engine.language.sql.queries.using import without_qualified_keys

_QUERIES = {"SELECT", "WITH", "("}
_OF_TEXT: tuple[Callable[[QueryText], list[Edit]], ...] = (without_paths, with_pivots_in_parentheses)
# In this order: what comes first may stand in what a later one asks the columns of.
_OF_SELECT: tuple[Callable[[QueryText, int, ColumnsOf], Edit | None], ...] = (
    without_qualified_keys,
    without_except,
    without_later_use,
    without_all("GROUP"),
    without_qualify,
    without_all("ORDER"),
)


def for_sail(query: str, columns_of: ColumnsOf) -> str:
    """The query as Sail takes it; a text with nothing to write anew is given back to the letter.

    `columns_of` gives the names of the columns of a query's text. Raises UserError for what has no other form.
    """
    text = QueryText(query)
    if not text.words or text.keys[0] not in _QUERIES:
        return query
    text = text.edited([(at, at + 1, "\\") for word in text.words for at in word.doubled])
    for rule in _OF_TEXT:
        text = text.edited(rule(text))
    done = 0
    # Innermost first: what a SELECT reads is written anew when its columns are asked for.
    while done < len(selects := text.selects()):
        text = _with_rules(text, selects[done], done, columns_of)
        done += 1
    return text.query


def _with_rules(text: QueryText, select: int, place: int, columns_of: ColumnsOf) -> QueryText:
    for rule in _OF_SELECT:
        while edit := rule(text, select, columns_of):
            text = text.edited([edit])
            select = text.selects()[place]
    return text
