"""Goes through the words of one statement."""

from collections.abc import Callable
from pathlib import Path

from common.errors import NotSupplied
from local.engine.language.model import Place
from local.engine.language.places import PlacedError
from local.engine.language.sql.words import Word, words

_OPENING = ("(", "[", "{")
_CLOSING = (")", "]", "}")


class Cursor:
    """The words of a statement and where in them one is. Raises PlacedError where they are not as expected."""

    def __init__(self, text: str, file: Path, first_line: int) -> None:
        self.text = text
        self.file = file
        self._first_line = first_line
        self._words = words(text)
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether no word is left."""
        return self._at >= len(self._words)

    @property
    def word(self) -> Word:
        """The next word."""
        if self.done:
            raise self.error("the statement ends too early")
        return self._words[self._at]

    @property
    def last_end(self) -> int:
        """Where in the text the last word that was gone behind ends."""
        return self._words[self._at - 1].end

    @property
    def place(self) -> Place:
        """Where the next word stands, at the end that of the last."""
        word = self._words[min(self._at, len(self._words) - 1)] if self._words else None
        return Place(self.file, self._first_line + (word.line - 1 if word else 0))

    def error(self, message: str) -> PlacedError:
        """An error at the next word."""
        return PlacedError(self.place, message)

    def refusal(self, message: str) -> PlacedError:
        """An error at the next word, of a feature that one machine does not have."""
        return PlacedError(self.place, message, NotSupplied(message))

    def at(self, *keywords: str) -> bool:
        """Whether these come next."""
        next_words = self._words[self._at : self._at + len(keywords)]
        return len(next_words) == len(keywords) and all(
            word.is_(keyword) for word, keyword in zip(next_words, keywords, strict=True)
        )

    def take(self, *keywords: str) -> bool:
        """Whether these come next; goes behind them when they do."""
        found = self.at(*keywords)
        if found:
            self._at += len(keywords)
        return found

    def need(self, *keywords: str) -> None:
        """Goes behind these, which must come next."""
        if not self.take(*keywords):
            found = "the statement ends" if self.done else f"'{self.word.text}' stands there"
            raise self.error(f"{' '.join(keywords)} is expected, and {found}")

    def next(self) -> Word:
        """The next word; goes behind it."""
        word = self.word
        self._at += 1
        return word

    def string(self) -> str:
        """A string's value. Strings one after another are one, as in SQL."""
        if not self.word.is_string:
            raise self.error(f"a string is expected, and '{self.word.text}' stands there")
        value = ""
        while not self.done and self.word.is_string:
            value += self.next().text
        return value

    def name(self) -> str:
        """A name of one or more parts, as it is written."""
        start = self.word.start
        end = self._part().end
        while self.take("."):
            end = self._part().end
        return self.text[start:end]

    def column(self) -> str:
        """A column's name, plain."""
        return self._part().text

    def _part(self) -> Word:
        word = self.word
        if word.is_string or not (word.is_quoted or word.text[0].isalnum() or word.text[0] in "_$"):
            raise self.error(f"a name is expected, and '{word.text}' stands there")
        return self.next()

    def in_parentheses(self) -> str:
        """The text within the parentheses that come next, which it skips."""
        start = self.word.end
        self.need("(")
        self.until(lambda: self.at(")"))
        end = self.word.start
        self.need(")")
        return self.text[start:end].strip()

    def until(self, ends: Callable[[], bool]) -> str:
        """The text up to where `ends` is true outside of parentheses, else to the end; goes there."""
        start = end = self.word.start if not self.done else len(self.text)
        depth = 0
        while not self.done and (depth or not ends()):
            word = self.next()
            if any(map(word.is_, _OPENING)):
                depth += 1
            elif any(map(word.is_, _CLOSING)):
                depth -= 1
            end = word.end
        return self.text[start:end]

    def rest(self) -> str:
        """What is left, without what stands before its first word and behind its last."""
        return self.until(lambda: False)

    def columns(self) -> tuple[str, ...]:
        """The plain names of a list of columns, in parentheses or without."""
        enclosed = self.take("(")
        names = [self.column()]
        while self.take(","):
            names.append(self.column())
        if enclosed:
            self.need(")")
        return tuple(names)
