"""dbutils.fs: files on volumes."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from common.errors import UserError
from local.engine.language.python.refusing import Refusing


class NotThereError(UserError, FileNotFoundError):
    """A file or folder that code asks for and that is not there."""


class FileInfo(NamedTuple):
    """A file or folder of dbutils.fs.ls; a folder's name ends with a slash. Times are milliseconds."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815

    def isDir(self) -> bool:  # noqa: N802
        """Whether it is a folder."""
        return self.name.endswith("/")

    def isFile(self) -> bool:  # noqa: N802
        """Whether it is a file."""
        return not self.isDir()


def _info(parent: str, there: Path) -> FileInfo:
    facts = there.stat()
    modified = facts.st_mtime_ns // 1_000_000
    if there.is_dir():
        return FileInfo(f"{parent}/{there.name}/", f"{there.name}/", 0, modified)
    return FileInfo(f"{parent}/{there.name}", there.name, facts.st_size, modified)


class VolumeFiles(Refusing):
    """dbutils.fs over volumes (`/Volumes/...`, with or without `dbfs:`) and local paths.

    Unless it `writes`, what would change a file does nothing.
    """

    def __init__(self, local_path: Callable[[str], str], *, writes: bool = True) -> None:
        super().__init__("dbutils.fs", "do it outside the pipeline")
        self._local_path = local_path
        self._writes = writes

    def ls(self, path: str) -> list[FileInfo]:
        """The files and folders in a folder, by name; paths are those that the pipeline knows."""
        folder = self._there(path)
        known = path.rstrip("/")
        if not folder.is_dir():
            return [_info(known.rpartition("/")[0], folder)]
        return [_info(known, one) for one in sorted(folder.iterdir())]

    def head(self, file: str, maxBytes: int = 65536) -> str:  # noqa: N803
        """The first bytes of a file as UTF-8."""
        with self._there(file).open("rb") as opened:
            return opened.read(maxBytes).decode("utf-8", errors="replace")

    def mkdirs(self, path: str) -> bool:
        """Makes a folder, and those above it."""
        local = self._own(path)
        if self._writes:
            local.mkdir(parents=True, exist_ok=True)
        return True

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Writes a text; an existing file only with `overwrite`."""
        local = self._own(file)
        if local.exists() and not overwrite:
            raise UserError(f"dbutils.fs.put: {file} is there already; give overwrite=True")
        if not self._writes:
            return True
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_text(contents, encoding="utf-8")
        return True

    def cp(self, source: str, target: str, recurse: bool = False) -> bool:
        """Copies a file, or a folder with `recurse`."""
        local, copy = self._there(source), self._own(target)
        if self._writes and recurse and local.is_dir():
            shutil.copytree(local, copy, dirs_exist_ok=True)
        elif self._writes:
            shutil.copyfile(local, copy)
        return True

    def mv(self, source: str, target: str, recurse: bool = False) -> bool:
        """Moves a file, or a folder with `recurse`."""
        self.cp(source, target, recurse)
        return self.rm(source, recurse)

    def rm(self, path: str, recurse: bool = False) -> bool:
        """Deletes a file, or a folder with `recurse`; False when there is nothing."""
        local = self._own(path)
        if not self._writes or not local.exists():
            return local.exists()
        if not local.is_dir():
            local.unlink()
        elif recurse:
            shutil.rmtree(local)
        else:
            local.rmdir()
        return True

    def _own(self, path: str) -> Path:
        """Where a path of a volume is. Others are this machine's own: what would write there is refused."""
        plain = path.removeprefix("dbfs:")
        if not plain.startswith("/Volumes/") or ".." in plain.split("/"):
            raise UserError(
                f"dbutils.fs writes on volumes only (/Volumes/catalog/schema/volume/...), not to {path}"
            )
        return Path(self._local_path(path))

    def _there(self, path: str) -> Path:
        local = Path(self._local_path(path).removeprefix("dbfs:").removeprefix("file:"))
        if not local.exists():
            raise NotThereError(f"dbutils.fs: {path} is not there ({local})")
        return local
