"""A way through the words of an expression's text."""

from sqlglot import Dialect, Token
from sqlglot import TokenType as Kind

STRINGS = (Kind.STRING, Kind.RAW_STRING)
QUOTED = (*STRINGS, Kind.IDENTIFIER)
SIGNS = {"(": 1, "[": 1, ")": -1, "]": -1}


class UnknownError(Exception):
    """More than is read here."""


class TokenCursor:
    """A place `at` in the words (`tokens`) of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = Dialect.get_or_raise("databricks").tokenize(text)
        self.at = 0

    def skip(self) -> None:
        """To behind the parenthesis or bracket that closes the one here."""
        depth = 0
        while True:
            depth += SIGNS.get(self.key(), 0)
            self.at += 1
            if not depth:
                return

    @property
    def end(self) -> int:
        """Behind the last word that was taken."""
        return self.tokens[self.at - 1].end + 1

    def key(self) -> str:
        """The word here in capitals; empty for a string or a name in quotes."""
        token = self.tokens[self.at]
        return "" if token.token_type in QUOTED else token.text.upper()

    def key_or_none(self) -> str | None:
        """The same; None at the end."""
        return self.key() if self.at < len(self.tokens) else None

    def kind(self, further: int = 0) -> Kind:
        """The kind of the word here, or further on."""
        return self.tokens[self.at + further].token_type

    def may_be(self, kinds: tuple[Kind, ...]) -> bool:
        """Whether a word of these kinds is here."""
        return self.at < len(self.tokens) and self.kind() in kinds

    def is_(self, key: str) -> bool:
        """Whether this word is here."""
        return self.key_or_none() == key

    def may_take(self, key: str) -> bool:
        """Takes the word if it is here, and says so."""
        is_next = self.is_(key)
        if is_next:
            self.at += 1
        return is_next

    def take(self, key: str | None = None) -> str:
        """Takes the word here, which has to be `key` if that is given."""
        found = self.key()
        if key is not None and found != key:
            raise UnknownError
        self.at += 1
        return found
