"""`lakehouse vacuum`: delete the files of old versions of the tables."""

from typing import Annotated

import typer

from common.errors import UserError
from common.home import Home
from lakehouse.commands.options import HomeOption

WEEK = 7.0


def vacuum(
    days: Annotated[float, typer.Option(min=0, help="Keep what the versions of this many days need.")] = WEEK,
    home: HomeOption = None,
) -> None:
    """Delete the files of old versions of the tables; the tables stay as they are."""
    from lakehouse.output.show import show
    from local.engine.running.rows import Rows
    from local.engine.running.vacuum import vacuum as delete
    from local.engine.storage.lock import locked, purpose
    from local.engine.storage.log import table_names

    place = Home.find(home)
    if not table_names(place.warehouse):
        raise UserError(f"{place.path} holds no table yet: `lakehouse generate`, then `lakehouse run`")
    with locked(place, purpose()):
        freed = [(each.name, each.bytes_before, each.bytes_now) for each in delete(place, days)]
    show(Rows(["table", "bytes_before", "bytes_now"], freed))


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(vacuum)
