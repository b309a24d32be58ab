"""What one raw text means, by the data contract, in plain Python."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII)


def text(value: str | None) -> str | None:
    return (value or "").strip(" \t\r\n") or None


def lower(value: str | None) -> str | None:
    found = text(value)
    return found.lower() if found else None


def upper(value: str | None) -> str | None:
    found = text(value)
    return found.upper() if found else None


def city(value: str | None) -> str | None:
    found = text(value)
    if not found:
        return None
    return " ".join(word[:1].upper() + word[1:].lower() for word in found.split(" "))


def zip_code(value: str | None) -> str | None:
    found = text(value)
    return found.zfill(5) if found and re.fullmatch("[0-9]{1,5}", found) else None


def integer(value: str | None, bits: int = 32) -> int | None:
    found = text(value)
    if not found or not re.fullmatch("[+-]?[0-9]+", found):
        return None
    number = int(found)
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def decimal(value: str | None, precision: int, places: int) -> Decimal | None:
    found = text(value)
    if not found or "_" in found:
        return None
    try:
        exact = Decimal(found)
    except InvalidOperation:
        return None
    if not exact.is_finite():
        return None
    number = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0
    return number if abs(number) < 10 ** (precision - places) else None


def money(value: str | None) -> Decimal | None:
    return decimal(value, 12, 2)


def coordinate(value: str | None) -> Decimal | None:
    return decimal(value, 18, 15)


def timestamp(value: str | None) -> datetime | None:
    """The time in UTC, without a zone."""
    found = text(value)
    if not found or not _ISO.fullmatch(found):
        return None
    try:
        moment = datetime.fromisoformat(found)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
