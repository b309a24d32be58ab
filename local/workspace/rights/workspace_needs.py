"""Needs of folders, files, jobs and pipelines that one level does not tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minilake.errors import DatabricksError

from local.workspace.calls.errors import invalid
from local.workspace.files.paths import parent_of, workspace_path
from local.workspace.rights import refusals
from local.workspace.rights.levels import levels_from
from local.workspace.rights.needs import Asked
from local.workspace.rights.principals import may_use, principal
from local.workspace.rights.privileges import Privileges, Securable
from local.workspace.rights.who import Who
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import permissions


@dataclass(frozen=True)
class OnPath:
    """A level on a workspace path, which every folder above gives on."""

    path: str
    level: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403; what is not there is asked of the nearest folder above, so that nobody can feel about in the dark."""
        path = workspace_path(asked.fill(self.path))
        return _lacks(asked, asked.levels.nearest(path), self.level)

    def __str__(self) -> str:
        return f"{self.level} on the object"


@dataclass(frozen=True)
class Listed:
    """That a list shows an object: one may read it, or something below it."""

    path: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403 for what is out of reach."""
        path = workspace_path(asked.fill(self.path))
        return None if asked.levels.leads_to(path, "CAN_READ") else _lacks(asked, path, "CAN_READ")

    def __str__(self) -> str:
        return "CAN_READ on it or on something below it"


@dataclass(frozen=True)
class Writes:
    """CAN_EDIT to write over an object; CAN_MANAGE on the folder to make one."""

    path: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403; of a file that may turn out a notebook, whose name has no ending, on either name."""
        path = workspace_path(asked.fill(self.path))
        refused = _lacks_to_write(asked, path)
        if refused or asked.values.get("format") != "AUTO" or "." not in path.rpartition("/")[2]:
            return refused
        return _lacks_to_write(asked, path.rpartition(".")[0])

    def __str__(self) -> str:
        return "CAN_EDIT on the object; for a new one CAN_MANAGE on its folder"


def _lacks_to_write(asked: Asked, path: str) -> DatabricksError | None:
    if asked.levels.exists(path):
        return _lacks(asked, path, "CAN_EDIT")
    return _lacks(asked, asked.levels.nearest(parent_of(path)), "CAN_MANAGE")


def _lacks(asked: Asked, path: str, level: str) -> DatabricksError | None:
    if asked.levels.has_on(path, level):
        return None
    return refusals.lacks_level(asked.who.name, levels_from("directories", level), "path", path)


class MakesFolder:
    """CAN_MANAGE on the nearest folder that is there, unless all of them are."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403."""
        path = workspace_path(asked.fill("{path}"))
        if asked.levels.exists(path):
            return _lacks(asked, path, "CAN_READ")
        return _lacks(asked, asked.levels.nearest(path), "CAN_MANAGE")

    def __str__(self) -> str:
        return "CAN_MANAGE on the folder above"


class SeesPermissions:
    """CAN_MANAGE on the object, to read its permissions as to change them."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403 with the words of the permissions API."""
        kind, object_id = asked.fill("{object_type}"), asked.fill("{object_id}")
        if kind not in permissions.LEVELS or asked.levels.has(
            kind, object_id, _MANAGES.get(kind, "CAN_MANAGE")
        ):
            return None
        return refusals.may_not_see_permissions(asked.who.name, kind, object_id)

    def __str__(self) -> str:
        return "CAN_MANAGE or IS_OWNER on the object"


_MANAGES = {"jobs": "IS_OWNER", "pipelines": "IS_OWNER", "warehouses": "IS_OWNER"}


class KeepsOneOwner:
    """That a list of permissions names exactly one owner, no group, and another one only by an admin."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """400 or 403."""
        kind = asked.fill("{object_type}")
        if kind not in _MANAGES:
            return None
        owners = [one for one in _entries(asked) if _owns(one)]
        label = kind.removesuffix("s")
        if len(owners) != 1:
            return invalid(f"The {label} must have exactly one owner.")
        if owners[0].get("group_name"):
            return invalid(f"A group cannot be the owner of a {label}.")
        return _owner_stays(asked, kind, _owner(asked, kind))

    def __str__(self) -> str:
        return "exactly one owner, no group; another one: admin"


@dataclass(frozen=True)
class LeavesOwner:
    """That permissions which are added leave the owner as it is; of something `new` of a kind that is its creator."""

    new: str = ""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403."""
        kind = self.new or asked.fill("{object_type}")
        if kind not in _MANAGES:
            return None
        owner = asked.who.name if self.new else _owner(asked, kind)
        return _owner_stays(asked, kind, owner)

    def __str__(self) -> str:
        return "the owner stays; another one: admin"


def _owner(asked: Asked, kind: str) -> str:
    return permissions.owner_of(asked.ws, kind, asked.fill("{object_id}")).name


