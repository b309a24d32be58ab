"""Which changes one search for drift may tell: in a round none reaches what another of it touches."""

from collections.abc import Iterable
from itertools import permutations

from tests.infra.drift.changes.change import Change, Name

# Not seen where they were measured, but seen here: our stack declares one `databricks_grants` a securable,
# properties on each schema and a description of the job, so the change alters what is declared.
DECLARED_HERE = {
    "grant (singular): another principal granted on volume raw.olist",
    "schema property added (properties not in config)",
    "job description added (not in config)",
    "catalog owner changed (owner not in config)",
    "schema owner changed (not in config)",
    "volume owner changed (not in config)",
}
Round = list[Change]


def deploying_heals(change: Change) -> bool:
    """Whether Terraform puts it back; the finding of any other names the command that does."""
    return change.seen or change.name in DECLARED_HERE


def rounds_of(changes: Iterable[Change]) -> list[Round]:
    """Each change in the first round where it is apart from all others."""
    rounds: list[Round] = []
    for change in changes:
        free = (one for one in rounds if all(_apart(change, other) for other in one))
        found = next(free, None)
        if found is None:
            rounds.append([change])
        else:
            found.append(change)
    return rounds


def _apart(one: Change, other: Change) -> bool:
    """A command that mends one by hand may send the whole object, so nothing else of it may be changed."""
    by_hand = not (deploying_heals(one) and deploying_heals(other))
    return all(
        _names_apart(first, second) and not (by_hand and _place(first) == _place(second))
        for first in one.expected
        for second in other.expected
    )


def _names_apart(one: Name, other: Name) -> bool:
    kinds, fields = {one[0], other[0]}, (one[2], other[2])
    gone = [name for name in (one, other) if _is_gone(name)]
    if len(gone) == 2 and ("job" in kinds or "name" in fields):
        # Without its job a workspace in which more is missing is half deployed; and the deployment that brings the
        # one back would make the other, which it finds by its name, once more.
        return False
    if gone:
        # A job knows its pipelines by their ids.
        return kinds != {"job", "pipeline"} and not (_holds(one, other) or _holds(other, one))
    if one[:2] != other[:2]:
        return True
    return one[0] != "permissions" and not any(
        first.startswith(second) for first, second in permutations(fields)
    )


def _is_gone(name: Name) -> bool:
    """Whether the whole object is new or missing, or is no longer found by its name."""
    return name[2] in ("", "name")


def _holds(one: Name, other: Name) -> bool:
    """Whether `other` is about the object of `one` or about something in it."""
    place = _place(one)
    return _place(other) == place or _place(other).startswith((f"{place}.", f"{place}/"))


def _place(name: Name) -> str:
    """The object alone: grants and permissions are told with its kind before it."""
    kind, told, _ = name
    return told.partition(" ")[2] if kind in ("grants", "permissions") else told
