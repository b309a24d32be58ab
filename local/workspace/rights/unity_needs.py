"""Needs of Unity Catalog that one privilege does not tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from minilake.errors import DatabricksError

from local.workspace.calls.errors import invalid
from local.workspace.rights import refusals
from local.workspace.rights.needs import Asked, On, Privilege
from local.workspace.rights.privileges import Securable, SecurableType
from local.workspace.rights.who import OF_WORKSPACE
from local.workspace.storage import directory, minilake

METASTORE = Securable("METASTORE", minilake.METASTORE_ID)
_ENTITIES = {"catalogs": "CATALOG", "schemas": "SCHEMA", "volumes": "VOLUME", "tables": "TABLE"}


@dataclass(frozen=True)
class OnMetastore:
    """A privilege on the metastore itself, which its admin does not need."""

    privilege: str

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused like any privilege."""
        if asked.who.is_metastore_admin or asked.privileges.holds(self.privilege, METASTORE):
            return None
        return refusals.lacks_privilege(self.privilege, METASTORE)

    def __str__(self) -> str:
        return f"{self.privilege.replace('_', ' ')} on the metastore"


@dataclass(frozen=True)
class NamedKind(On):
    """A securable whose kind the call names, too."""

    def of(self, asked: Asked) -> Securable:
        """It; 400 when the name does not fit the kind, or nothing of the kind can be here."""
        full_name = asked.fill(self.name)
        kind = minilake.securable_type(asked.fill(self.kind), full_name)
        if kind not in get_args(SecurableType):
            raise invalid(f"The local workspace has no grants on {kind}")
        return Securable(kind, full_name)  # pyright: ignore[reportArgumentType]

    def __str__(self) -> str:
        return "securable"


GRANTED = NamedKind("{kind}", "{full_name}")  # pyright: ignore[reportArgumentType]
GOVERNED = NamedKind("{on_securable_type}", "{on_securable_fullname}")  # pyright: ignore[reportArgumentType]


class ExecutesItsFunction:
    """EXECUTE on the function that a policy filters rows or masks columns by."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused like any privilege; a function that is not there is for the handler to tell."""
        for field in ("row_filter", "column_mask"):
            used = asked.values.get(field)
            if isinstance(used, Mapping) and (name := used.get("function_name")):
                lacking = asked.privileges.lacks("EXECUTE", Securable("FUNCTION", str(name)))
                if lacking:
                    return refusals.lacks_privilege(*lacking)
        return None

    def __str__(self) -> str:
        return "EXECUTE on its function"


class Tagged(On):
    """What a tag is put on; a column is tagged with the rights on its table."""

    def of(self, asked: Asked) -> Securable:
        """It; 400 when the kind cannot be tagged."""
        kind, name = asked.fill("{entity_type}"), asked.fill("{entity_name}")
        if kind == "columns":
            return Securable("TABLE", name.rpartition(".")[0])
        if kind not in _ENTITIES:
            raise invalid(f"{kind} cannot be tagged: catalogs, schemas, volumes, tables and columns can")
        return Securable(_ENTITIES[kind], name)  # pyright: ignore[reportArgumentType]

    def __str__(self) -> str:
        return "securable (of a column: its table)"


TAGGED = Tagged("METASTORE", "")


_TO_SEE = {
    "CATALOG": "USE_CATALOG",
    "SCHEMA": "USE_SCHEMA",
    "TABLE": "SELECT",
    "VOLUME": "READ_VOLUME",
    "FUNCTION": "EXECUTE",
}


@dataclass(frozen=True)
class Sees:
    """What it takes to see a securable's metadata; lists do not count BROWSE."""

    on: On
    by_browse: bool = True

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused by what lacks to use it."""
        securable, privileges = self.on.of(asked), asked.privileges
        if privileges.manages(securable) or (self.by_browse and privileges.browses(securable)):
            return None
        lacking = privileges.lacks(_TO_SEE.get(securable.kind, "MANAGE"), securable)
        return refusals.lacks_privilege(*lacking) if lacking else None

    def __str__(self) -> str:
        privilege = _TO_SEE.get(self.on.kind)
        shown = f"{privilege.replace('_', ' ')} on the {self.on}" if privilege else f"to see the {self.on}"
        return f"{shown}, or its manager" + (", or BROWSE" if self.by_browse else "")


class OwnGrant:
    """That a row of grants is the caller's own, or one of its groups'."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """Refused for anybody else's."""
        mine = asked.fill("{principal}") in asked.who.in_account
        return None if mine else refusals.denied("not yours")

    def __str__(self) -> str:
        return "own grants"


class KnownPrincipals:
    """That each principal which a change of grants names is one of the account."""

    def refusal(self, asked: Asked) -> DatabricksError | None:
        """404 for an unknown one and a group of the workspace; 400 for a privilege added and removed at once."""
        changes: Any = asked.values.get("changes")
        for change in changes if isinstance(changes, list) else []:
            if isinstance(change, Mapping) and (error := _wrong(change)):
                return error
        return None

    def __str__(self) -> str:
        return "principals of the account"


def _wrong(change: Mapping[str, Any]) -> DatabricksError | None:
    name, added, removed = change.get("principal"), change.get("add") or [], change.get("remove") or []
    if both := set(map(str, added)) & set(map(str, removed)):
        return invalid(f"{', '.join(sorted(both))} cannot be both added and removed")
    if added and (str(name) in OF_WORKSPACE or not directory.is_principal(str(name))):
        message = f"Could not find principal with name {name}"
        return DatabricksError("PRINCIPAL_DOES_NOT_EXIST", message, 404)
    return None


def both(on: On, *privileges: str) -> tuple[Privilege, ...]:
    """Several privileges on one securable."""
    return tuple(Privilege(privilege, on) for privilege in privileges)
