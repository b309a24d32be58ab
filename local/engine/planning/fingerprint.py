"""What a dataset's result depends on, in a form that can be compared: code, files, engine."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from common.errors import UserError
from local.engine.language.loading.notebooks import cells
from local.engine.sources.files import find_files

ABSENT = "absent"
# Tables are written side by side: each file is read once for all. And Python 3.11 counts the depth of a tree that it
# parses once for all threads.
_READING = Lock()
# The fields of a statement that hold statements.
_STATEMENTS = ("body", "orelse", "handlers", "finalbody", "cases")


class CodeFiles:
    """The Python and SQL files below a pipeline's root folder, by what they hold and import.

    `folders` are those in which `import` looks (see PipelineSpec.folders); the root alone, by default.
    """

    def __init__(self, root: Path, folders: Iterable[Path] = ()) -> None:
        self._root = root
        self._folders = tuple(folders) or (root,)
        self._imports: dict[Path, list[Path]] = {}
        self._modules: dict[str, list[Path]] = {}
        self._hashes: dict[str, str] = {}
        self._top_names: dict[Path, set[str]] = {}

    def files_of(self, file: Path) -> list[str]:
        """The file and all below the root that it imports, directly or not; relative to the root, sorted."""
        found: set[Path] = set()
        to_read = [file]
        while to_read:
            current = to_read.pop()
            if current not in found:
                found.add(current)
                to_read += self._imported(current)
        return sorted(str(each.relative_to(self._root)) for each in found)

    def hash_of(self, name: str) -> str:
        """A digest of a file's bytes, `absent` when it is gone; `name` is relative to the root."""
        if name not in self._hashes:
            file = self._root / name
            self._hashes[name] = _digest(file.read_bytes()) if file.is_file() else ABSENT
        return self._hashes[name]

    def _imported(self, file: Path) -> list[Path]:
        with _READING:
            if file not in self._imports:
                names = set(_names(file, self._root)) if file.suffix != ".sql" else set()
                self._imports[file] = [each for name in sorted(names) for each in self._modules_of(name)]
            return self._imports[file]

    def _modules_of(self, name: str) -> list[Path]:
        if name not in self._modules:
            self._modules[name] = list(self._found(name))
        return self._modules[name]

    def _found(self, name: str) -> Iterator[Path]:
        """The files that importing a dotted name runs: the packages on the way, then the module."""
        for start in self._folders:
            # Most of what is imported is none of the pipeline's.
            if name.partition(".")[0] not in self._names_in(start):
                continue
            folder = start
            for part in name.split("."):
                if not folder.is_dir():
                    break
                for file in (folder / part / "__init__.py", folder / f"{part}.py"):
                    if file.is_file() and file.is_relative_to(self._root):
                        yield file
                folder /= part

    def _names_in(self, folder: Path) -> set[str]:
        """What could be imported from a folder."""
        if folder not in self._top_names:
            entries = folder.iterdir() if folder.is_dir() else ()
            self._top_names[folder] = {entry.name.partition(".")[0] for entry in entries}
        return self._top_names[folder]


def _names(file: Path, root: Path) -> Iterator[str]:
    """What a file imports; of what does not parse nothing, as loading will tell."""
    package = file.parent.relative_to(root).parts
    with suppress(SyntaxError, ValueError, UserError):
        for cell in cells(file):
            for node in _imports(cell.text) if cell.language == "python" else ():
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                else:
                    base = package[: len(package) - node.level + 1] if node.level else ()
                    module = ".".join([*base, *([node.module] if node.module else [])])
                    yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)


@lru_cache(maxsize=1000)
def _imports(code: str) -> list[ast.Import | ast.ImportFrom]:
    """The imports of some code; pipelines that run one after another share most of their files."""
    found: list[ast.Import | ast.ImportFrom] = []
    to_visit: list[ast.AST] = [ast.parse(code)]
    while to_visit:
        node = to_visit.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        # Only in statements, of which most of a tree is not.
        for part in _STATEMENTS:
            to_visit += getattr(node, part, ())
    return found


def files_fingerprint(path: str) -> str:
    """A digest of the names, sizes and times of the files below a folder, that a glob chooses, or of one file.

    It changes whenever Auto Loader would find a new file, and when a file was changed in place.
    """
    try:
        files = find_files(path, {})
    except UserError:
        return ABSENT
    lines = [f"{one.path.removeprefix(path)}\t{one.size}\t{one.modified_ns}" for one in files]
    return _digest("\n".join(lines).encode())


def paths_fingerprint(paths: Iterable[str]) -> dict[str, str]:
    """The digest of each of the paths (see files_fingerprint)."""
    return {path: files_fingerprint(path) for path in set(paths)}


@cache
def engine_fingerprint() -> str:
    """The versions of Spark's client, Sail and delta-rs, and a digest of the engine's own code."""
    own = sorted(Path(__file__).parents[1].rglob("*.py"))
    digest = _digest(b"".join(file.read_bytes() for file in own))
    packages = ", ".join(f"{name} {version(name)}" for name in ("pyspark", "pysail", "deltalake"))
    return f"{packages}, local/engine {digest[:12]}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
