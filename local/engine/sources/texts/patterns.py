"""The options dateFormat and timestampFormat: Spark's patterns of dates and times."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from common.errors import NotSupplied

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
LONG_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
               "november", "december"]  # fmt: skip
# What a letter stands for; the number of letters is the least number of digits, as one letter takes any.
FIELDS = {"y": "year", "u": "year", "M": "month", "L": "month", "d": "day", "H": "hour", "h": "hour12",
          "m": "minute", "s": "second", "S": "fraction", "a": "half", "X": "zone", "x": "zone", "Z": "zone",
          "E": "weekday"}  # fmt: skip
TOKENS = re.compile(r"'((?:[^']|'')*)'|\[|\]|([A-Za-z])\2*|.", re.DOTALL)


@dataclass(frozen=True)
class Pattern:
    """One pattern, such as dd/MM/yyyy HH:mm. Raises NotSupplied, when used, for a letter that is not supplied."""

    option: str
    text: str

    def date(self, text: str) -> date | None:
        """The day that a text names; None when it does not follow the pattern."""
        found = self.moment(text, UTC)
        return found.date() if found else None

    def moment(self, text: str, zone: tzinfo = UTC) -> datetime | None:
        """The moment that a text names, one of `zone` when it names none; None when it does not follow the pattern."""
        found = self._regex.fullmatch(text)
        if not found:
            return None
        parts = {name: value for name, value in found.groupdict().items() if value is not None}
        try:
            own = zone_of(parts["zone"]) if "zone" in parts else zone
            return datetime(
                _year(parts.get("year", "1970")),
                _month(parts.get("month", "1")),
                int(parts.get("day", "1")),
                _hour(parts),
                int(parts.get("minute", "0")),
                int(parts.get("second", "0")),
                int(parts.get("fraction", "0").ljust(6, "0")[:6]),
                own,
            )
        except ValueError:
            return None

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        seen: set[str] = set()
        pieces = [self._piece(token, seen) for token in TOKENS.finditer(self.text)]
        return re.compile("".join(pieces), re.ASCII | re.IGNORECASE)

    def _piece(self, token: re.Match[str], seen: set[str]) -> str:
        whole, letter = token[0], token[2]
        if whole.startswith("'"):
            return re.escape((token[1] or "'").replace("''", "'"))
        if not letter:
            return {"[": "(?:", "]": ")?"}.get(whole, re.escape(whole))
        name = FIELDS.get(letter)
        if name is None or (name in seen and name != "weekday"):
            raise NotSupplied(
                f"the option {self.option} = {self.text}: {whole} is not supplied; use one each of {''.join(FIELDS)}"
            )
        seen.add(name)
        return _expression(name, len(whole))


def zone_of(name: str) -> tzinfo:
    """The zone of a name or an offset, such as Z, +02:00 or Europe/Oslo. Raises ZoneInfoNotFoundError for none."""
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if name[0] not in "+-":
        return ZoneInfo(name)
    digits = name[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if name[0] == "-" else offset)


def _expression(name: str, letters: int) -> str:
    if name == "weekday":
        return "[A-Za-z]+"
    if name == "month" and letters >= 3:
        return f"(?P<month>{'|'.join(LONG_MONTHS if letters > 3 else MONTHS)})"
    kinds = {
        "year": {1: r"\d{1,4}", 2: r"\d{2}", 3: r"\d{1,4}"}.get(letters, r"\d{4}"),
        "half": "[AP]M",
        "zone": r"Z|[+-]\d{2}(?::?\d{2})?",
        "fraction": rf"\d{{{letters}}}" if letters < 9 else r"\d{1,9}",
    }
    return f"(?P<{name}>{kinds.get(name, r'[0-9]{1,2}' if letters == 1 else r'[0-9]{2}')})"


def _year(text: str) -> int:
    return 2000 + int(text) if len(text) == 2 else int(text)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return [month[:3] for month in MONTHS].index(text[:3].lower()) + 1


def _hour(parts: dict[str, str]) -> int:
    if "hour12" not in parts:
        return int(parts.get("hour", "0"))
    hour = int(parts["hour12"])
    if not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if parts.get("half", "").upper() == "PM" else 0)
