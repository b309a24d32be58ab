"""What the code says: a synthesized stack with its references replaced by what they name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import UserError
from infra.review.plan import PROVIDER_PREFIX

REFERENCE = re.compile(r"\$\{((?:data\.)?databricks_\w+\.[\w-]+)\.(\w+)\}")
# The kinds of data source that give an id, with the argument that says by which name.
LOOKED_UP = {"databricks_service_principal": "display_name", "databricks_sql_warehouse": "name"}
COMPARED = frozenset(
    {
        "catalog", "schema", "volume", "grants", "entity_tag_assignment", "directory", "workspace_file",
        "notebook", "pipeline", "job", "permissions", "alert_v2", "dashboard", "workspace_binding",
    }
)  # fmt: skip
# Arguments of Terraform and of the provider that no API answers with.
NOT_COMPARED = frozenset({"//", "depends_on", "lifecycle", "provider", "count", "for_each", "force_destroy"})
PLURALS = {
    "pipeline": {"library": "libraries", "notification": "notifications", "cluster": "clusters"},
    "job": {
        "task": "tasks",
        "environment": "environments",
        "parameter": "parameters",
        "job_cluster": "job_clusters",
    },
}


@dataclass(frozen=True)
class Resource:
    """One declared resource; `values` are its arguments under the names of the API.

    An id that only a deployed resource has stands as that resource's address: `databricks_pipeline.cdc`.
    """

    address: str
    kind: str
    values: Mapping[str, Any]

    @property
    def full_name(self) -> str:
        """`catalog.schema.volume` of a securable, the path of a file, the name of all others."""
        parts = [self.values[key] for key in ("catalog_name", "schema_name") if key in self.values]
        own = next(self.values[key] for key in ("name", "path", "display_name") if key in self.values)
        return ".".join([*parts, own])


@dataclass(frozen=True)
class Declared:
    """A stack's resources, and the columns it tags once their tables exist (`catalog.schema.table.column`).

    Among the resources are the grants on tables, which are made once the tables exist.
    """

    resources: tuple[Resource, ...]
    tagged_columns: tuple[str, ...]

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these kinds, in the stack's order."""
        return [resource for resource in self.resources if resource.kind in kinds]

    def only(self, kind: str) -> Resource:
        """The one resource of a kind; UserError when there is none or more than one."""
        found = self.of(kind)
        if len(found) != 1:
            raise UserError(f"drift expects one {PROVIDER_PREFIX}{kind} in the stack and found {len(found)}")
        return found[0]

    @property
    def environment(self) -> str:
        """The environment's name, as the catalog's properties have it."""
        return self.only("catalog").values["properties"]["environment"]

    @property
    def main_job(self) -> Resource:
        """The job that something starts; the other is a person's to start."""
        started = [job for job in self.of("job") if job.values.keys() & {"schedule", "trigger"}]
        if len(started) != 1:
            raise UserError(f"drift expects one job with a schedule or a trigger and found {len(started)}")
        return started[0]

    @property
    def event_logs(self) -> set[str]:
        """The tables in which the pipelines publish their event logs; their columns are Databricks' own."""
        logs = (pipeline.values.get("event_log") for pipeline in self.of("pipeline"))
        return {f"{log['catalog']}.{log['schema']}.{log['name']}" for log in logs if log}

    @property
    def root(self) -> Resource:
        """The folder that holds all uploaded code."""
        return min(self.of("directory"), key=lambda folder: len(folder.values["path"]))


def looked_up(stack: Mapping[str, Any]) -> dict[str, str]:
    """The name by which the stack looks up each object of LOOKED_UP, by the data source's address."""
    return {
        f"data.{kind}.{name}": values[argument]
        for kind, argument in LOOKED_UP.items()
        for name, values in stack.get("data", {}).get(kind, {}).items()
    }


def read_stack(stack: Mapping[str, Any], ids: Mapping[str, str]) -> Declared:
    """The parsed `cdk.tf.json` as resources; `ids` are those that its data sources give, by their addresses.

    Raises UserError for a kind of resource that drift does not compare: silence about it would be a lie.
    """
    if unknown := {kind.removeprefix(PROVIDER_PREFIX) for kind in stack["resource"]} - COMPARED:
        raise UserError(f"drift does not compare {', '.join(sorted(unknown))} yet; add it to infra/drift")
    local_values = stack.get("locals", {})
    filler = _Filler(stack["resource"], ids, local_values.get("reader_tables", []))
    columns = local_values.get("pii_columns", [])
    return Declared(tuple(filler.resources()), tuple(filler.fill(columns)))


class _Filler:
    def __init__(
        self,
        sections: Mapping[str, Mapping[str, Any]],
        ids: Mapping[str, str],
        reader_tables: Sequence[str],
    ) -> None:
        self._arguments = {
            f"{kind}.{name}": values for kind, found in sections.items() for name, values in found.items()
        }
        self._ids = ids
        self._reader_tables = reader_tables

    def resources(self) -> Iterator[Resource]:
        """Every resource; of those that Terraform multiplies only the grants: for tags stand `tagged_columns`."""
        for address, values in self._arguments.items():
            kind = address.split(".")[0].removeprefix(PROVIDER_PREFIX)
            plural = PLURALS.get(kind, {})
            kept = {plural.get(key, key): v for key, v in values.items() if key not in NOT_COMPARED}
            if "for_each" not in values:
                yield Resource(address, kind, self.fill(kept))
            elif kind == "grants":
                for table in self.fill(self._reader_tables):
                    yield Resource(f'{address}["{table}"]', kind, self.fill(kept | {"table": table}))

    def fill(self, value: Any) -> Any:
        """`value` with each reference replaced."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        return REFERENCE.sub(lambda found: self._attribute(found[1], found[2]), value)

    def _attribute(self, address: str, attribute: str) -> str:
        if address in self._ids:
            return self._ids[address]
        arguments = self._arguments[address]
        if attribute in arguments:
            return str(self.fill(arguments[attribute]))
        if attribute == "workspace_path":
            return f"/Workspace{self.fill(arguments['path'])}"
        if attribute == "volume_path":
            parts = (arguments["catalog_name"], arguments["schema_name"], arguments["name"])
            return "/".join(("/Volumes", *self.fill(list(parts))))
        return address
