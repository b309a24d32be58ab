"""How a file is named to whoever reads."""

from pathlib import Path

from common.errors import UserError


def path_from_here(file: Path) -> str:
    """A path as a reader knows it: from the current folder when it is below that."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def must_have_folder(file: Path) -> None:
    """UserError for a file that cannot be written where it is to be: before the work whose result it is to hold."""
    if not file.parent.is_dir():
        raise UserError(f"{file}: there is no folder {file.parent}: make it, or name another file")
    if file.is_dir():
        raise UserError(f"{file} is a folder: name a file in it")
