"""Names of tables, views and columns, as SQL writes them."""

import re

from common.errors import UserError

_PART = r"`(?:[^`]|``)+`|[^.`]+"
_NAME = re.compile(rf"\s*(?:{_PART})(?:\.(?:{_PART}))*\s*")
# What Unity Catalog takes in no name; a slash would also lead out of the table's folder.
_FORBIDDEN = re.compile(r"[\s./\x00-\x1f\x7f]")


def parts_of(name: str) -> list[str]:
    """The one to three parts of a table's name, in lower case and without backticks; `LIVE.` before one is dropped.

    Raises UserError for what is no name.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is no table's name: write table, schema.table or catalog.schema.table")
    parts = [_plain(part).lower() for part in re.findall(_PART, name.strip())]
    if len(parts) == 2 and parts[0] == "live":
        parts = parts[1:]
    if len(parts) > 3:
        raise UserError(f"{name} has {len(parts)} parts: a name has at most catalog, schema and table")
    if any(_FORBIDDEN.search(part) for part in parts):
        raise UserError(f"{name!r}: Unity Catalog takes no blank, period or slash in a name")
    return parts


def _plain(part: str) -> str:
    return part[1:-1].replace("``", "`") if part.startswith("`") else part
