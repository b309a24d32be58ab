"""The parts of an expression's text, each with its place, so that one can be written anew and the rest stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import Dialect, TokenType

# Names in a text, each with what it stands for.
Bindings = Mapping[str, str]
# The type of what holds or does not.
CONDITION = "boolean"


@dataclass
class Node:
    """A part of `source`: `function` is a call's name in small letters or an operator's sign, empty for anything else.

    `arguments` are those of the call, `parts` all parts within, `type` is that of a cast or of a condition; from
    `behind_at` on FILTER and OVER follow an aggregate's parentheses, `bindings` are what the variables of a lambda
    stand for within.
    """

    source: str
    start: int
    end: int
    function: str = ""
    arguments: "list[Node]" = field(default_factory=list)
    parts: "list[Node]" = field(default_factory=list)
    type: str = ""
    behind_at: int | None = None
    bindings: Bindings = field(default_factory=dict)
    written: str | None = None

    @property
    def text(self) -> str:
        """What stands there: as it was, but for the parts that were written anew."""
        if self.written is not None:
            return self.written
        return self._from(self.start)

    @property
    def behind(self) -> str:
        """FILTER and OVER behind an aggregate, with what was written anew in them."""
        return "" if self.behind_at is None else self._from(self.behind_at)

    def _from(self, start: int) -> str:
        pieces, done = [], start
        for part in sorted(self.parts, key=lambda one: one.start):
            if part.start >= start:
                pieces += [self.source[done : part.start], part.text]
                done = part.end
        return "".join([*pieces, self.source[done : self.end]])

    @property
    def is_changed(self) -> bool:
        """Whether it or a part of it was written anew."""
        return self.written is not None or any(part.is_changed for part in self.parts)

    def within(self, bindings: Bindings | None = None) -> "Iterator[tuple[Node, Bindings]]":
        """This node and all within, from the innermost out, with what variables stand for there."""
        outer = bindings or {}
        own = {name: text_without_variables(text, outer) for name, text in self.bindings.items()}
        around = {**outer, **own}
        for part in self.parts:
            yield from part.within(around)
        yield self, around

    @property
    def height(self) -> int:
        """How many calls are nested in it, itself among them."""
        within = max((part.height for part in self.parts), default=0)
        return within + 1 if self.function else within


def text_without_variables(text: str, bindings: Bindings) -> str:
    """The text with what each variable stands for in its place."""
    if not bindings:
        return text
    pieces, done = [], 0
    tokens = Dialect.get_or_raise("databricks").tokenize(text)
    for at, token in enumerate(tokens):
        is_field = at > 0 and tokens[at - 1].token_type == TokenType.DOT
        stands_for = bindings.get(token.text)
        if stands_for and not is_field and token.token_type != TokenType.STRING:
            pieces += [text[done : token.start], stands_for]
            done = token.end + 1
    return "".join([*pieces, text[done:]])
