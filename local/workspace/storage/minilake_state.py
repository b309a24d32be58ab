"""What minilake keeps in its modules (Unity Catalog, grants, users, secrets and so on), kept in the store.

minilake itself writes one file at a clean stop only; here every changed module is on disk before the call
that changed it is answered.
"""

import json
from importlib import import_module
from typing import Any

from local.workspace.storage.store import Store

# Its jobs, workspace, permissions, files and SQL statements are replaced or left out.
SERVICES = (
    "identity",
    "scim",
    "tokens",
    "sql_warehouses",
    "saved_queries",
    "alerts",
    "unity_catalog",
    "grants",
    "cluster_policies",
    "instance_pools",
    "secrets",
    "workspace_admin",
    "catchall",
)
_KIND = "minilake"


def service(name: str) -> Any:
    """One of minilake's service modules; its `_state` is what it remembers."""
    return import_module(f"minilake.services.{name}")


class MinilakeState:
    """Saves what changed and brings it back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._saved: dict[str, str] = {}

    def restore(self) -> None:
        """Give every module what it held when the workspace stopped."""
        for name in SERVICES:
            kept = self._store.get(_KIND, name)
            if kept is not None:
                service(name).restore_state(kept)
            self._saved[name] = self._now(name)

    def save(self) -> None:
        """Write the modules that changed since the last time, all of them or none."""
        changed = {name: text for name in SERVICES if (text := self._now(name)) != self._saved[name]}
        if not changed:
            return
        with self._store.transaction():
            for name, text in changed.items():
                self._store.put(_KIND, name, json.loads(text))
        self._saved.update(changed)

    @staticmethod
    def _now(name: str) -> str:
        return json.dumps(service(name).get_state())
