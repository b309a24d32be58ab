"""Parts of times, and how much time is between two, as Spark has them."""

from pyspark.sql.types import DayTimeIntervalType, DecimalType, DoubleType, FloatType, StringType

from local.engine.sessions.errors import NeedsSpark
from local.engine.sessions.rewriting.expressions import Cast, Given, Tree, call

_MICROSECONDS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
# A date with a time behind it or blanks around it, of which Sail takes neither all; or a year, or year and month.
_BLANKS = "[[:cntrl:] ]*"
_DATE = f"([+-]?[0-9]+-[0-9]{{1,2}}-[0-9]{{1,2}})(?:[ T].*|{_BLANKS})"
_DATE_TEXT = f"(?s)^{_BLANKS}(?:{_DATE}|([+-]?[0-9]+(?:-[0-9]{{1,2}})?){_BLANKS})$"


def date_of_text(text: Given, *, tries: bool = False) -> Tree | None:
    """A text as a date, of which Spark takes what stands before a time."""
    if not isinstance(text.type, StringType):
        return None
    return Cast(call("regexp_replace", text, _DATE_TEXT, "$1$2"), "date", tries)


def units_between(unit: Given, start: Given, end: Given | None = None) -> Tree | None:
    """Whole units from one time to another: Sail counts down before the start. Two arguments are days between dates."""
    if end is None:
        return Cast(call("datediff", unit, start), "int")
    size = _MICROSECONDS.get(_word(unit))
    if size is None:
        return None
    first, last = (call("unix_micros", Cast(time, "timestamp")) for time in (start, end))
    return call("div", call("-", last, first), Cast(str(size), "bigint"))


def time_of_seconds(seconds: Given) -> Tree | None:
    """Sail drops fractions of a second."""
    if isinstance(seconds.type, DecimalType):
        raise NeedsSpark("timestamp_seconds", "Sail drops fractions of a second")
    if isinstance(seconds.type, DoubleType | FloatType):
        micros = call("*", Cast(seconds, "double"), Cast("1000000", "double"))
        return call("timestamp_micros", Cast(micros, "bigint"))
    return None


def part(name: Given, time: Given) -> Tree | None:
    """Days of the week, which Sail numbers from 0 or does not know. Of an interval it gives the whole, not the part."""
    field = _word(name)
    if isinstance(time.type, DayTimeIntervalType):
        raise NeedsSpark("extract", "of an interval Sail gives the whole in the unit, not the part")
    if field in ("dow", "dayofweek"):
        return call("dayofweek", time)
    if field in ("dow_iso", "dayofweek_iso"):
        return call("+", call("%", call("+", call("dayofweek", time), 5), 7), 1)
    return None


def _word(given: Given) -> str:
    if given.text is not None:
        return given.text.lower()
    return given.content.lower() if isinstance(given.content, str) else ""
