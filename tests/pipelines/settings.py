"""The configuration that the pipelines' code reads."""

import re

from pipelines import catalog

_NAMED = {name: key for name, key in vars(catalog).items() if str(key).startswith("olist.")}
_READ = re.compile(r"(?:conf\.get|setting)\(\s*(?:[\"'](olist\.\w+)|(\w+))")


def settings_read(code: str) -> set[str]:
    """The keys that code reads, written out or by the names that the catalog gives them."""
    return {text or _NAMED[name] for text, name in _READ.findall(code) if text or name in _NAMED}
