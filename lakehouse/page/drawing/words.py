"""Values as people read them."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from common.counting import are_numbers, counted, is_number, ranges

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def age(moment: datetime | None) -> str:
    """How long ago a moment was: `3 minutes ago`."""
    if moment is None:
        return "never"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for size, unit in UNITS:
        count = int(seconds // size)
        if count:
            return f"{counted(count, unit)} ago"
    return "just now"


def utc_time(moment: datetime | None) -> str:
    """A moment to the second, UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""


def with_commas(number: int | None) -> str:
    """A number with commas; a dash for none."""
    return "–" if number is None else f"{number:,}"


def short(given: float | Decimal | None) -> str:
    """A number in four signs: 1,234, 12.3k, 4.5M."""
    if given is None:
        return "–"
    number = float(given)
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(number) >= size:
            return f"{number / (1e3 if letter == 'k' else size):,.1f}{letter}"
    return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"


def about(number: float) -> str:
    """A mean or the like, in six signs."""
    return f"{number:.6g}" if abs(number) < 1e6 else f"{number:,.2f}"


def seconds(number: float | None) -> str:
    """A duration in seconds."""
    return "" if number is None else f"{number:,.1f} s"


def size(number: int | None) -> str:
    """Bytes in the unit that fits."""
    left = float(number or 0)
    for unit in ("B", "kB", "MB"):
        if left < 1000:
            return f"{left:.0f} {unit}" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1000
    return f"{left:.1f} GB"


def cell(value: Any) -> str:
    """A value of a table's cell, as it is: no number is rounded; nested ones as JSON."""
    if isinstance(value, datetime):
        text = f"{value:%Y-%m-%d %H:%M:%S}"
        return f"{text}.{value:%f}".rstrip("0") if value.microsecond else text
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def numeric(rows: Sequence[Sequence[Any]], column: int) -> bool:
    """Whether a column holds numbers, which stand at its right edge."""
    return are_numbers(row[column] for row in rows)


def grouped(value: Any) -> str:
    """A number that counts or measures, with commas; what has decimals with two."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def day(moment: date | None) -> str:
    """A date as ISO has it."""
    return f"{moment:%Y-%m-%d}" if moment else ""


FILTERS: dict[str, Callable[..., Any]] = {
    "age": age,
    "utc_time": utc_time,
    "with_commas": with_commas,
    "short": short,
    "about": about,
    "seconds": seconds,
    "size": size,
    "cell": cell,
    "is_number": is_number,
    "numeric": numeric,
    "grouped": grouped,
    "counted": counted,
    "ranges": ranges,
    "day": day,
}
"""What templates may call, by name."""
