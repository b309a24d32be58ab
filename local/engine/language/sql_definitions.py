"""The statements of a pipeline's SQL, as datasets and flows."""

from pathlib import Path

from pyspark.sql import SparkSession

from local.engine.language.definitions import Definitions
from local.engine.language.model import Place
from local.engine.language.places import PlacedError


def add_sql(text: str, file: Path, first_line: int, definitions: Definitions, session: SparkSession) -> None:
    """Adds what the statements of `text` define, which begins at `first_line` of `file`, to `definitions`.

    A file of SQL and a notebook's cell come here alike; the session runs what is no definition (SET, USE). Raises
    PlacedError.
    """
    del text, definitions, session
    raise PlacedError(Place(file, first_line), "SQL is not supplied yet")
