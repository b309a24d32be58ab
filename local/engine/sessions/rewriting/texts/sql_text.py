"""Calls written anew in SQL text, which stays as it was everywhere else."""

import re
from itertools import pairwise

from sqlglot import Dialect, Token, TokenType

from local.engine.sessions.rewriting.expressions import Given, as_sql
from local.engine.sessions.rewriting.rules.rules import RULES, in_ascii

_NAMES = "|".join(name for name in RULES if name.isidentifier())
_CONCERNED = re.compile(rf"\b({_NAMES})\s*\(|r(like|egexp)\b|''|\"\"", re.IGNORECASE)
_QUOTED = (TokenType.STRING, TokenType.IDENTIFIER)


def rewritten_sql(text: str) -> str:
    """The text, an expression or statements, with each call that has a rule written anew."""
    if not _CONCERNED.search(text):
        return text
    return _Text(text).between(0, None)


class _Text:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = Dialect.get_or_raise("databricks").tokenize(text)

    def between(self, first: int, last: int | None) -> str:
        """The text of the tokens from `first` to before `last`, rewritten."""
        last = len(self.tokens) if last is None else last
        pieces: list[str] = []
        written = self.tokens[first].start if first else 0
        at = first
        while at < last:
            end, replacement = self._call(at) if self._is_call(at) else (at, self._string(at))
            if replacement is not None:
                pieces += [self.text[written : self.tokens[at].start], replacement]
                written = self.tokens[end].end + 1
                at = end
            at += 1
        stop = self.tokens[last - 1].end + 1 if last < len(self.tokens) else len(self.text)
        return "".join([*pieces, self.text[written:stop]])

    def _is_call(self, at: int) -> bool:
        token = self.tokens[at]
        opens = [token.token_type for token in self.tokens[at + 1 : at + 2]] == [TokenType.L_PAREN]
        return (
            token.text.isidentifier()
            and token.text.lower() in RULES
            and token.token_type not in _QUOTED
            and opens
            and not (at and self.tokens[at - 1].token_type == TokenType.DOT)
        )

    def _string(self, at: int) -> str | None:
        """A string for Sail, which leaves out a quote that is doubled and takes classes in patterns for Unicode."""
        token = self.tokens[at]
        if token.token_type != TokenType.STRING:
            return None
        text = self.text[token.start : token.end + 1]
        if self._joins_next(at - 1):
            text = text[1:]
        if self._joins_next(at):
            text = text[:-1] + "\\" + text[-1]
        if at and self.tokens[at - 1].token_type == TokenType.RLIKE:
            text = as_sql(in_ascii(token.text))
        return text

    def _joins_next(self, at: int) -> bool:
        """Whether this token and the next are one string with a doubled quote in it."""
        pair = self.tokens[max(at, 0) : at + 2]
        return (
            [token.token_type for token in pair] == [TokenType.STRING] * 2
            and pair[0].end + 1 == pair[1].start
            and self.text[pair[0].end] == self.text[pair[1].start]
        )

    def _call(self, at: int) -> tuple[int, str | None]:
        """The place of the closing parenthesis, and what stands for the call."""
        commas, end = self._arguments(at + 1)
        bounds = [at + 1, *commas, end]
        arguments = [
            self.between(before + 1, after) for before, after in pairwise(bounds) if before + 1 < after
        ]
        tree = RULES[self.tokens[at].text.lower()].written(*map(Given, arguments))
        return end, None if tree is None else as_sql(tree)

    def _arguments(self, opening: int) -> tuple[list[int], int]:
        """The places of the commas between a call's arguments, and of its closing parenthesis."""
        depth = 0
        commas: list[int] = []
        for at in range(opening, len(self.tokens)):
            kind = self.tokens[at].token_type
            if kind in _OPENING:
                depth += 1
            elif kind in _CLOSING:
                depth -= 1
            if depth == 0:
                return commas, at
            if depth == 1 and kind == TokenType.COMMA:
                commas.append(at)
        raise ValueError(f"no closing parenthesis: {self.text}")


_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
