"""Each row of the table, played by a principal that has exactly what it needs, and by one that lacks one of it."""

import pytest
import requests

from local.workspace.http.authorization import OPERATIONS
from tests.local.workspace.rights.cases import Case, cases
from tests.local.workspace.rights.world import Json, Right, World

# What deletes the world comes last, a run before its job.
NAMES = sorted(
    (one.name for one in OPERATIONS),
    key=lambda name: (name.startswith(("delete a ", "delete an alert")), name != "delete a run"),
)


def test_every_operation_has_a_case(world: World) -> None:
    assert set(cases(world)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_call_takes_exactly_the_rights_of_its_row(world: World, name: str) -> None:
    case = cases(world)[name]
    rights = [
        (kind, world.folder if named == "FOLDER" else named, level) for kind, named, level in case.rights
    ]
    for missing in rights:
        others = [right for right in rights if right != missing]
        world.give(others)
        try:
            _is_refused(_asked(world, case), case, missing)
        finally:
            world.take(others)
    world.give(rights)
    try:
        answer = _asked(world, case)
        assert answer.status_code not in (401, 403), answer.text
        assert not case.rows or _rows(answer, case), answer.text
    finally:
        world.take(rights)
        if case.before:
            case.before(world)


def _asked(world: World, case: Case) -> requests.Response:
    if case.before:
        case.before(world)
    return world.ask(case.method, case.path.replace("FOLDER", world.folder), case.body)


def _is_refused(answer: requests.Response, case: Case, missing: Right) -> None:
    if case.rows:
        assert answer.status_code == 200
        assert not _rows(answer, case), answer.text
        return
    assert answer.status_code == 403, answer.text
    if case.method == "HEAD":
        return
    told = answer.json()
    assert told["error_code"] == "PERMISSION_DENIED"
    kind, _, right = missing
    if kind.isupper() and right != "BROWSE":
        assert f"User does not have {right.replace('_', ' ')} on " in told["message"]


def _rows(answer: requests.Response, case: Case) -> list[Json]:
    return answer.json()[case.rows]
