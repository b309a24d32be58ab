"""Runs a pipeline's files, and so collects what they define."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.language.definitions import Definitions
from local.engine.language.loading.active_session import active
from local.engine.language.loading.execution import SourceRunner
from local.engine.language.loading.imports import has_own, importable, taken_name
from local.engine.language.model import Place
from local.engine.language.places import Keep, PlacedError, place_of, raised
from local.engine.language.python.api import modules
from local.engine.language.python.dbutils import DBUtils
from local.engine.language.python.environment import databricks_modules
from local.engine.language.spec import PipelineSpec
from local.engine.sessions.errors import NeedsSpark, not_supplied

# As Sail and as Spark say that spark.conf.get found nothing.
_UNSET = re.compile(r"configuration not found: (\S+)|\[SQL_CONF_NOT_FOUND\].*?\"([^\"]+)\"")


def load_pipeline(
    spec: PipelineSpec,
    session: SparkSession,
    local_path: Callable[[str], str] = str,
    reading: Callable[[Definitions], AbstractContextManager[None]] = lambda _: nullcontext(),
    keep: Keep | None = None,
) -> Definitions:
    """What the pipeline's files define, run with its configuration.

    `local_path` gives where a path of a volume (`/Volumes/...`) is on this machine, `reading` a context in which the
    session reads tables while files are loaded. Raises UserError that names file and line; with `keep` that is given
    everything that is wrong, what can be read in spite of it is, and dbutils changes no file.
    """
    definitions = Definitions(spec.root, spec.catalog, spec.schema, dict(spec.configuration))
    files = spec.files()
    dbutils = DBUtils(
        definitions.configuration, local_path, lambda: definitions.file or spec.root, writes=keep is None
    )
    definitions.folders = spec.folders()
    databricks = databricks_modules(session, dbutils, has_delta=has_own("delta", definitions.folders))
    definitions.modules = modules(definitions, session, keep) | databricks
    for key, value in spec.configuration.items():
        session.conf.set(key, value)
    before = dict(session.conf.getAll)
    runner = SourceRunner(definitions, session, dbutils, keep or raised)
    tell = keep or _shown(spec.root)
    with running(definitions, session), reading(definitions):
        for file in files:
            with definitions.reading(file):
                try:
                    runner.run(file)
                except NeedsSpark:
                    # Such as for a setting: all of it is to run there.
                    raise
                except Exception as error:
                    found = placed_error(error, spec.root, Place(file, 1))
                    found.stops = True
                    tell(found)
    after = session.conf.getAll
    definitions.configuration.update({key: value for key, value in after.items() if before.get(key) != value})
    definitions.settle()
    for problem in definitions.problems():
        tell(problem)
    return definitions


@contextmanager
def running(definitions: Definitions, session: SparkSession) -> Iterator[None]:
    """The pipeline's code runs as its files expect: for loading them, and for calling its query functions."""
    with importable(definitions.root, definitions.modules, definitions.folders), active(session):
        yield


def _shown(root: Path) -> Keep:
    def tell(error: PlacedError) -> None:
        raise UserError(f"{error.place.shown(root)}: {error}") from None

    return tell


def placed_error(error: Exception, root: Path, otherwise: Place) -> PlacedError:
    """An error of the pipeline's code with its line and what to do about it, where that is known."""
    if isinstance(error, PlacedError):
        return error
    return PlacedError(place_of(error, root, otherwise), _explained(error, root), error)


def _explained(error: Exception, root: Path) -> str:
    if refused := not_supplied(error):
        return str(refused)
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, PySparkException):
        # Without the Java stack that Spark may append.
        message = str(error).split("\n\nJVM stacktrace")[0].strip()
        unset = _UNSET.search(message)
        return (
            f"the pipeline's configuration has no {unset[1] or unset[2]}: add it to the spec"
            if unset
            else message
        )
    if isinstance(error, ImportError) and (taken := taken_name(error.name or "", root)):
        return f"{error}: the name {taken} is that of a module of Python or of a package: give yours another"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"the module {error.name} is not installed: install it in the environment that runs the pipeline, or "
            "leave out what needs it"
        )
    return f"{type(error).__name__}: {error}"
