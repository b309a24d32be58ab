"""What Sail says of a plan that it cannot resolve, in the words of a finding."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from pyspark.sql import functions

from local.engine.checking.findings import Code
from local.engine.sessions.errors import MODEL, column_of, not_supplied, spark_message, written_as

_FUNCTION = re.compile(r"unknown function: (\w+)")
_TABLE = re.compile(r"\[TABLE_OR_VIEW_NOT_FOUND\].*?not found: (\S+)")


@dataclass(frozen=True)
class Meaning:
    """A finding's code and text; `names` are what to look for in the code to find its line, the best first."""

    code: Code
    text: str
    names: tuple[str, ...] = ()


def meaning_of(error: Exception, sources: Mapping[str, Sequence[str]]) -> Meaning:
    """What an error of the engine means; `sources` are the columns of what the query reads, by name."""
    message = spark_message(error)
    model = MODEL.search(message)
    if model or not_supplied(error):
        return Meaning(Code.NOT_SUPPLIED, message, tuple(filter(None, model.groups())) if model else ())
    if column := column_of(error):
        return Meaning(Code.UNKNOWN_COLUMN, missing_column(column, sources), written_as(column))
    if function := _FUNCTION.search(message):
        return Meaning(
            Code.QUERY, f"{message}{likely_names(function[1], dir(functions), most=0)}", (function[1],)
        )
    if table := _TABLE.search(message):
        return Meaning(Code.UNKNOWN_TABLE, f"there is no table or view {table[1]}", (table[1],))
    return Meaning(Code.QUERY, message)


def missing_column(column: str, sources: Mapping[str, Sequence[str]]) -> str:
    """That there is no such column, and which there are or which it may be."""
    plain = column.rpartition(".")[2].lower()
    having = [source for source, names in sources.items() if plain in {name.lower() for name in names}]
    if having:
        return (
            f"the column {column} is named where the rows do not have it: {', '.join(having)} has it, under another "
            "alias, or a step before leaves it out"
        )
    known = [name for names in sources.values() for name in names]
    return f"there is no column {column}{_in(sources)}{likely_names(plain, known)}"


def likely_sources(column: str, sources: Mapping[str, Sequence[str]]) -> list[str]:
    """The sources that a missing column may be meant to be of, the likeliest first; none for a field of a struct."""
    *qualifier, plain = column.lower().split(".")
    names = {name.lower() for known in sources.values() for name in known}
    if plain in names or {*qualifier} & names:
        return []
    return sorted(sources, key=lambda source: _nearness(plain, sources[source]), reverse=True)


def _nearness(name: str, known: Sequence[str]) -> float:
    return max((SequenceMatcher(None, name, one.lower()).ratio() for one in known), default=0.0)


def _in(sources: Mapping[str, Sequence[str]]) -> str:
    return f" in {', '.join(sources)}" if sources else ""


def likely_names(name: str, known: Sequence[str], *, most: int = 12) -> str:
    """What may be meant by a name that is not known, as the end of a sentence; else the first `most` that are known."""
    spelled = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), spelled, n=2, cutoff=0.7)
    if near:
        return f": did you mean {' or '.join(spelled[one] for one in near)}?"
    shown = list(spelled.values())
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return f"; there is {', '.join(shown[:most])}{more}" if shown and most else ""
