"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from lakehouse.output.formats import RowFormat

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the lakehouse; default $LAKEHOUSE_HOME or .lakehouse."),
]

FormatOption = Annotated[RowFormat, typer.Option("--format", help="How the rows are written.")]
