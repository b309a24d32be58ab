"""Settings that change what Spark answers, and that Sail passes over."""

import re
from typing import Any

from local.engine.sessions.errors import NeedsSpark

_ZONE = "spark.sql.session.timezone"
# The values by which Sail answers anyway; of the others it knows nothing.
_AS_SAIL_DOES = {
    "spark.sql.ansi.enabled": {"true"},
    "spark.sql.ansi.doublequotedidentifiers": {"false"},
    "spark.sql.casesensitive": {"false"},
    "spark.sql.decimaloperations.allowprecisionloss": {"true"},
    "spark.sql.groupbyaliases": {"true"},
    "spark.sql.groupbyordinal": {"true"},
    "spark.sql.orderbyordinal": {"true"},
    "spark.sql.jsongenerator.ignorenullfields": {"true"},
    "spark.sql.legacy.timeparserpolicy": {"corrected", "exception"},
    "spark.sql.parser.escapedstringliterals": {"false"},
    "spark.sql.parser.quotedregexcolumnnames": {"false"},
    _ZONE: {"utc", "etc/utc", "gmt", "z", "+00:00", "utc+0", "etc/gmt"},
}
_LEGACY = "spark.sql.legacy."
# Of files, which the engine here reads by itself.
_OF_FILES = ("spark.sql.legacy.parquet.", "spark.sql.legacy.avro.", "spark.sql.legacy.json.")
# Why, where it is more than that Sail does not heed the setting.
_WHY = {_ZONE: "in another zone than UTC Sail compares dates and adds days otherwise"}
_SET = re.compile(r"\s*SET\s+(spark\.[\w.]+)\s*=\s*(.+?)[\s;]*", re.IGNORECASE | re.DOTALL)


def check_setting(name: str, value: str) -> None:
    """Raises NeedsSpark for a setting by which Spark answers otherwise than Sail, which would not heed it."""
    key, given = name.lower(), value.strip().lower()
    usual = _AS_SAIL_DOES.get(key)
    is_legacy = key.startswith(_LEGACY) and not key.startswith(_OF_FILES)
    passed_over = is_legacy if usual is None else given not in usual
    if passed_over:
        raise NeedsSpark(f"{name}={value}", _WHY.get(key, "Sail does not heed this setting"))


def check_settings(operation: Any) -> None:
    """The same for what a client sets (ConfigRequest.Operation)."""
    for pair in operation.set.pairs:
        check_setting(pair.key, pair.value)


def check_set_statement(text: str) -> None:
    """The same for a text of SQL that is SET."""
    if found := _SET.fullmatch(text):
        check_setting(*found.groups())
