"""Ctrl-C and SIGTERM while Terraform works: it is told once, and waited for.

Terraform ends at its second signal without writing down what it made, and holds the lock. A terminal sends Ctrl-C to
a whole group of processes, so Terraform is in a group of its own and gets the one that is passed on.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
FIRST = (
    "\nTerraform is told to stop: it ends what it has begun, writes its state and lets the lock go. Waiting."
)
AGAIN = (
    "\nTerraform is still stopping. To end it at once is `kill -9 {process}`: what it made since is then in no state, "
    "and the lock stays (docs/infrastructure/recover-state.md). Waiting."
)


def run_to_its_end(
    command: Sequence[str], environment: Mapping[str, str], *, quiet: bool
) -> tuple[int, str | None]:
    """Run `command` and return its exit code and, if `quiet`, its output, which is not shown then.

    Raises KeyboardInterrupt once it has ended, where a signal came while it ran; FileNotFoundError when there is no
    such program.
    """
    with _Interrupts() as interrupts:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdout=subprocess.PIPE if quiet else None,
            text=True,
            process_group=0,
        )
        interrupts.are_for(process)
        output, _ = process.communicate()
    if interrupts.came:
        raise KeyboardInterrupt
    return process.returncode, output


class _Interrupts:
    """Passes the first signal on as an interrupt; says at each further one what is waited for."""

    def __init__(self) -> None:
        self.came = False
        self._process: subprocess.Popen[str] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "_Interrupts":
        # Before the process is there: one that comes while it starts must not be lost.
        self._before = {number: signal.signal(number, self._take) for number in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def are_for(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        if self.came:
            self._pass_on(process)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        first, self.came = not self.came, True
        if self._process is None:
            return
        if first:
            self._pass_on(self._process)
        else:
            _say(AGAIN.format(process=self._process.pid))

    def _pass_on(self, process: "subprocess.Popen[str]") -> None:
        _say(FIRST)
        process.send_signal(signal.SIGINT)


def _say(text: str) -> None:
    # Not print: a handler may have broken into one.
    os.write(sys.stderr.fileno(), f"{text}\n".encode())
