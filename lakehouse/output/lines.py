"""What long work says while it is done."""

from collections.abc import Callable

Say = Callable[[str], None]
"""Takes one line for whoever waits."""
