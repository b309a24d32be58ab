"""`lakehouse load-olist`: the real Olist files as the raw layer."""

from pathlib import Path
from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption


def load_olist(
    folder: Annotated[
        Path, typer.Argument(help="The folder of the real files, olist_orders_dataset.csv and so on.")
    ],
    home: HomeOption = None,
) -> None:
    """Take the real Olist CSV files as raw files: linked where the disk allows it, else copied; never changed."""
    from lakehouse.olist import load_files
    from local.engine.storage.lock import locked, purpose

    place = Home.find(home)
    with locked(place, purpose()):
        files = load_files(folder, place)
    for file in files:
        typer.echo(file)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command("load-olist")(load_olist)
