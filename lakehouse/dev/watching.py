"""Notices that somebody edits a pipeline."""

from collections.abc import Iterable
from pathlib import Path

from local.engine.language.spec import PipelineSpec
from local.engine.planning.fingerprint import CodeFiles

Stamps = dict[Path, tuple[int, int]]


class Watch:
    """The files of pipelines and all that they import, and the folders in which new ones would stand."""

    def __init__(self, specs: Iterable[PipelineSpec]) -> None:
        self._specs = list(specs)
        self._seen: Stamps = {}
        self.look()

    def look(self) -> None:
        """Takes the files as they are now for seen."""
        self._folders = {folder for spec in self._specs for folder in _folders(spec)}
        self._seen = self._now()

    def edited(self) -> list[Path]:
        """The files that are new, gone or changed since the last look."""
        now = self._now()
        return sorted(
            file for file in now.keys() | self._seen.keys() if now.get(file) != self._seen.get(file)
        )

    def _now(self) -> Stamps:
        files = (
            file for folder in self._folders for file in folder.iterdir() if file.suffix in (".py", ".sql")
        )
        seen: Stamps = {}
        for file in files:
            facts = file.stat()
            seen[file] = (facts.st_mtime_ns, facts.st_size)
        return seen


def _folders(spec: PipelineSpec) -> set[Path]:
    code = CodeFiles(spec.root)
    files = {each for file in spec.files() for each in code.files_of(file)}
    return {(spec.root / file).parent for file in files}