def _owner_stays(asked: Asked, kind: str, owner: str) -> DatabricksError | None:
    """403 for another owner, or another level of the owner: whoever owns a job is whom it runs as."""
    if asked.who.is_admin or all(_owns(one) == (_name(one) == owner) for one in _entries(asked)):
        return None
    return refusals.denied(f"Only an administrator may change the owner of a {kind.removesuffix('s')}.")


def _entries(asked: Asked) -> list[Mapping[str, Any]]:
    """The permissions that the call names."""
    given = asked.values.get("access_control_list")
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []


def _owns(entry: Mapping[str, Any]) -> bool:
    return entry.get("permission_level") == "IS_OWNER"


def _name(entry: Mapping[str, Any]) -> Any:
    return entry.get("user_name") or entry.get("service_principal_name")


@dataclass(frozen=True)
class RunsAs:
    """The role Service Principal User on the principal that a job or pipeline is to run as; oneself needs none."""

    settings: str = ""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403."""
        chosen = _run_as(_settings(asked, self.settings))
        if chosen is None or chosen == asked.who.name or may_use(asked.ws, asked.who, chosen):
            return None
        return refusals.denied(
            f"User {asked.who.name} does not have the Service Principal User role on service principal {chosen}."
        )

    def __str__(self) -> str:
        return "for run_as: oneself, or the role Service Principal User"


@dataclass(frozen=True)
class RunnerMakesTables:
    """That whoever a new pipeline runs as may create tables where they go, before it is made."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403 that names the schema and every table in it."""
        catalog, schema = (
            asked.values.get("catalog"),
            asked.values.get("schema") or asked.values.get("target"),
        )
        if not catalog or not schema:
            return None
        chosen = _run_as(asked.values)
        runner = Who.of(principal(chosen)) if chosen else asked.who
        target = Securable("SCHEMA", f"{catalog}.{schema}")
        lacking = Privileges(asked.ws, runner).lacks("CREATE_TABLE", target)
        if lacking is None:
            return None
        privilege, on = lacking
        shown = f"{on.kind.capitalize()} '{on.full_name}.*'" if privilege == "CREATE_TABLE" else on
        return refusals.lacks_privilege(privilege, shown)

    def __str__(self) -> str:
        return "its run_as: CREATE TABLE on the target schema"


def _settings(asked: Asked, field: str) -> Mapping[str, Any]:
    found = asked.values.get(field) if field else asked.values
    return found if isinstance(found, Mapping) else {}


def _run_as(settings: Mapping[str, Any]) -> str | None:
    found = settings.get("run_as")
    given = found if isinstance(found, Mapping) else {}
    return given.get("service_principal_name") or given.get("user_name")


# How the permissions API calls alerts of the second version.
_ALERTS = "alertsv2"


@dataclass(frozen=True)
class OnAlert:
    """A level on an alert, its own or its folder's; one without a folder is its creator's."""

    level: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """403; an alert that is not there is for the handler to tell."""
        alert_id = asked.fill("{id}")
        there = permissions.holding_folder(asked.ws, _ALERTS, alert_id) is not None
        if not there or asked.levels.has(_ALERTS, alert_id, self.level):
            return None
        return refusals.lacks_level(asked.who.name, levels_from(_ALERTS, self.level), "alert", alert_id)

    def __str__(self) -> str:
        return f"{self.level} on the alert"


class _Attempt(Record):
    run_id: int


class _RunOfJob(Record):
    """What tells which job a run, or one of its tasks, belongs to."""

    run_id: int
    job_id: int | None = None
    creator_user_name: str
    tasks: tuple[_Attempt, ...] = ()
    earlier_attempts: tuple[_Attempt, ...] = ()


_RUNS = Collection("runs", _RunOfJob)
_WHOLE_NUMBER = re.compile("[1-9][0-9]*")


@dataclass(frozen=True)
class OnRun:
    """A level on the job of a run; a run without a job is its creator's."""

    level: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused as the job is; a run that is not there is for the handler to tell. 400 for what is no number."""
        run_id = asked.fill("{run_id}")
        # The handler takes 07 and 7.0 for 7; here no such run would be found, and nothing refused.
        if not _WHOLE_NUMBER.fullmatch(run_id):
            raise invalid(f"{run_id} is no id of a run")
        run = _run(asked, run_id)
        if run is None or (run.job_id is None and run.creator_user_name == asked.who.name):
            return None
        if run.job_id is not None and asked.levels.has("jobs", str(run.job_id), self.level):
            return None
        return refusals.lacks_level(
            asked.who.name, levels_from("jobs", self.level), "job", str(run.job_id or "of the run")
        )

    def __str__(self) -> str:
        return f"{self.level} on the job; without a job: who started it"


def _run(asked: Asked, run_id: str) -> _RunOfJob | None:
    if found := _RUNS.get(asked.ws.store, run_id):
        return found
    return next(
        (
            run
            for run in _RUNS.all(asked.ws.store)
            if any(str(one.run_id) == run_id for one in (*run.tasks, *run.earlier_attempts))
        ),
        None,
    )
