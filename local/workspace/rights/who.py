"""A principal with the groups that it is a member of, and its roles in the workspace."""

from dataclasses import dataclass

from local.workspace.calls.caller import Caller
from local.workspace.storage import directory

ADMINS = "admins"
USERS = "users"
ACCOUNT_USERS = "account users"
# Of this account group is who administers the metastore; there need not be one.
METASTORE_ADMINS = "metastore-admins"
# Groups of the workspace alone, which Unity Catalog does not know.
OF_WORKSPACE = frozenset({ADMINS, USERS})


@dataclass(frozen=True)
class Who:
    """A caller, and the names that give it rights: its own, and those of its groups, nested ones too."""

    caller: Caller
    groups: frozenset[str]

    @classmethod
    def of(cls, caller: Caller) -> "Who":
        """The caller with its groups as they are now."""
        groups = directory.groups_of(caller.name)
        return cls(caller, groups | {USERS, ACCOUNT_USERS})

    @property
    def name(self) -> str:
        """The user's name, or the service principal's application id."""
        return self.caller.name

    @property
    def in_account(self) -> frozenset[str]:
        """The names that grants of Unity Catalog may give rights to."""
        return (self.groups - OF_WORKSPACE) | {self.name}

    @property
    def in_workspace(self) -> frozenset[str]:
        """The names that permissions of the workspace may give levels to."""
        return self.groups | {self.name}

    @property
    def is_admin(self) -> bool:
        """Whether it administers the workspace."""
        return self.caller.may_do_anything or ADMINS in self.groups

    @property
    def is_metastore_admin(self) -> bool:
        """Whether it administers the metastore."""
        return self.caller.may_do_anything or METASTORE_ADMINS in self.groups
