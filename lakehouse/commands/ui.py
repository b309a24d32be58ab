"""`lakehouse ui`: the page."""

import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from common.home import Home
from lakehouse.commands.options import HomeOption

DEFAULT_PORT = 8124


def ui(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = DEFAULT_PORT,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
    export: Annotated[
        Path | None, typer.Option(help="Write the page as one file, which works without server and network.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Show the lakehouse in the browser: figures, graph, columns, quality, runs and rows; Ctrl-C ends it."""
    from lakehouse.output.paths import must_have_folder
    from lakehouse.page.serving.server import serve_page

    place = Home.find(home)
    if export:
        must_have_folder(export)
        from lakehouse.page.export import exported_page

        export.write_text(exported_page(place), encoding="utf-8")
        typer.echo(f"{export}: open it in any browser; personal data is left out")
        return

    def ready(link: str) -> None:
        typer.echo(f"{link}\nCtrl-C ends it", nl=True)
        if browser:
            webbrowser.open(link)

    # As a server ends.
    with suppress(KeyboardInterrupt):
        serve_page(place, port, ready)


def register(app: typer.Typer) -> None:
    """Add the command to `lakehouse`."""
    app.command()(ui)
