"""`lakehouse dev`: keep an engine warm and run what an edit affects."""

from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

IDLE_MINUTES = 30


def dev(
    idle_minutes: Annotated[
        float, typer.Option(min=0.1, help="End after this long without an edit or a `lakehouse run`.")
    ] = IDLE_MINUTES,
    home: HomeOption = None,
) -> None:
    """Keep one engine up; run what an edited file affects as soon as it is saved, and show what changed.

    `lakehouse run` in another terminal uses this engine. It ends with Ctrl-C, with its terminal, or when idle.
    """
    from lakehouse.dev.loop import Loop

    Loop(Home.find(home), idle_minutes * 60).run()


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(dev)
