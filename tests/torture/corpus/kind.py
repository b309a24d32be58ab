"""A kind of bad file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# What marks a record, so that it can be found again wherever it ends up.
TOKEN = re.compile(r"r-\d+")


@dataclass(frozen=True)
class Kind:
    """`lay` puts the file, named `file`, into a folder; `tokens` mark the records that it holds or held."""

    name: str
    format: str
    file: str
    lay: Callable[[Path], object]
    tokens: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


def of_bytes(
    name: str, format: str, content: bytes, tokens: tuple[str, ...], file: str = "", **options: str
) -> Kind:
    """A file of these bytes, `bad.<format>` unless named."""
    place = file or f"bad.{format}"
    return Kind(name, format, place, lambda folder: (folder / place).write_bytes(content), tokens, options)


def of_text(
    name: str, format: str, text: str, file: str = "", encoding: str = "utf-8", **options: str
) -> Kind:
    """A file of this text, each token of which must be found again."""
    return of_bytes(name, format, text.encode(encoding), tokens_of(text), file, **options)


def tokens_of(text: str) -> tuple[str, ...]:
    """The marks of the records in a text."""
    return tuple(dict.fromkeys(TOKEN.findall(text)))
