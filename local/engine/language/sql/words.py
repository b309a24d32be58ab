"""The words of a SQL text, each with its place; comments are between them."""

from dataclasses import dataclass, replace
from itertools import pairwise

from sqlglot import Token, TokenType
from sqlglot.dialects.databricks import Databricks
from sqlglot.errors import SqlglotError

from local.engine.language.places import NotParsed

DIALECT = Databricks()
_STRINGS = (TokenType.STRING, TokenType.RAW_STRING)
# What a query begins with.
QUERIES = ("SELECT", "WITH", "FROM", "VALUES", "(")
_QUOTED = (*_STRINGS, TokenType.IDENTIFIER)


@dataclass(frozen=True)
class Word:
    """A keyword, name, string or sign. `text` is what it means: without quotes, and a keyword as it is written.

    `start` and `end` (behind it) are places in the text, `line` counts from 1; `doubled` are the places in a string
    of a quote that is written twice and means itself.
    """

    text: str
    start: int
    end: int
    line: int
    is_string: bool = False
    is_quoted: bool = False
    doubled: tuple[int, ...] = ()

    def is_(self, keyword: str) -> bool:
        """Whether it is this keyword or sign; a string or a name in backticks never is."""
        return not self.is_quoted and self.text.upper() == keyword


def words(text: str) -> list[Word]:
    """The words of a text. Raises UserError for a string or comment without an end."""
    try:
        tokens = DIALECT.tokenize(text)
    except SqlglotError as error:
        raise NotParsed(f"this is no SQL: {error}") from None
    found = [word for token in tokens for word in _words_of(token, text)]
    return _joined(found, text)


def _words_of(token: Token, text: str) -> list[Word]:
    end = token.end + 1
    if token.token_type in _QUOTED:
        is_string = token.token_type in _STRINGS
        return [Word(token.text, token.start, end, token.line, is_string, True)]
    parts = text[token.start : end].split()
    if len(parts) < 2:
        return [Word(token.text, token.start, end, token.line)]
    # The tokenizer gives some keywords of two words as one token, such as PARTITIONED BY.
    found, at = [], token.start
    for part in parts:
        at = text.index(part, at)
        found.append(Word(part, at, at + len(part), token.line))
        at += len(part)
    return found


def _joined(found: list[Word], text: str) -> list[Word]:
    """The words, but that a quote written twice in a string is a quote, and no end of it."""
    joined: list[Word] = found[:1]
    for before, word in pairwise(found):
        if before.is_string and word.is_string and before.end == word.start:
            last = joined[-1]
            quote = text[word.start]
            meant = f"{last.text}{quote}{word.text}"
            joined[-1] = replace(last, text=meant, end=word.end, doubled=(*last.doubled, word.start - 1))
        else:
            joined.append(word)
    return joined
