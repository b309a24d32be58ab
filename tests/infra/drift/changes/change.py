"""One change by hand: how to make it, how to put it back, and what drift must say of it."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any, NamedTuple

from databricks.sdk.errors import NotFound

from tests.infra.drift.world import DASHBOARD, JOB, PIPELINES, Undo, World

Name = tuple[str, str, str]
Edit = Callable[[dict[str, Any]], object]


class Change(NamedTuple):
    """`seen`: whether Terraform's plan sees it; `expected`: kind, object and field of each finding."""

    name: str
    seen: bool
    expected: tuple[Name, ...]
    make: Callable[[World], Undo]


def job_edit(name: str, field: str, edit: Edit, *, seen: bool = True) -> Change:
    """Change the job's settings as its page in the workspace would."""

    def make(world: World) -> Undo:
        job_id, before = world.job_id, world.job_settings()
        after = deepcopy(before)
        edit(after)
        world.reset_job(job_id, after)
        return lambda: world.reset_job(job_id, before)

    return Change(name, seen, (("job", JOB, field),), make)


def pipeline_edit(name: str, field: str, edit: Edit, *, seen: bool = True, key: str = "medallion") -> Change:
    """Change a pipeline's settings."""

    def make(world: World) -> Undo:
        pipeline_id = world.pipeline_id(key)
        before = world.pipeline_spec(pipeline_id)
        after = deepcopy(before)
        edit(after)
        world.put_pipeline(pipeline_id, after)
        return lambda: world.put_pipeline(pipeline_id, before)

    return Change(name, seen, (("pipeline", PIPELINES[key], field),), make)


def dashboard_edit(name: str, field: str, body: dict[str, Any]) -> Change:
    """Change the dashboard as its page in the workspace would."""

    def make(world: World) -> Undo:
        found = world.dashboard()
        path = f"/api/2.0/lakeview/dashboards/{found['dashboard_id']}"
        before = {key: found[key] for key in body}
        world.do("PATCH", path, body)
        return lambda: world.do("PATCH", path, before)

    return Change(name, True, (("dashboard", DASHBOARD, field),), make)


def grants_change(
    name: str, kind: str, full_name: str, changes: list[dict[str, Any]], *principals: str, seen: bool = True
) -> Change:
    """Grant and revoke; every privilege named was granted, or was not, before."""

    def make(world: World) -> Undo:
        path = f"/api/2.1/unity-catalog/permissions/{kind}/{full_name}"
        back = [
            {"principal": one["principal"], "add": one.get("remove", []), "remove": one.get("add", [])}
            for one in changes
        ]
        world.do("PATCH", path, {"changes": changes})
        return lambda: world.do("PATCH", path, {"changes": back})

    expected = tuple(("grants", f"{kind} {full_name}", principal) for principal in principals)
    return Change(name, seen, expected, make)


def securable_edit(
    name: str, kind: str, full_name: str, field: str, body: dict[str, Any], *, seen: bool = True
) -> Change:
    """Change fields of a catalog, schema or volume."""

    def make(world: World) -> Undo:
        path = f"/api/2.1/unity-catalog/{kind}s/{full_name}"
        found = world.do("GET", path)
        before = {key: found[key] for key in body}
        world.do("PATCH", path, body)
        return lambda: world.do("PATCH", path, before)

    return Change(name, seen, ((kind, full_name, field),), make)


def permission_change(
    name: str, kind: str, principal: str, levels: dict[str, str], *, keep: bool = False
) -> Change:
    """Set what the principal has to `levels` (by field=name), or add them to those there are."""

    def make(world: World) -> Undo:
        object_id = world.job_id if kind == "job" else world.pipeline_id("medallion")
        path = f"/api/2.0/permissions/{kind}s/{object_id}"
        entries = [
            dict([key.split("=")], permission_level=level)  # pyright: ignore[reportArgumentType, reportCallIssue]
            for key, level in levels.items()
        ]
        declared = next(
            one
            for name, one in world.stack.configuration["resource"]["databricks_permissions"].items()
            if name == ("permissions_job" if kind == "job" else "permissions_pipeline_medallion")
        )
        others = [one for one in declared["access_control"] if one.get("group_name") != principal]
        world.do("PATCH" if keep else "PUT", path, {"access_control_list": [*others, *entries]})
        return lambda: world.do("PUT", path, {"access_control_list": declared["access_control"]})

    named = f"job {JOB}" if kind == "job" else f"pipeline {PIPELINES['medallion']}"
    return Change(name, True, (("permissions", named, principal),), make)


def gone(name: str, expected: Name, delete: Callable[[World], object]) -> Change:
    """Delete something; deploying again brings it back."""

    def make(world: World) -> Undo:
        delete(world)
        return world.deploy

    return Change(name, True, (expected,), make)


def unless_gone(undo: Undo) -> Undo:
    """Undo what the way back may have undone already."""

    def tolerant() -> None:
        with suppress(NotFound):
            undo()

    return tolerant
