"""How tests wait: for what must come, never for time to pass."""

import time
from collections.abc import Callable

# Seconds, far longer than anything takes where two processes of the suite, or a whole machine, are starved of their
# processor: only a test that fails waits for as long.
PATIENCE = 600


def until(condition: Callable[[], object]) -> None:
    """Returns when the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)
