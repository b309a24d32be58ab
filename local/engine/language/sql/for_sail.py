"""What Sail does not parse, or does differently, written anew."""

from collections.abc import Callable

from local.engine.language.sql.references import edited
from local.engine.language.sql.words import words


def for_sail(query: str, columns_of: Callable[[str], list[str]]) -> str:
    """The query as Sail takes it; a text with nothing to write anew is given back to the letter.

    `columns_of` gives the names of the columns of a query's text.
    """
    del columns_of
    return edited(query, [(at, at + 1, "\\") for word in words(query) for at in word.doubled])
