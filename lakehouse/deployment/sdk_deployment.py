"""Deploys a synthesized stack through the SDK where the Terraform provider cannot be had.

It creates what is missing and changes what differs, in the order of the references. It keeps
no state: what the stack no longer declares stays. `destroy` removes what the stack declares.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from databricks.sdk import WorkspaceClient

from common.errors import UserError
from infra.drift.declared import NOT_COMPARED
from lakehouse.deployment.sdk_resources import APPLY, DELETE, Arguments, tag

_REFERENCE = re.compile(r"\$\{((?:data\.)?databricks_\w+)\.([\w-]+)\.(\w+)\}")
# What an object is found by.
_NAMES = ("name", "path", "display_name")
# Not arguments of the API: the provider's own, and those of Terraform.
_TERRAFORM_ONLY = NOT_COMPARED | {"md5"}


def deploy_by_sdk(stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
    """Create or change everything that `stack` (a `cdk.tf.json`) declares; its assets are below `folder`."""
    _Deployment(stack, client, folder).run()


def destroy_by_sdk(stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
    """Delete everything that `stack` declares, its data included; what is gone already is passed over."""
    deployment = _Deployment(stack, client, folder)
    for kind, delete in DELETE.items():
        for name in stack["resource"].get(kind, {}):
            delete(client, deployment.declared(kind, name))


class _Deployment:
    def __init__(self, stack: dict[str, Any], client: WorkspaceClient, folder: Path) -> None:
        self._resources: dict[str, dict[str, Arguments]] = stack["resource"]
        self._sources = {f"data.{kind}": named for kind, named in stack.get("data", {}).items()}
        self._locals: Arguments = stack.get("locals", {})
        self._client = client
        self._folder = folder
        self._done: dict[tuple[str, str], Arguments] = {}

    def run(self) -> None:
        """Everything, each after what it refers to; what Terraform multiplies, once for each table that is there."""
        multiplied: list[tuple[str, Arguments]] = []
        for kind, resources in self._resources.items():
            for name, arguments in resources.items():
                if "for_each" in arguments:
                    kept = {key: v for key, v in arguments.items() if key not in _TERRAFORM_ONLY}
                    multiplied.append((kind, kept))
                else:
                    self._attributes(kind, name)
        for kind, arguments in multiplied:
            if kind == "databricks_grants":
                for table in self._of_tables_there("reader_tables"):
                    APPLY[kind](self._client, arguments | {"table": table})
            else:
                for column in self._of_tables_there("pii_columns"):
                    tag(self._client, arguments | {"entity_name": column})

    def _of_tables_there(self, local_value: str) -> list[str]:
        """Those of the tables or columns in a list of `locals` whose table is there."""
        names: list[str] = self._fill(self._locals[local_value], self._attributes)
        schemas = {tuple(name.split(".")[:2]) for name in names}
        there = {table.full_name for schema in sorted(schemas) for table in self._client.tables.list(*schema)}
        return [name for name in names if ".".join(name.split(".")[:3]) in there]

    def declared(self, kind: str, name: str) -> Arguments:
        """The arguments of a resource without what only a deployed one knows."""
        kept = {key: value for key, value in self._resources[kind][name].items() if key in _NAMES}
        return {key: self._fill(value, self.declared) for key, value in kept.items()}

    def _attributes(self, kind: str, name: str) -> Arguments:
        """A resource's arguments and computed attributes, deploying it on the first call."""
        if (kind, name) not in self._done:
            arguments = {**self._resources, **self._sources}.get(kind, {}).get(name)
            if arguments is None or kind not in APPLY:
                raise UserError(f"The stack's {kind}.{name} cannot be deployed without Terraform")
            for address in arguments.get("depends_on", []):
                self._attributes(*address.split("."))
            kept = {key: value for key, value in arguments.items() if key not in _TERRAFORM_ONLY}
            if kind == "databricks_workspace_file":
                kept["source"] = str(self._folder / kept["source"])
            filled = self._fill(kept, self._attributes)
            self._done[kind, name] = filled | APPLY[kind](self._client, filled)
        return self._done[kind, name]

    def _fill(self, value: Any, attributes: Callable[[str, str], Arguments]) -> Any:
        """`value` with each reference replaced by the attribute it names."""
        if isinstance(value, dict):
            return {key: self._fill(item, attributes) for key, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item, attributes) for item in value]
        if not isinstance(value, str):
            return value
        return _REFERENCE.sub(lambda found: str(attributes(found[1], found[2])[found[3]]), value)
