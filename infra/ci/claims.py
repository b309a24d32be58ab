"""What a change's own code says of the environments that it touches: told beside the plans that it left, as a claim."""

import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from infra.stack.environments import STACK_PREFIX

# The artifact and its one file, as infra/ci/changed_environments.py prints it.
CLAIM = "touched"
NAME = re.compile("[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class Claim:
    """Environments by name: those that the run is to have planned, and those whose state no workflow reaches."""

    planned: tuple[str, ...]
    unplanned: tuple[str, ...]


def read_claim(text: str) -> Claim | None:
    """The claim in lines such as `planned=["dev"]`; None where it cannot be read."""
    try:
        found = {
            key: json.loads(value) for key, _, value in (line.partition("=") for line in text.splitlines())
        }
        names = {key: tuple(found[key]) for key in ("planned", "unplanned")}
    except (ValueError, KeyError, TypeError):
        return None
    given = [name for each in names.values() for name in each]
    if not all(isinstance(name, str) and NAME.fullmatch(name) for name in given):
        return None
    return Claim(**names)


def claim_lines(claim: Claim | None, shown: Set[str], run: str) -> Iterator[str]:
    """A sentence for each environment without a plan among `shown`; `run` is the address of the run."""
    if claim is None:
        yield f"What this change plans could not be found out, see [the run]({run})."
        return
    for name in claim.planned:
        if name not in shown:
            yield f"The plan of {STACK_PREFIX}{name} failed, see [the run]({run})."
    for name in claim.unplanned:
        yield f"{STACK_PREFIX}{name} is touched and not planned: its state is on the machine that deploys it."
    if not shown and not claim.planned and not claim.unplanned:
        yield "No environment is touched by this change, as its own code finds."
