"""What a pipeline's files find as `dbutils`: widgets, and files on volumes; the rest is refused by name."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from common.errors import UserError

_CONFIGURATION = "take the value from the pipeline's configuration: spark.conf.get"
_INSTEAD = {
    "dbutils.secrets": _CONFIGURATION,
    "dbutils.jobs": _CONFIGURATION,
    "dbutils.fs": "do it outside the pipeline",
    "dbutils.notebook": "import a module, or %run the notebook",
    "dbutils.library": "install it in the environment that runs the pipeline",
}


class Refusing:
    """An object of which every attribute that it lacks is a UserError with its name and what to do instead."""

    def __init__(self, name: str, instead: str = "leave it out") -> None:
        self._name = name
        self._instead = instead

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        path = f"{self._name}.{name}"
        raise UserError(f"{path} is not supplied on one machine; {_INSTEAD.get(path, self._instead)}")


class NotebookExit(BaseException):
    """dbutils.notebook.exit: the notebook ends here, and the pipeline goes on. No Exception, so that code that
    catches those does not stop it.
    """


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


class DBUtils(Refusing):
    """The parts of `dbutils` that mean something on one machine."""

    def __init__(
        self,
        configuration: Mapping[str, str],
        local_path: Callable[[str], str],
        current_file: Callable[[], Path],
    ) -> None:
        super().__init__("dbutils")
        self.widgets = Widgets(configuration)
        self.fs = Files(local_path)
        self.notebook = Notebook(current_file)
        self.library = Library()


class Widgets:
    """Parameters of a notebook: the pipeline's configuration, else what the widget was made with."""

    def __init__(self, configuration: Mapping[str, str]) -> None:
        self._configuration = configuration
        self._defaults: dict[str, str] = {}

    def text(self, name: str, defaultValue: str, label: str = "") -> None:  # noqa: ARG002, N803
        """Makes a widget; so do dropdown, combobox and multiselect, of which the choices are left aside."""
        self._defaults[name] = str(defaultValue)

    def dropdown(self, name: str, defaultValue: str, choices: Any = (), label: str = "") -> None:  # noqa: ARG002, N803
        """See text."""
        self.text(name, defaultValue)

    combobox = dropdown
    multiselect = dropdown

    def get(self, name: str) -> str:
        """A widget's value. Raises UserError when neither the configuration nor a default has it."""
        value = self._configuration.get(name, self._defaults.get(name))
        if value is None:
            raise UserError(
                f"dbutils.widgets.get: there is no {name}; give it in the pipeline's configuration"
            )
        return value

    getArgument = get  # noqa: N815

    def getAll(self) -> dict[str, str]:  # noqa: N802
        """All values by name."""
        return {**self._defaults, **self._configuration}

    def remove(self, name: str) -> None:
        """Takes a widget away."""
        self._defaults.pop(name, None)

    def removeAll(self) -> None:  # noqa: N802
        """Takes all away."""
        self._defaults.clear()


class Files(Refusing):
    """dbutils.fs over volumes (`/Volumes/...`, with or without `dbfs:`) and local paths."""

    def __init__(self, local_path: Callable[[str], str]) -> None:
        super().__init__("dbutils.fs", _INSTEAD["dbutils.fs"])
        self._local_path = local_path

    def ls(self, path: str) -> list[FileInfo]:
        """The files and folders in a folder, by name; paths are those that the pipeline knows."""
        folder = self._there(path)
        found = [(one, one.stat()) for one in (sorted(folder.iterdir()) if folder.is_dir() else [folder])]
        base = path.rstrip("/") if folder.is_dir() else path.rstrip("/").rpartition("/")[0]
        return [
            FileInfo(
                f"{base}/{name}", name, 0 if one.is_dir() else facts.st_size, facts.st_mtime_ns // 1_000_000
            )
            for one, facts in found
            for name in [f"{one.name}/" if one.is_dir() else one.name]
        ]

    def head(self, file: str, maxBytes: int = 65536) -> str:  # noqa: N803
        """The first bytes of a file as UTF-8."""
        with self._there(file).open("rb") as opened:
            return opened.read(maxBytes).decode("utf-8", errors="replace")

    def mkdirs(self, path: str) -> bool:
        """Makes a folder, and those above it."""
        self._own(path).mkdir(parents=True, exist_ok=True)
        return True

    def put(self, file: str, contents: str, overwrite: bool = False) -> bool:
        """Writes a text; an existing file only with `overwrite`."""
        local = self._own(file)
        if local.exists() and not overwrite:
            raise UserError(f"dbutils.fs.put: {file} is there already; give overwrite=True")
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_text(contents, encoding="utf-8")
        return True

    def cp(self, source: str, target: str, recurse: bool = False) -> bool:
        """Copies a file, or a folder with `recurse`."""
        local = self._there(source)
        if recurse and local.is_dir():
            shutil.copytree(local, self._own(target), dirs_exist_ok=True)
        else:
            shutil.copyfile(local, self._own(target))
        return True

    def mv(self, source: str, target: str, recurse: bool = False) -> bool:
        """Moves a file, or a folder with `recurse`."""
        self.cp(source, target, recurse)
        return self.rm(source, recurse)

    def rm(self, path: str, recurse: bool = False) -> bool:
        """Deletes a file, or a folder with `recurse`; False when there is nothing."""
        local = self._own(path)
        if local.is_dir() and recurse:
            shutil.rmtree(local)
        elif local.exists():
            local.rmdir() if local.is_dir() else local.unlink()
        else:
            return False
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
            raise UserError(f"dbutils.fs: {path} is not there ({local})")
        return local


class Notebook(Refusing):
    """dbutils.notebook; `current_file` gives the file that is running."""

    def __init__(self, current_file: Callable[[], Path]) -> None:
        super().__init__("dbutils.notebook", _INSTEAD["dbutils.notebook"])
        self.entry_point = _EntryPoint(current_file)

    def exit(self, value: str = "") -> NoReturn:
        """Ends the notebook."""
        raise NotebookExit(value)


class _EntryPoint(Refusing):
    """`entry_point.getDbutils().notebook().getContext().notebookPath().get()`: where the running notebook stands."""

    def __init__(self, current_file: Callable[[], Path]) -> None:
        super().__init__("dbutils.notebook.entry_point", "only the notebook's path is known")
        self._current_file = current_file
        self.getDbutils = self.notebook = self.getContext = self.notebookPath = lambda: self

    def get(self) -> str:
        """The notebook's path, without its suffix as in a workspace."""
        return str(self._current_file().with_suffix(""))


class Library(Refusing):
    """dbutils.library."""

    def __init__(self) -> None:
        super().__init__("dbutils.library", _INSTEAD["dbutils.library"])

    def restartPython(self) -> None:  # noqa: N802
        """Nothing was installed, so nothing needs a new process."""
