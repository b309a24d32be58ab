"""Where in the words of a query each SELECT stands, with its clauses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from local.engine.language.sql.edits import Edit, edited_text
from local.engine.language.sql.words import Word, words

_CLAUSES = {
    "FROM", "WHERE", "GROUP", "HAVING", "QUALIFY", "WINDOW", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT",
    "OFFSET",
}  # fmt: skip
_SETS = {"UNION", "EXCEPT", "INTERSECT", "MINUS", ";"}
_NO_CLAUSE_BEHIND = {"DISTINCT", ".", "AS"}


@dataclass(frozen=True)
class Block:
    """One SELECT: numbers of words. `clauses` are from a clause's keyword to behind its last word."""

    select: int
    end: int
    clauses: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def list_end(self) -> int:
        """Behind the last word of the list of what is selected."""
        return min((start for start, _ in self.clauses.values()), default=self.end)


class QueryText:
    """A query's text by its words: `keys` are they in capitals, empty where they are strings or in backticks.

    `depths` says how many parentheses and brackets are open around each; those themselves stand outside.
    """

    def __init__(self, query: str) -> None:
        self.query = query
        self.words: list[Word] = words(query)
        self.keys = ["" if word.is_quoted else word.text.upper() for word in self.words]
        self.depths: list[int] = []
        depth = 0
        for key in self.keys:
            if key in (")", "]"):
                depth -= 1
            self.depths.append(depth)
            if key in ("(", "["):
                depth += 1

    def of(self, start: int, end: int) -> str:
        """The text of the words from `start` to before `end`."""
        return self.query[self.words[start].start : self.words[end - 1].end] if end > start else ""

    def edited(self, edits: Sequence[Edit]) -> "QueryText":
        """The text with other text in places of it."""
        return QueryText(edited_text(self.query, edits)) if edits else self

    def is_(self, number: int, keyword: str) -> bool:
        """Whether the word of this number is there and is the keyword."""
        return 0 <= number < len(self.keys) and self.keys[number] == keyword

    def closing(self, opening: int) -> int:
        """The number of the parenthesis that closes the one of this number."""
        depth = self.depths[opening]
        return next(number for number in range(opening + 1, len(self.words)) if self.depths[number] == depth)

    def block_of(self, number: int) -> Block | None:
        """The SELECT that the word stands in: of its own level, or of the nearest around."""
        depth = self.depths[number]
        for before in range(number, -1, -1):
            depth = min(depth, self.depths[before])
            if self.depths[before] == depth and self.is_(before, "SELECT"):
                return self.block(before)
        return None

    def block(self, select: int) -> Block:
        """The SELECT at this number."""
        depth, starts, end = self.depths[select], [], len(self.words)
        for number in range(select + 1, len(self.words)):
            if self.depths[number] < depth or (self.depths[number] == depth and self._ends(number)):
                end = number
                break
            if self.depths[number] == depth and self._starts(number):
                starts.append(number)
        ends = [*starts[1:], end][: len(starts)]
        return Block(
            select,
            end,
            {self.keys[start]: (start, stop) for start, stop in zip(starts, ends, strict=True)},
        )

    def selects(self) -> list[int]:
        """The words SELECT in the order in which their queries end: what a query reads comes before it."""
        found = [number for number in range(len(self.words)) if self.is_(number, "SELECT")]
        return sorted(found, key=lambda number: self.block(number).end)

    def items(self, block: Block) -> list[tuple[int, int]]:
        """What is selected, item by item: from a word to behind another."""
        first = block.select + 1
        while any(self.is_(first, word) for word in ("DISTINCT", "ALL")):
            first += 1
        return self.parts(first, block.list_end)

    def parts(self, first: int, end: int) -> list[tuple[int, int]]:
        """The parts between the commas of one level."""
        depth, found, start = self.depths[first], [], first
        for number in range(first, end):
            if self.depths[number] == depth and self.is_(number, ","):
                found.append((start, number))
                start = number + 1
        return [*found, (start, end)]

    def with_before(self, number: int) -> str:
        """`WITH ...` of the queries that are named for the word, or nothing."""
        named: dict[str, str] = {}
        for start in self._withs(number):
            for name, text, end in self._named(start):
                if end <= number:
                    named[name] = text
        return f"WITH {', '.join(named.values())} " if named else ""

    def _withs(self, number: int) -> list[int]:
        """The WITHs around a word, from the outermost in."""
        depth, found = self.depths[number], []
        for before in range(number, -1, -1):
            depth = min(depth, self.depths[before])
            if self.depths[before] == depth and self.is_(before, "WITH") and self._defines(before):
                found.append(before)
        return found[::-1]

    def _defines(self, start: int) -> bool:
        return self.is_(start + 2, "AS") or self.is_(start + 2, "(") or self.is_(start + 1, "RECURSIVE")

    def _named(self, start: int) -> Iterator[tuple[str, str, int]]:
        """Name, text and end of each query that a WITH names."""
        number = start + 1 + self.is_(start + 1, "RECURSIVE")
        while True:
            first = number
            number += 1
            if self.is_(number, "("):
                number = self.closing(number) + 1
            number += self.is_(number, "AS")
            number = self.closing(number) + 1
            yield self.words[first].text.lower(), self.of(first, number), number
            if not self.is_(number, ","):
                return
            number += 1

    def _ends(self, number: int) -> bool:
        return self.keys[number] in _SETS and not (self.is_(number, "EXCEPT") and self.is_(number - 1, "*"))

    def _starts(self, number: int) -> bool:
        return self.keys[number] in _CLAUSES and self.keys[number - 1] not in _NO_CLAUSE_BEHIND
