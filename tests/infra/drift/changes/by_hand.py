"""Does what the commands of the findings say: the Databricks CLI sends their JSON to these very calls."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from databricks.sdk.service.workspace import Language

from common.checkout import REPOSITORY
from tests.infra.drift.world import NOTEBOOK, UNITY, World

Words = list[str]
Body = dict[str, Any]


def follow(world: World, command: str) -> None:
    """Run one `databricks ...` command against the world's workspace."""
    program, group, verb, *words = shlex.split(command)
    assert program == "databricks"
    body = json.loads(words[words.index("--json") + 1]) if "--json" in words else {}
    _CALLS[group, verb](world, words, body)


def _securable(kind: str) -> Callable[[World, Words, Body], object]:
    return lambda world, words, body: world.do("PATCH", f"{UNITY}/{kind}/{words[0]}", body)


def _grants(world: World, words: Words, body: Body) -> None:
    world.do("PATCH", f"{UNITY}/permissions/{words[0]}/{words[1]}", body)


def _import(world: World, words: Words, _: Body) -> None:
    file = Path(words[words.index("--file") + 1])
    if words[0] == NOTEBOOK:
        language = Language(words[words.index("--language") + 1])
        world.import_notebook((world.stack.folder / f"{file}.py").read_bytes(), language)
    else:
        assert words[-3:] == ["--format", "RAW", "--overwrite"]
        world.upload(words[0], (REPOSITORY / file).read_bytes())


def _delete(world: World, words: Words, _: Body) -> None:
    world.client.workspace.delete(words[0], recursive="--recursive" in words)


_CALLS: dict[tuple[str, str], Callable[[World, Words, Body], object]] = {
    ("catalogs", "update"): _securable("catalogs"),
    ("schemas", "update"): _securable("schemas"),
    ("volumes", "update"): _securable("volumes"),
    ("schemas", "delete"): lambda world, words, _: world.client.schemas.delete(words[0]),
    ("grants", "update"): _grants,
    ("jobs", "reset"): lambda world, _, body: world.do("POST", "/api/2.2/jobs/reset", body),
    ("pipelines", "update"): lambda world, words, body: world.do(
        "PUT", f"/api/2.0/pipelines/{words[0]}", body
    ),
    ("workspace", "import"): _import,
    ("workspace", "delete"): _delete,
}
