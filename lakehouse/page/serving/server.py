"""Serves the page on loopback until it is told to end."""

import secrets
from collections.abc import Callable

from common.home import Home
from common.loopback import HOST, listening, serve_app
from lakehouse.page.serving.app import page_app
from lakehouse.page.serving.gate import PARAMETER, PageGate


def serve_page(home: Home, port: int, ready: Callable[[str], None]) -> None:
    """Serves the page of a home; `ready` gets the link, token included, when it answers.

    Port 0 takes any free one. UserError for a port that cannot be used.
    """
    with listening(port) as listener:
        bound, token = listener.getsockname()[1], secrets.token_urlsafe(24)
        link = f"http://{HOST}:{bound}/?{PARAMETER}={token}"
        # A browser that follows a run keeps its connection: the end does not wait for it.
        serve_app(PageGate(page_app(home), bound, token), listener, lambda: ready(link), grace_seconds=1)
