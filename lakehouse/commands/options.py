"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.output.formats import RowFormat

ENGINE_VARIABLE = "LAKEHOUSE_ENGINE"


class Engine(StrEnum):
    """What runs the queries."""

    AUTO = "auto"
    SAIL = "sail"
    SPARK = "spark"


EngineOption = Annotated[
    Engine,
    typer.Option(
        envvar=ENGINE_VARIABLE,
        help="Sail and, for what it lacks, Apache Spark (auto); or one of them alone.",
    ),
]

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the lakehouse; default $LAKEHOUSE_HOME or .lakehouse."),
]

FormatOption = Annotated[RowFormat, typer.Option("--format", help="How the rows are written.")]
