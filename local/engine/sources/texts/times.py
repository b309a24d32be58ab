"""Dates and times written as text, by Spark's default rules or by a pattern."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfoNotFoundError

from local.engine.sources.texts.patterns import Pattern, zone_of

DATE = re.compile(r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[ T].*|\s*)", re.ASCII)
TIMESTAMP = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+/[A-Za-z_/]+)?)?)?)?\s*",
    re.ASCII,
)


# What is taken for a date rather than a time where types are inferred.
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Times:
    """How a reader's dates and times are written; `zone` is that of times that name none."""

    zone: tzinfo = UTC
    date_pattern: Pattern | None = None
    timestamp_pattern: Pattern | None = None

    def date(self, text: str) -> date | None:
        """The day that a text names, None when it is none."""
        return self.date_pattern.date(text) if self.date_pattern else parse_date(text)

    def timestamp(self, text: str) -> datetime | None:
        """The moment that a text names, None when it is none."""
        if self.timestamp_pattern:
            return self.timestamp_pattern.moment(text, self.zone)
        return parse_timestamp(text, self.zone)

    def is_day(self, text: str) -> bool:
        """Whether a text names a day and no time of it."""
        return (bool(self.date_pattern) or bool(DAY.fullmatch(text))) and self.date(text) is not None


def parse_date(text: str) -> date | None:
    """The day of an ISO date or time, such as 2024-01-02 or 2024-01-02T10:00:00Z; None when it is none."""
    found = DATE.fullmatch(text)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return None


def parse_timestamp(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The moment of an ISO time, to the microsecond; without a zone of its own it is one of `zone`. None for none."""
    found = TIMESTAMP.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, named = found.groups()
    try:
        own = zone_of(named) if named else zone
        micros = int((fraction or "0").ljust(6, "0")[:6])
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            micros,
            own,
        ).astimezone(UTC)
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        return None
