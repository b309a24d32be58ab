"""Names as a query writes them."""

import re

_PART = re.compile(r"`((?:[^`]|``)*)`|([^.`]+)")


def name_parts(name: str) -> list[str]:
    """What the dots of a name part; between backticks a dot is one of the name's own."""
    return [quoted.replace("``", "`") if quoted else plain for quoted, plain in _PART.findall(name)] or [name]
