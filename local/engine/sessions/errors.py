"""What a session raises where Sail cannot give what Spark gives."""

import re

from pyspark.errors import PySparkException, UnsupportedOperationException
from pyspark.sql import functions

from common.errors import NotSupplied, UserError

# The conditions of pyspark, and the parameter of each that has the name.
_OF_THE_JVM = {"JVM_ATTRIBUTE_NOT_SUPPORTED": "attr_name", "NOT_IMPLEMENTED": "feature"}
_FUNCTION = re.compile(r"(?:unknown )?function: (\w+)")
# What Sail says of a kind of relation or an action, such as `approx quantile`.
_CALLED = re.compile(r"[\w ]+")
# What Sail says of a plan that is right, and that it has no way to run.
_NO_WAY = re.compile(
    r"invalid window function expression|Physical plan does not support|No field named \S*\"#\d"
    r"|This feature is not implemented: (?!Unsupported CAST)"
    r"|grouping sets with grouping expressions|UNPIVOT_VALUE_DATA_TYPE_MISMATCH|join condition should not be empty"
    r"|checkpoint object-store path is not configured|^not supported: function exists"
    # The parts of a union that Sail makes of an `inline`, of which one may be null and the other not.
    r"|Schema contains duplicate (?:un)?qualified field name"
    r"|UNION field \d+ have different type in inputs"
    # LIKE ANY and LIKE ALL of several texts.
    r"|arguments to satisfy a call to 'bool_(?:or|and)' function: coercion from Utf8, "
    # A function with fewer or more arguments than Sail knows, or with others, such as log(x).
    r"|(?:zero|one|two|three|four) values? expected: |zero argument but received|failed to match any signature"
)
# What a query raises at a value that Sail would compute otherwise (see needed).
_NEEDED = re.compile(r"only on Apache Spark: (\w+): (.+)")
# A text that Spark takes for a date or a time where one is wanted, and Sail does not: with blanks, or only a year.
_TIME_TEXT = re.compile(
    r"(?:Cannot cast string|Error parsing timestamp from) '\s*[+-]?\d{4,6}(?:-\d\d?(?:-\d\d?(?:[ T][^']*)?)?)?\s*'"
)
# A number that Spark takes where one is wanted, and Sail does not: with an exponent, or as Java writes it.
_NUMBER_TEXT = re.compile(
    r"Cannot cast string '\s*[+-]?(?:\d+\.?\d*|\.\d+)"
    r"(?:[eE][+-]?\d+\s*' to value of Decimal|(?:[eE][+-]?\d+)?[dDfF]\s*' to value of Float)"
)
# A text where Spark casts it to what is wanted, and Sail does not.
_OTHER_TEXT = re.compile(
    r"Cannot coerce arithmetic expression .*Utf8|requires \w+, but received String|coercion from [^;]*Utf8"
    r"|Cannot infer common argument type for .*Utf8|user-defined coercion failed|function expects .*, got Utf8"
)
_BY_MESSAGE = {
    _NO_WAY: ("the query", "Sail lacks a part of it"),
    _TIME_TEXT: ("a text as a date", "Sail does not take it"),
    _NUMBER_TEXT: ("a text as a number", "Sail does not take it"),
    _OTHER_TEXT: ("a text", "Sail does not take it for what is wanted"),
}
_MISSING = re.compile(r"attribute ObjectName\(\[(.*?)\]\) is missing from the schema")
_MISSING_TOO = re.compile(
    r"\[UNRESOLVED_COLUMN\] Cannot find column (.+)|(?:left|right) column not found: (.+)"
    r"|missing or ambiguous field: (.+)"
)
_PART = re.compile(r'Identifier\("((?:[^"\\]|\\.)*)"\)')
# What stands at the very begin of a text.
_FIRST_WORD = re.compile(r"found (\w+) at 0:")
_STATEMENTS = (
    "ADD", "ALTER", "ANALYZE", "BEGIN", "CACHE", "CALL", "CLEAR", "COMMENT", "CREATE", "DECLARE", "DELETE",
    "DESC", "DESCRIBE", "DFS", "DROP", "EXECUTE", "EXPLAIN", "EXPORT", "FROM", "GRANT", "IMPORT", "INSERT",
    "LIST", "LOAD", "LOCK", "MAP", "MERGE", "MSCK", "REDUCE", "REFRESH", "REPAIR", "RESET", "REVOKE",
    "SELECT", "SET", "SHOW", "TABLE", "TRUNCATE", "UNCACHE", "UNLOCK", "UPDATE", "USE", "VALUES", "WITH",
)  # fmt: skip
# Spark's own plan of the query, behind the message: it names what only the engine knows.
_PLAN = re.compile(r"(SQLSTATE: \w{5}(?:; line \d+ pos \d+)?);\n.*", re.DOTALL)
_SYNTAX = re.compile(r"invalid argument: (found .*?) expected ", re.DOTALL)
# Databricks' functions that ask a model: ai_query, ai_classify, vector_search and so on.
MODEL = re.compile(
    r"unknown function: (ai_\w+|vector_search)|UNRESOLVED_ROUTINE.*`(ai_\w+|vector_search)`", re.IGNORECASE
)
NO_MODEL = "it asks a model, and there is none on one machine: put its answer into a table or a Python UDF"


