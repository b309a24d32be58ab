"""What a pipeline's files find as `dbutils`: widgets, files, the notebook; the rest is refused by name."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from common.errors import UserError
from local.engine.language.python.refusing import Refusing
from local.engine.language.python.volume_files import VolumeFiles

_CONFIGURATION = "take the value from the pipeline's configuration: spark.conf.get"


class NotebookExit(BaseException):
    """dbutils.notebook.exit: the notebook ends here, and the pipeline goes on. No Exception, so that code that
    catches those does not stop it.
    """


class DBUtils(Refusing):
    """The parts of `dbutils` that mean something on one machine."""

    def __init__(
        self,
        configuration: Mapping[str, str],
        local_path: Callable[[str], str],
        current_file: Callable[[], Path],
        *,
        writes: bool = True,
    ) -> None:
        super().__init__("dbutils", others={"secrets": _CONFIGURATION, "jobs": _CONFIGURATION})
        self.widgets = Widgets(configuration)
        self.fs = VolumeFiles(local_path, writes=writes)
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


class Notebook(Refusing):
    """dbutils.notebook; `current_file` gives the file that is running."""

    def __init__(self, current_file: Callable[[], Path]) -> None:
        super().__init__("dbutils.notebook", "import a module, or %run the notebook")
        self.entry_point = _EntryPoint(current_file)

    def exit(self, value: str = "") -> NoReturn:
        """Ends the notebook."""
        raise NotebookExit(value)


class _EntryPoint(Refusing):
    """`entry_point.getDbutils().notebook().getContext().notebookPath().get()`: where the running notebook stands."""

    def __init__(self, current_file: Callable[[], Path]) -> None:
        super().__init__("dbutils.notebook.entry_point", "only the notebook's path is known")
        self._current_file = current_file

    def getDbutils(self) -> "_EntryPoint":  # noqa: N802
        """Each step on the way to the path gives this object again."""
        return self

    notebook = getContext = notebookPath = getDbutils  # noqa: N815

    def get(self) -> str:
        """The notebook's path, without its suffix as in a workspace."""
        return str(self._current_file().with_suffix(""))


class Library(Refusing):
    """dbutils.library."""

    def __init__(self) -> None:
        super().__init__("dbutils.library", "install it in the environment that runs the pipeline")

    def restartPython(self) -> None:  # noqa: N802
        """Nothing was installed, so nothing needs a new process."""
