"""What an operation asks of its caller. Names in braces stand for what the call says: `{catalog_name}`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

from minilake.errors import DatabricksError

from local.workspace.calls.context import Workspace
from local.workspace.calls.errors import invalid
from local.workspace.rights import refusals
from local.workspace.rights.levels import Levels, levels_from
from local.workspace.rights.privileges import Privileges, Securable, SecurableType
from local.workspace.rights.who import Who


@dataclass(frozen=True)
class Asked:
    """One call: who makes it, and what it says in its path, its query and its body."""

    ws: Workspace
    who: Who
    values: Mapping[str, object]

    @property
    def privileges(self) -> Privileges:
        """The caller's privileges in Unity Catalog."""
        return Privileges(self.ws, self.who)

    @property
    def levels(self) -> Levels:
        """The caller's levels on the objects of the workspace."""
        return Levels(self.ws, self.who)

    def fill(self, template: str) -> str:
        """The template with the call's values; 400 when the call lacks one."""
        try:
            return template.format_map(self.values)
        except KeyError as error:
            raise invalid(f"{error.args[0]} is missing") from None

    def with_row(self, row: Mapping[str, object]) -> "Asked":
        """The same call about one row of its answer."""
        return replace(self, values={**self.values, **row})


class Need(Protocol):
    """Something that a caller must have; as text it is what the documentation says."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """What the call is answered when the caller lacks it; None when nothing is lacking."""
        ...


@dataclass(frozen=True)
class On:
    """A securable that a call names."""

    kind: SecurableType
    name: str

    def of(self, asked: Asked) -> Securable:
        """It, as this call names it."""
        return Securable(self.kind, asked.fill(self.name))

    def __str__(self) -> str:
        return self.kind.lower()


class Anybody:
    """Nothing but a token."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """None."""

    def __str__(self) -> str:
        return "nothing"


@dataclass(frozen=True)
class Admin:
    """To administer the workspace."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused unless the caller is in the group `admins`."""
        if not asked.who.is_admin:
            return refusals.denied(f"User {asked.who.name} is not an administrator of the workspace.")
        return None

    def __str__(self) -> str:
        return "admin of the workspace"


@dataclass(frozen=True)
class Privilege:
    """A privilege on a securable or inherited by it, with the use of it and of what holds it."""

    privilege: str
    on: On

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused by the first that lacks, from the top; what is not there is for the handler to tell."""
        lacking = asked.privileges.lacks(self.privilege, self.on.of(asked))
        return refusals.lacks_privilege(*lacking) if lacking else None

    def __str__(self) -> str:
        return f"{self.privilege.replace('_', ' ')} on the {self.on}"


@dataclass(frozen=True)
class Manager:
    """To manage a securable: as owner, as owner of a container, by MANAGE, or as admin of the metastore."""

    on: On

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused with the words for MANAGE; what is not there is for the handler to tell, if one may look."""
        securable, privileges = self.on.of(asked), asked.privileges
        if privileges.manages(securable):
            return None
        lacking = privileges.lacks_use(securable)
        if lacking or privileges.exists(securable):
            return refusals.lacks_privilege(*(lacking or ("MANAGE", securable)))
        return None

    def __str__(self) -> str:
        return f"manager of the {self.on}"


@dataclass(frozen=True)
class Ownership:
    """To own a securable and use what holds it."""

    on: On

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused with the words for MANAGE."""
        securable, privileges = self.on.of(asked), asked.privileges
        lacking = privileges.lacks_use(securable)
        if lacking or (privileges.exists(securable) and not privileges.owns(securable)):
            return refusals.lacks_privilege(*(lacking or ("MANAGE", securable)))
        return None

    def __str__(self) -> str:
        return f"owner of the {self.on}"


@dataclass(frozen=True)
class ObjectLevel:
    """A level on an object of the workspace, or a higher one."""

    kind: str
    object_id: str
    level: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused with the levels that would do: of a job before anybody says whether there is one."""
        object_id = asked.fill(self.object_id)
        if self.kind == "pipelines" and asked.ws.store.get(self.kind, object_id) is None:
            return None
        if asked.levels.has(self.kind, object_id, self.level):
            return None
        return refusals.lacks_level(
            asked.who.name, levels_from(self.kind, self.level), self.kind.removesuffix("s"), object_id
        )

    def __str__(self) -> str:
        return f"{self.level} on the {self.kind.removesuffix('s')}"


class AnyOf:
    """One of several; refused as the first of them is."""

    def __init__(self, *needs: Need) -> None:
        self.needs = needs

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused when all of them are."""
        refused = [one.refusal(asked) for one in self.needs]
        return None if None in refused else cast(DatabricksError, refused[0])

    def __str__(self) -> str:
        return ", or ".join(map(str, self.needs))


class AllOf:
    """Several; refused as the first that lacks."""

    def __init__(self, *needs: Need) -> None:
        self.needs = needs

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused when one of them is."""
        return next((error for one in self.needs if (error := one.refusal(asked))), None)

    def __str__(self) -> str:
        return " and ".join(map(str, self.needs))
