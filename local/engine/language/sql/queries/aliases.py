"""A name that a SELECT gives to one of its columns and uses in a later one, which Sail does not know."""

from common.errors import UserError
from local.engine.language.sql.blocks import QueryText
from local.engine.language.sql.edits import ColumnsOf, Edit
from local.engine.language.sql.words import Word

# A value that is another each time it is computed; the name stands for one.
_CHANGING = {
    "RAND",
    "RANDN",
    "RANDOM",
    "UUID",
    "MONOTONICALLY_INCREASING_ID",
    "SHUFFLE",
    "RANDSTR",
    "UNIFORM",
}
_NO_NAME_BEHIND = {"NOT", "IS", "AND", "OR", "LIKE", "IN", "BETWEEN", "DISTINCT", "DATE", "TIMESTAMP", "CASE"}
_Item = tuple[int, int]


def without_later_use(text: QueryText, select: int, columns_of: ColumnsOf) -> Edit | None:
    """The list of this SELECT with each later use of a name written out; None without any.

    A column of what is read goes before the name, as in Spark.
    """
    block = text.block(select)
    items = text.items(block)
    aliases = [alias_of(text, item) for item in items]
    places = {alias.lower(): place for place, alias in reversed(list(enumerate(aliases))) if alias}
    if not places:
        return None
    uses = [
        (place, number)
        for place, item in enumerate(items)
        for number in range(*item)
        if places.get(text.words[number].text.lower(), place) < place and _is_use(text, item, number)
    ]
    if uses and "FROM" in block.clauses:
        read = columns_of(f"{text.with_before(select)}SELECT * {text.of(*block.clauses['FROM'])}")
        known = {name.lower() for name in read}
        uses = [(place, number) for place, number in uses if text.words[number].text.lower() not in known]
    if not uses:
        return None
    _, number = uses[0]
    word = text.words[number]
    start, end = items[places[word.text.lower()]]
    end -= 2 if text.is_(end - 2, "AS") else 1
    if not _CHANGING.isdisjoint(text.keys[start:end]):
        raise UserError(f"{word.text} is another value at each use: compute it in a query below this one")
    return word.start, word.end, f"({text.of(start, end)})"


def alias_of(text: QueryText, item: _Item) -> str | None:
    """The name that an item has by AS, or at its end."""
    start, end = item
    if end - start < 2 or not _is_name(text.words[end - 1]):
        return None
    last, before = text.words[end - 1], text.words[end - 2]
    if text.is_(end - 2, "AS"):
        return last.text
    ends = (
        before.is_string or before.is_(")") or before.is_("]") or _is_name(before) or before.text[0].isdigit()
    )
    return last.text if ends and not last.is_("END") and not any(map(before.is_, _NO_NAME_BEHIND)) else None


def _is_name(word: Word) -> bool:
    return not word.is_string and (word.is_quoted or word.text[0].isalpha() or word.text[0] == "_")


def _is_use(text: QueryText, item: _Item, number: int) -> bool:
    is_alias = number == item[1] - 1 and alias_of(text, item) is not None
    qualified = text.is_(number - 1, ".") or text.is_(number - 1, "AS")
    return (
        _is_name(text.words[number])
        and not is_alias
        and not qualified
        and not text.is_(number + 1, "(")
        and not text.is_(number + 1, "->")
    )
