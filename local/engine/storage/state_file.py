"""How the files of a home's state are written: whole, or not at all."""

from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Puts a file with this text in the place of the one before, if any; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".new")
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(path)
