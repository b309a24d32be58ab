"""On which line of a statement of SQL a name stands."""

from collections.abc import Sequence

from common.errors import UserError
from local.engine.language.loading.notebooks import Cell
from local.engine.language.model import Place
from local.engine.language.sql.words import Word, words


def line_of_text(cell: Cell, place: Place, texts: Sequence[str]) -> Place | None:
    """The first line of the statement at `place` on which one of the texts stands, the first text first."""
    named = [word for word in statement_words(cell, place.line) if not word.is_(".")]
    for text in texts:
        wanted = [word.text.lower() for word in words(text) if not word.is_(".")]
        for number in range(len(named)):
            if [word.text.lower() for word in named[number : number + len(wanted)]] == wanted:
                return Place(place.file, cell.line + named[number].line - 1)
    return None


def statement_words(cell: Cell, line: int) -> list[Word]:
    """The words of the SQL statement that the line of the file stands in."""
    try:
        found = words(cell.text)
    except UserError:
        return []
    statement: list[Word] = []
    for word in found:
        if not word.is_(";"):
            statement.append(word)
        elif word.line + cell.line - 1 >= line:
            break
        else:
            statement = []
    return statement
