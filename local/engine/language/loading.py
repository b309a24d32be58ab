"""Runs a pipeline's files, and so collects what they define."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.language.active_session import active
from local.engine.language.definitions import Definitions
from local.engine.language.imports import importable
from local.engine.language.places import place_of
from local.engine.language.python_api import modules
from local.engine.language.spec import PipelineSpec


def load(spec: PipelineSpec, session: SparkSession) -> Definitions:
    """What the pipeline's files define, run with its configuration. Raises UserError that names file and line."""
    definitions = Definitions(spec.root, spec.catalog, spec.schema, dict(spec.configuration))
    files = spec.files()
    definitions.modules = modules(definitions, session)
    definitions.folders = (*spec.import_folders, *dict.fromkeys(file.parent for file in files))
    for key, value in spec.configuration.items():
        session.conf.set(key, value)
    before = dict(session.conf.getAll)
    with running(definitions, session):
        for file in files:
            with definitions.reading(file), named_errors(spec.root, file):
                _run(file, definitions, session)
    after = session.conf.getAll
    definitions.configuration |= {key: value for key, value in after.items() if before.get(key) != value}
    definitions.settle()
    return definitions


@contextmanager
def running(definitions: Definitions, session: SparkSession) -> Iterator[None]:
    """The pipeline's code runs as its files expect: for loading them, and for calling its query functions."""
    with importable(definitions.root, definitions.modules, definitions.folders), active(session):
        yield


@contextmanager
def named_errors(root: Path, otherwise: Path) -> Iterator[None]:
    """Every error of the pipeline's code becomes a UserError that begins with `file:line`."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{place_of(error, root, otherwise)}: {error}") from None
    except PySparkException as error:
        # Without the Java stack that Spark may append.
        message = str(error).split("\n\nJVM stacktrace")[0].strip()
        raise UserError(f"{place_of(error, root, otherwise)}: {message}") from None
    except Exception as error:
        raise UserError(f"{place_of(error, root, otherwise)}: {type(error).__name__}: {error}") from None


def _run(file: Path, definitions: Definitions, session: SparkSession) -> None:
    name = ".".join(file.relative_to(definitions.root).with_suffix("").parts)
    module_spec = importlib.util.spec_from_file_location(name, file)
    assert module_spec and module_spec.loader
    module: Any = importlib.util.module_from_spec(module_spec)
    module.spark = session
    sys.modules[name] = module
    module_spec.loader.exec_module(module)
