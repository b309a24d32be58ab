"""What is uploaded and which packages it needs, read from the checkout: a new file needs no change here."""

import json
from collections.abc import Iterable
from pathlib import Path

from common.checkout import REPOSITORY
from common.errors import UserError

UPLOADED = ("pipelines", "generator")
# They import from those folders, so they stand beside them.
GENERATOR_ENTRY = Path("generate_task.py")
ERASURE_ENTRY = Path("erase_task.py")
LOCK_FILE = "Pipfile.lock"


def uploaded_files(checkout: Path = REPOSITORY) -> list[Path]:
    """The entries of tasks, every file below pipelines/ and generator/ but caches and unit tests.

    Relative to `checkout`, sorted.
    """
    paths = [
        checkout / GENERATOR_ENTRY,
        checkout / ERASURE_ENTRY,
        *(path for folder in UPLOADED for path in (checkout / folder).rglob("*")),
    ]
    found = (path.relative_to(checkout) for path in paths if path.is_file())
    return sorted(path for path in found if not _is_litter(path))


def _is_litter(path: Path) -> bool:
    # Of a pipeline's folder Databricks takes code only.
    is_test = path.name.endswith(".test.yml")
    return is_test or any(part == "__pycache__" or part.startswith(".") for part in path.parts)


def folders_of(files: Iterable[Path]) -> list[Path]:
    """The folders that `files` stand in, with their parents, parents first and without the top itself."""
    return sorted({parent for file in files for parent in file.parents if parent != Path()})


def pinned_requirements(packages: Iterable[str], checkout: Path = REPOSITORY) -> list[str]:
    """Requirement lines such as `faker==40.54.0`, at the versions of Pipfile.lock.

    Raises UserError when the lock file is damaged or lacks a package.
    """
    lock = checkout / LOCK_FILE
    try:
        locked = json.loads(lock.read_text())["default"]
        return [f"{package}{locked[package]['version']}" for package in packages]
    except (OSError, json.JSONDecodeError) as error:
        raise UserError(f"{lock} cannot be read: {error}") from error
    except KeyError as error:
        raise UserError(f"{lock} has no {error} among its default packages; run `pipenv lock`") from error
