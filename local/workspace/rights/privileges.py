"""How privileges of Unity Catalog combine: grants, ownership, what is inherited and what is not."""

from dataclasses import dataclass
from typing import Literal

from minilake.errors import DatabricksError

from local.workspace.calls.context import Workspace
from local.workspace.rights.who import Who
from local.workspace.storage import minilake
from local.workspace.storage.minilake import Securable as StoredSecurable
from local.workspace.storage.minilake import SecurableKind
from local.workspace.unity import tables

SecurableType = Literal["METASTORE", "CATALOG", "SCHEMA", "TABLE", "VOLUME", "FUNCTION"]
_STORED: dict[str, SecurableKind] = {
    "CATALOG": "catalogs",
    "SCHEMA": "schemas",
    "VOLUME": "volumes",
    "FUNCTION": "functions",
}
_USE = {"CATALOG": "USE_CATALOG", "SCHEMA": "USE_SCHEMA"}


@dataclass(frozen=True)
class Securable:
    """Something in Unity Catalog, by its kind and full name."""

    kind: SecurableType
    full_name: str

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} '{self.full_name}'"

    @property
    def containers(self) -> list["Securable"]:
        """The catalog, and the schema below it, that hold it; nothing is inherited from the metastore."""
        parts = self.full_name.split(".")
        above: list[Securable] = []
        if self.kind != "METASTORE" and len(parts) > 1:
            above.append(Securable("CATALOG", parts[0]))
        if len(parts) > 2:
            above.append(Securable("SCHEMA", ".".join(parts[:2])))
        return above


class Privileges:
    """What one principal may do with securables, as grants and owners are now."""

    def __init__(self, ws: Workspace, who: Who) -> None:
        self._ws = ws
        self._who = who

    def exists(self, on: Securable) -> bool:
        """Whether there is such a securable."""
        return on.kind == "METASTORE" or self._owner(on) is not None

    def owns(self, on: Securable) -> bool:
        """Whether the principal, or a group that it is in, owns it; ownership of a container is not inherited."""
        return self._owner(on) in self._who.in_account

    def _owner(self, on: Securable) -> str | None:
        if on.kind == "METASTORE":
            return None
        try:
            found = (
                tables.describe(self._ws, on.full_name)
                if on.kind == "TABLE"
                else minilake.securable(_STORED[on.kind], on.full_name, StoredSecurable)
            )
        except DatabricksError:
            return None
        return (found.owner or "") if found else None

    def holds(self, privilege: str, on: Securable) -> bool:
        """Whether it owns `on` or was granted the privilege there or on a container, alone or by ALL PRIVILEGES."""
        return self.owns(on) or any(self._granted(privilege, one) for one in (*on.containers, on))

    def _granted(self, privilege: str, on: Securable) -> bool:
        given = minilake.privileges_on(on.kind, on.full_name)
        held = {one for name in self._who.in_account for one in given.get(name, ())}
        return privilege in held or ("ALL_PRIVILEGES" in held and privilege != "MANAGE")

    def lacks_use(self, on: Securable) -> tuple[str, Securable] | None:
        """The first of USE CATALOG and USE SCHEMA, on `on` and above, that is missing; of what is there."""
        for one in (*on.containers, on):
            use = _USE.get(one.kind)
            if use and self.exists(one) and not self.holds(use, one):
                return use, one
        return None

    def lacks(self, privilege: str, on: Securable) -> tuple[str, Securable] | None:
        """The first that is missing, from the top, to use a privilege; None also for what is not there."""
        missing = self.lacks_use(on)
        if missing or not self.exists(on):
            return missing
        return None if self.holds(privilege, on) else (privilege, on)

    def manages(self, on: Securable) -> bool:
        """Whether it may grant on it, change and drop it.

        So may its owner, the owner of a container, who holds MANAGE on either and may use them, the metastore's admin.
        """
        if self._who.is_metastore_admin or any(self.owns(one) for one in (*on.containers, on)):
            return True
        granted = any(self._granted("MANAGE", one) for one in (*on.containers, on))
        return granted and self.lacks_use(on) is None

    def browses(self, on: Securable) -> bool:
        """Whether it sees metadata by BROWSE, which needs no use of the containers."""
        return any(self._granted("BROWSE", one) for one in (*on.containers, on))
