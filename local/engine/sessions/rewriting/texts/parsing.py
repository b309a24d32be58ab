"""The text of an expression, as SQL and `expr` take it, read so that its parts can be written anew by their types."""

from collections.abc import Sequence

from sqlglot import Token
from sqlglot import TokenType as Kind
from sqlglot.errors import SqlglotError

from local.engine.sessions.rewriting.expressions import Given, as_sql
from local.engine.sessions.rewriting.lambdas import variables_of
from local.engine.sessions.rewriting.texts.nodes import CONDITION, Node
from local.engine.sessions.rewriting.texts.tokens import QUOTED, SIGNS, STRINGS, TokenCursor, UnknownError

_OPERATORS = {
    "OR": (1, "or"),
    "AND": (2, "and"),
    **dict.fromkeys(("=", "==", "<>", "!=", "<", ">", "<=", ">=", "<=>"), (4, "==")),
    "|": (5, "|"),
    "^": (5, "^"),
    "&": (5, "&"),
    "+": (6, "+"),
    "-": (6, "-"),
    "||": (6, "concat"),
    "*": (7, "*"),
    "/": (7, "/"),
    "%": (7, "%"),
    "DIV": (7, "div"),
}
_BEFORE_A_VALUE = {"NOT", "!", "-", "+", "~", "CASE", "INTERVAL"}
_CONDITIONS = ("or", "and", "==")
_NEGATING, _COMPARING, _SIGNING = 3, 4, 8
_BEHIND_A_VALUE = {"NOT", "IS", "IN", "BETWEEN", "LIKE", "ILIKE", "RLIKE", "REGEXP"}
_QUERIES = {"SELECT", "WITH", "FROM", "VALUES", "TABLE"}
_TYPED_STRINGS = {"DATE", "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "X"}
# Words between the expressions of a call or a window.
_BETWEEN = {
    ",", "FROM", "FOR", "PLACING", "BOTH", "LEADING", "TRAILING", "DISTINCT", "ALL", "WHERE", "PARTITION BY",
    "ORDER BY", "PARTITION", "ORDER", "BY", "SORT BY", "DISTRIBUTE BY", "CLUSTER BY", "ASC", "DESC", "NULLS", "FIRST",
    "LAST", "IGNORE NULLS", "RESPECT NULLS", "IGNORE", "RESPECT", "IN",
}  # fmt: skip
_UNITS = {"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
# No value begins with them.
_NO_VALUES = {
    "AS",
    "END",
    "THEN",
    "ELSE",
    "WHEN",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    ")",
    "]",
    ",",
}


def node_of(text: str) -> Node | None:
    """The expression, without the name that may follow it; None where it has what is not read here."""
    try:
        return _Parser(text).all()
    except (UnknownError, IndexError, SqlglotError):
        return None


def _with_bindings(call: Node) -> Node:
    """The call, whose lambdas know what their variables stand for, where that is known."""
    lambdas = [one for one in call.arguments if one.bindings]
    if lambdas:
        values = [Given(one.text) for one in call.arguments if not one.bindings]
        texts = [as_sql(tree) for tree in variables_of(call.function, values)]
        for one in lambdas:
            one.bindings = dict(zip(one.bindings, texts, strict=False)) or one.bindings
    return call


class _Parser(TokenCursor):
    def all(self) -> Node:
        found = self.expression(0)
        if self.may_take("AS"):
            self.at = len(self.tokens)
        elif self.at == len(self.tokens) - 1:
            self.at += 1
        if self.at < len(self.tokens):
            raise UnknownError
        return found

    def expression(self, binding: int) -> Node:
        """All that binds more tightly than `binding`."""
        left = self._behind(self._operand())
        while self.at < len(self.tokens):
            key = self.key()
            if key in _BEHIND_A_VALUE and binding < _COMPARING:
                left = self._predicate(left)
                continue
            strength, operator = _OPERATORS.get(key, (0, ""))
            if strength <= binding:
                break
            self.at += 1
            type_ = CONDITION if operator in _CONDITIONS else ""
            left = self._node(left, self.expression(strength), function=operator, type=type_)
        return left

    def _predicate(self, value: Node) -> Node:
        self.may_take("NOT")
        key = self.take()
        if key == "IS":
            self.may_take("NOT")
            is_distinct = self.may_take("DISTINCT")
            if not is_distinct:
                self.at += 1
                return self._node(value, type=CONDITION)
            self.take("FROM")
            return self._node(value, self.expression(_COMPARING), type=CONDITION)
        if key == "IN":
            return self._node(value, self._parenthesised(), type=CONDITION)
        if key == "BETWEEN":
            low = self.expression(_COMPARING)
            self.take("AND")
            return self._node(value, low, self.expression(_COMPARING), type=CONDITION)
        other = self.expression(_COMPARING)
        if self.may_take("ESCAPE"):
            self.at += 1
        function = key.lower() if key in ("RLIKE", "REGEXP") else ""
        return self._node(value, other, function=function, type=CONDITION)

    def _operand(self) -> Node:
        token, key = self.tokens[self.at], self.key()
        if key in _NO_VALUES:
            raise UnknownError
        if key == "(":
            return self._lambda() or self._parenthesised()
        if token.token_type == Kind.NUMBER or key == ".":
            return self._number(token)
        self.at += 1
        if key in _BEFORE_A_VALUE:
            return self._signed(token, key)
        if token.token_type in STRINGS or (key in _TYPED_STRINGS and self.may_be(STRINGS)):
            while self.may_be(STRINGS):
                self.at += 1
            return self._from(token)
        return self._named(token)

    def _signed(self, token: Token, key: str) -> Node:
        if key == "CASE":
            return self._case(token)
        if key == "INTERVAL":
            return self._interval(token)
        if key == "-" and self.may_be((Kind.NUMBER,)):
            return self._number(token)
        if key in ("NOT", "!"):
            return self._from(token, self.expression(_NEGATING), type=CONDITION)
        return self._from(token, self.expression(_SIGNING))

    def _number(self, first: Token) -> Node:
        last = self.tokens[self.at]
        self.at += 1
        if last.text == ".":
            last = self.tokens[self.at]
            self.at += 1
        if self.is_("::") and self.tokens[self.at].start == last.start:
            # 1L comes as 1, :: and a type, all three in the same place.
            self.at += 2
        return self._from(first)

    def _interval(self, first: Token) -> Node:
        value = self._operand()
        while self.at < len(self.tokens) and (self.key().removesuffix("S") in _UNITS or self.key() == "TO"):
            self.at += 1
            self.at += self.may_be((Kind.NUMBER, *STRINGS))
        return self._from(first, value)

    def _named(self, token: Token) -> Node:
        if token.token_type != Kind.IDENTIFIER and not token.text.replace(" ", "_").isidentifier():
            raise UnknownError
        if self.is_("->"):
            return self._body(token, [token.text])
        if self.is_("("):
            quoted = token.token_type == Kind.IDENTIFIER
            return self._call(token, "" if quoted else token.text.lower())
        return self._from(token)

    def _behind(self, value: Node) -> Node:
        """A value with what is taken out of it, or what it is cast to."""
        while self.at < len(self.tokens):
            if self.may_take("."):
                self.at += 1
                # A function by its full name is none of the engine's.
                value = self._node(value, *(self._scattered() if self.is_("(") else ()))
            elif self.is_("["):
                value = self._node(value, *self._scattered())
            elif self.may_take("::"):
                value = self._node(value, function="cast", type=self._type())
            else:
                return value
        return value

    def _type(self) -> str:
        first = self.tokens[self.at]
        self.at += 1
        if self.is_("("):
            self.skip()
        elif self.is_("<"):
            depth = 0
            while True:
                depth += self.key().count("<") - self.key().count(">")
                self.at += 1
                if depth <= 0:
                    break
        return self.text[first.start : self.end]

    def _case(self, first: Token) -> Node:
        compared = [] if self.is_("WHEN") else [self.expression(0)]
        conditions, values = compared, []
        while self.may_take("WHEN"):
            conditions.append(self.expression(0))
            self.take("THEN")
            values.append(self.expression(0))
        if self.may_take("ELSE"):
            values.append(self.expression(0))
        self.take("END")
        return self._from(first, *conditions, *values, function="case", arguments=values)

    def _call(self, name: Token, function: str) -> Node:
        if function in ("cast", "try_cast"):
            return self._cast(name, function)
        opening = self.at
        if function == "position":
            self.skip()
            return self._from(name)
        arguments = self._scattered()
        parts, behind = [*arguments], self.end
        while self.key_or_none() in (
            "FILTER",
            "OVER",
            "WITHIN",
            "WITHIN GROUP",
            "IGNORE NULLS",
            "RESPECT NULLS",
        ):
            self.at += 1
            self.may_take("GROUP")
            if self.is_("("):
                parts += self._scattered()
            elif self.tokens[self.at - 1].text.upper() == "OVER":
                self.at += 1
        if self.tokens[opening + 1].text.upper() == "DISTINCT":
            function += " distinct"
        node = self._from(name, *parts, function=function, arguments=arguments)
        node.behind_at = behind if behind < self.end else None
        return _with_bindings(node)

    def _cast(self, name: Token, function: str) -> Node:
        self.take("(")
        value = self.expression(0)
        self.take("AS")
        first = self.tokens[self.at]
        depth = 0
        while depth or not self.is_(")"):
            depth += SIGNS.get(self.key(), 0)
            self.at += 1
        type_ = self.text[first.start : self.end]
        self.take(")")
        return self._from(name, value, function=function, type=type_)

    def _parenthesised(self) -> Node:
        first = self.tokens[self.at]
        return self._from(first, *self._scattered())

    def _scattered(self) -> list[Node]:
        """The expressions in parentheses or brackets, which are taken too; none of a query there."""
        if self.tokens[self.at + 1].text.upper() in _QUERIES and self.kind(1) not in QUOTED:
            self.skip()
            return []
        self.at += 1
        found: list[Node] = []
        while self.key() not in (")", "]"):
            if self.key() in _BETWEEN and self.kind() not in QUOTED:
                self.at += 1
            elif self.is_("ROWS") or self.is_("RANGE"):
                while not self.is_(")"):
                    self.at += 1
            elif self.may_take("AS"):
                self.at += 1
            elif self.kind(1) == Kind.FARROW:
                self.at += 2
            elif self.is_("*"):
                first = self.tokens[self.at]
                self.at += 1
                found.append(self._from(first))
            else:
                found.append(self.expression(0))
        self.at += 1
        return found

    def _lambda(self) -> Node | None:
        """`(x, y) -> body`; None where the parenthesis is none of a lambda's."""
        first, before = self.tokens[self.at], self.at
        self.skip()
        if not self.is_("->"):
            self.at = before
            return None
        names = [token.text for token in self.tokens[before + 1 : self.at - 1 : 2]]
        return self._body(first, names)

    def _body(self, first: Token, names: list[str]) -> Node:
        self.take("->")
        node = self._from(first, self.expression(0))
        node.bindings = dict.fromkeys(names, "")
        return node

    def _node(self, *parts: Node, function: str = "", type: str = "") -> Node:
        return Node(self.text, parts[0].start, self.end, function, [*parts], [*parts], type)

    def _from(
        self,
        first: Token,
        *parts: Node,
        function: str = "",
        arguments: Sequence[Node] | None = None,
        type: str = "",
    ) -> Node:
        given = [*(parts if arguments is None else arguments)]
        return Node(self.text, first.start, self.end, function, given, [*parts], type)
