"""The formats in which commands write."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from common.errors import UserError
from lakehouse.output.paths import must_have_folder

Format = TypeVar("Format", bound=StrEnum)


class RowFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def format_by_suffix(file: Path, suffixes: Mapping[str, Format]) -> Format:
    """The format that the name of a file of `--write` asks for.

    UserError for a name that ends otherwise, and for a file that cannot be there.
    """
    must_have_folder(file)
    if file.suffix not in suffixes:
        raise UserError(f"--write {file}: the name must end in {', '.join(suffixes)}")
    return suffixes[file.suffix]
