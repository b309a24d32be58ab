"""The text of an expression, such as `expr` takes it, as a plan has it, so that it can be written anew by its types."""

from pyspark.sql.connect.proto import Expression
from sqlglot import Dialect, Token
from sqlglot import TokenType as Kind

_OPERATORS = {
    Kind.OR: (1, "or"),
    Kind.AND: (2, "and"),
    Kind.EQ: (4, "=="),
    Kind.LT: (4, "<"),
    Kind.GT: (4, ">"),
    Kind.LTE: (4, "<="),
    Kind.GTE: (4, ">="),
    Kind.PLUS: (6, "+"),
    Kind.DASH: (6, "-"),
    Kind.DPIPE: (6, "concat"),
    Kind.STAR: (7, "*"),
    Kind.SLASH: (7, "/"),
    Kind.MOD: (7, "%"),
}
_NEGATING, _COMPARING, _SIGNING = 3, 4, 8
_LIKE = {Kind.LIKE: "like", Kind.ILIKE: "ilike", Kind.RLIKE: "rlike"}
_BEHIND_A_VALUE = {Kind.NOT, Kind.IS, Kind.IN, Kind.BETWEEN, *_LIKE}
_VALUES = {Kind.STRING, Kind.NUMBER, Kind.NULL, Kind.TRUE, Kind.FALSE}
_TYPED_STRINGS = ("date", "timestamp")
# Calls whose arguments may have words between them.
_NOT_CALLS = {
    "extract",
    "position",
    "overlay",
    "trim",
    "substring",
    "substr",
    "try_cast",
    "timestampdiff",
    "any",
}


class _UnknownError(Exception):
    """More than is read here."""


def parsed(text: str) -> Expression | None:
    """The expression; None where it has what is not read here, such as an interval, a subquery or a window."""
    try:
        return _Reader(text).all()
    except (_UnknownError, IndexError):
        return None


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = Dialect.get_or_raise("databricks").tokenize(text)
        self.at = 0

    def all(self) -> Expression:
        """The expression and the name behind it, if there is one."""
        found = self._with_name()
        if self.at < len(self.tokens):
            raise _UnknownError
        return found

    def _with_name(self) -> Expression:
        found = self.expression(0)
        if not self._may_take(Kind.ALIAS):
            return found
        return Expression(alias=Expression.Alias(expr=found, name=[self._next().text]))

    def expression(self, binding: int) -> Expression:
        """All that binds more tightly than `binding`."""
        left = self._operand()
        while self.at < len(self.tokens):
            kind = self.tokens[self.at].token_type
            if kind in _BEHIND_A_VALUE and binding < _COMPARING:
                left = self._predicate(left)
                continue
            strength, operator = _OPERATORS.get(kind, (0, ""))
            if strength <= binding:
                break
            self.at += 1
            left = _call(operator, left, self.expression(strength))
        return left

    def _predicate(self, value: Expression) -> Expression:
        is_not = self._may_take(Kind.NOT)
        kind = self._next().token_type
        if kind == Kind.IS:
            is_not = self._may_take(Kind.NOT)
            self._take(Kind.NULL)
            found = _call("isnull", value)
        elif kind == Kind.IN:
            self._take(Kind.L_PAREN)
            found = _call("in", value, *self._arguments())
        elif kind == Kind.BETWEEN:
            low = self.expression(_COMPARING)
            self._take(Kind.AND)
            found = _call("and", _call(">=", value, low), _call("<=", value, self.expression(_COMPARING)))
        elif kind in _LIKE:
            found = _call(_LIKE[kind], value, self.expression(_COMPARING))
        else:
            raise _UnknownError
        return _call("not", found) if is_not else found

    def _operand(self) -> Expression:
        token = self._next()
        kind = token.token_type
        if kind == Kind.L_PAREN:
            inner = self.expression(0)
            self._take(Kind.R_PAREN)
            return inner
        if kind == Kind.NOT:
            return _call("not", self.expression(_NEGATING))
        if kind == Kind.DASH:
            return self._negative(token)
        is_typed = token.text.lower() in _TYPED_STRINGS and self._is_next(Kind.STRING)
        if is_typed or kind in _VALUES:
            return self._value(token, self._next() if is_typed else token)
        return self._case() if kind == Kind.CASE else self._named(token)

    def _negative(self, sign: Token) -> Expression:
        if self._is_next(Kind.NUMBER):
            return self._value(sign, self._next())
        return _call("negative", self.expression(_SIGNING))

    def _named(self, token: Token) -> Expression:
        if token.token_type != Kind.IDENTIFIER and not token.text.isidentifier():
            raise _UnknownError
        if self._may_take(Kind.L_PAREN):
            return self._call(token.text.lower())
        last = token
        while self._may_take(Kind.DOT):
            last = self._next()
        return _name(self.text[token.start : last.end + 1])

    def _value(self, first: Token, last: Token) -> Expression:
        if self._is_next(Kind.DCOLON) and self.tokens[self.at].start == last.start:
            # 1L comes as 1, :: and a type, all three in the same place.
            self.at += 2
        while last.token_type == Kind.STRING and self._is_next(Kind.STRING):
            last = self._next()
        text = self.text[first.start : last.end + 1]
        return Expression(expression_string=Expression.ExpressionString(expression=text))

    def _case(self) -> Expression:
        arguments: list[Expression] = []
        while self._may_take(Kind.WHEN):
            arguments.append(self.expression(0))
            self._take(Kind.THEN)
            arguments.append(self.expression(0))
        if self._may_take(Kind.ELSE):
            arguments.append(self.expression(0))
        self._take(Kind.END)
        return _call("when", *arguments)

    def _call(self, function: str) -> Expression:
        if function in _NOT_CALLS:
            raise _UnknownError
        return self._cast() if function == "cast" else _call(function, *self._arguments())

    def _cast(self) -> Expression:
        value = self.expression(0)
        self._take(Kind.ALIAS)
        first = last = self._next()
        depth = 0
        while depth or not self._is_next(Kind.R_PAREN):
            last = self._next()
            depth += (last.token_type == Kind.L_PAREN) - (last.token_type == Kind.R_PAREN)
        self._take(Kind.R_PAREN)
        type_ = self.text[first.start : last.end + 1]
        return Expression(cast=Expression.Cast(expr=value, type_str=type_))

    def _arguments(self) -> list[Expression]:
        """Up to the closing parenthesis, which is taken too."""
        arguments: list[Expression] = []
        while not self._may_take(Kind.R_PAREN):
            if arguments:
                self._take(Kind.COMMA)
            is_star = self._may_take(Kind.STAR)
            arguments.append(_STAR if is_star else self._with_name())
        return arguments

    def _next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _is_next(self, kind: Kind) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].token_type == kind

    def _may_take(self, kind: Kind) -> bool:
        is_next = self._is_next(kind)
        self.at += is_next
        return is_next

    def _take(self, kind: Kind) -> None:
        if not self._may_take(kind):
            raise _UnknownError


_STAR = Expression(unresolved_star=Expression.UnresolvedStar())


def _call(function: str, *arguments: Expression) -> Expression:
    unresolved = Expression.UnresolvedFunction(function_name=function, arguments=arguments)
    return Expression(unresolved_function=unresolved)


def _name(identifier: str) -> Expression:
    return Expression(unresolved_attribute=Expression.UnresolvedAttribute(unparsed_identifier=identifier))
