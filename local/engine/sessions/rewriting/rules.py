"""What is put in the place of each call that Sail would answer otherwise than Spark."""

from collections.abc import Callable

from local.engine.sessions.rewriting.expressions import Cast, Given, Tree, call

# A letter without upper case (of the Yi script), which stands for nothing but itself.
_LETTER = "\ua015"


def _initcap(text: Given) -> Tree:
    """Spark begins a word after a blank, Sail after whatever is neither letter nor digit: a letter is put there."""
    joined = call("regexp_replace", text, r"([^\p{Alphabetic}\p{N} ])", "$1" + _LETTER)
    return call("replace", call("initcap", joined), _LETTER, "")


def _in_int(function: str) -> Callable[..., Tree | None]:
    def rule(*arguments: Given) -> Tree | None:
        """Sail counts days in BIGINT; Spark too where a unit stands before the dates."""
        return Cast(call(function, *arguments), "int") if len(arguments) == 2 else None

    return rule


RULES: dict[str, Callable[..., Tree | None]] = {
    "initcap": _initcap,
    "datediff": _in_int("datediff"),
    "date_diff": _in_int("date_diff"),
}