class NeedsSpark(UserError):  # noqa: N818 - it says where to go, not only what failed
    """A query that Sail would answer otherwise than Spark and that only Apache Spark is to run."""

    def __init__(self, function: str, why: str) -> None:
        super().__init__(f"{function}: {why}; run it on Apache Spark (--engine spark)")
        self.function = function
        self.why = why


def needs_spark_text(function: str, why: str) -> str:
    """The text of an error that a query is to raise at a value for which it needs Spark."""
    return f"only on Apache Spark: {function}: {why}"


def need_behind(error: BaseException) -> NeedsSpark | None:
    """What an error of Sail means that says: Sail lacks this. None for any other error, as for a misspelt function."""
    if not isinstance(error, PySparkException):
        return None
    message = str(error)
    if value := _NEEDED.search(message):
        return NeedsSpark(*value.groups())
    if isinstance(error, UnsupportedOperationException):
        function = _FUNCTION.match(message)
        if function is None and _CALLED.fullmatch(message):
            return NeedsSpark(message, "Sail lacks it")
        if function and hasattr(functions, function[1].lower()):
            return NeedsSpark(function[1], "Sail lacks it")
    for needed, (what, why) in _BY_MESSAGE.items():
        if needed.search(message):
            return NeedsSpark(what, f"{why} ({message.splitlines()[0][:120]})")
    return None


def not_parsed(error: BaseException) -> UserError | None:
    """What an error of Sail means for a text that is SQL: that it does not parse it. None for any other error.

    NeedsSpark, unless no statement begins as this text does.
    """
    syntax = _SYNTAX.match(str(error)) if isinstance(error, PySparkException) else None
    if syntax is None:
        return None
    first = _FIRST_WORD.match(syntax[1])
    if first and first[1].upper() not in _STATEMENTS:
        return UserError(
            f"'{first[1]}' begins no statement of SQL: a query begins with SELECT, WITH, VALUES or FROM"
        )
    return NeedsSpark("SQL", f"Sail does not parse it ({syntax[1]})")


def not_supplied(error: BaseException) -> NotSupplied | None:
    """What an error of Spark Connect's client means that says: this needs a JVM. None for any other error."""
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    if not isinstance(error, PySparkException) or condition not in _OF_THE_JVM:
        return None
    name = (error.getMessageParameters() or {}).get(_OF_THE_JVM[condition], "this")
    return NotSupplied(
        f"{name} is not supplied on one machine: there is no JVM behind Spark Connect; use DataFrames and SQL"
    )


def engine_error(error: PySparkException, where: str) -> UserError:
    """An error that says where the engine failed, and what it says of it: NeedsSpark for what Sail lacks."""
    if need := need_behind(error):
        return NeedsSpark(f"{where}: {need.function}", need.why)
    return UserError(f"{where}: {spark_message(error)}")


def missing_attribute(message: str) -> str | None:
    """The column that Sail says is missing, its parts joined by dots; None for anything else that it says."""
    found = _MISSING.search(message)
    return ".".join(_PART.findall(found[1])) if found else None


def column_of(error: object) -> str | None:
    """The column that is missing, as an error of the engine names it; None for anything else."""
    if not isinstance(error, PySparkException):
        return None
    message = str(error)
    other = _MISSING_TOO.search(message)
    return missing_attribute(message) or (next(filter(None, other.groups())).strip() if other else None)


def written_as(column: str) -> tuple[str, ...]:
    """How code may write a column that an error names, the likeliest first: with what stands before it, or without."""
    return tuple(dict.fromkeys([column, column.rpartition(".")[2]]))


def spark_message(error: Exception) -> str:
    """What the engine says went wrong, without the plan and the Java stack that it may append."""
    if refused := not_supplied(error):
        return str(refused)
    message = _PLAN.sub(r"\1", str(error).split("\n\nJVM stacktrace")[0].strip())
    if column := missing_attribute(message):
        return f"there is no column {column}"
    if syntax := _SYNTAX.match(message):
        return f"this does not parse: {syntax[1]}"
    return f"{message}: {NO_MODEL}" if MODEL.search(message) else message
