"""How a file is named to whoever reads."""

from pathlib import Path


def path_from_here(file: Path) -> str:
    """A path as a reader knows it: from the current folder when it is below that."""
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
