"""A deployed workspace that the tests change by hand, through the SDK, and put back."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.service.workspace import ImportFormat, Language

from common.checkout import REPOSITORY
from common.home import Home
from infra.drift.detect import SynthesizedStack, find_drift
from infra.drift.findings import Finding
from infra.drift.reading.calls import Calls, drift_client
from lakehouse.deployment.sdk_deployment import deploy_by_sdk
from local.workspace.http.serving import Served
from pipelines import catalog
from pipelines.schemas import TABLES
from pipelines.schemas.model import Table

CATALOG = catalog.CATALOG
ROOT = "/olist-lakehouse/local"
JOB = "[local] Olist lakehouse"
DASHBOARD = "[local] Olist"
PIPELINES = {pipeline.name: f"[local] {pipeline.title}" for pipeline in catalog.PIPELINES}
UNITY = "/api/2.1/unity-catalog"
NOTEBOOK = f"{ROOT}/probe"
NOTEBOOK_SOURCE = b"print('a notebook of the tests')\n"
Undo = Callable[[], object]
DELTA_TYPES = {"bigint": "long", "int": "integer"}


@dataclass(frozen=True)
class World:
    """One workspace, the stack deployed to it and the client of whoever changes it by hand."""

    home: Home
    served: Served
    client: WorkspaceClient
    stack: SynthesizedStack

    def drift(self, **arguments: Any) -> list[Finding]:
        calls = Calls(drift_client(host=self.served.host, token=self.served.token, auth_type="pat"))
        return find_drift(calls, self.stack, **arguments)

    def do(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.api_client.do(method, path, body=body)

    def deploy(self) -> None:
        """Deploy all, tables included; the deployer has no notebooks, which the real stack has none of."""
        configuration = deepcopy(dict(self.stack.configuration))
        notebook = configuration["resource"].pop("databricks_notebook", {})
        deploy_by_sdk(configuration, self.client, self.stack.folder)
        if notebook:
            self.import_notebook(NOTEBOOK_SOURCE)
        for table in TABLES:
            self.write_table(table)

    def import_notebook(self, content: bytes, language: Language = Language.PYTHON) -> None:
        self.client.workspace.upload(
            NOTEBOOK, content, format=ImportFormat.SOURCE, language=language, overwrite=True
        )

    def upload(self, path: str, content: bytes) -> None:
        self.client.workspace.upload(path, content, format=ImportFormat.RAW, overwrite=True)

    def write_table(self, table: Table) -> None:
        """An empty Delta table as the pipelines would make it: the first commit of its log."""
        schema, name = table.name.split(".")
        log = self.home.warehouse / f"{schema}.db" / name / "_delta_log"
        log.mkdir(parents=True, exist_ok=True)
        fields = [
            {"name": column.name, "type": _delta_type(column.type), "nullable": True, "metadata": {}}
            for column in table.columns
        ]
        metadata = {
            "id": f"{schema}-{name}",
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": [],
            "configuration": {},
        }
        actions = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, {"metaData": metadata}]
        (log / f"{0:020}.json").write_text("".join(json.dumps(action) + "\n" for action in actions))

    @property
    def job_id(self) -> int:
        job_id = next(iter(self.client.jobs.list(name=JOB))).job_id
        assert job_id is not None
        return job_id

    def pipeline_id(self, key: str) -> str:
        found = [one for one in self.client.pipelines.list_pipelines() if one.name == PIPELINES[key]]
        assert found[0].pipeline_id is not None
        return found[0].pipeline_id

    def job_settings(self) -> dict[str, Any]:
        return self.do("GET", f"/api/2.2/jobs/get?job_id={self.job_id}")["settings"]

    def reset_job(self, job_id: int, settings: dict[str, Any]) -> None:
        self.do("POST", "/api/2.2/jobs/reset", {"job_id": job_id, "new_settings": settings})

    def pipeline_spec(self, pipeline_id: str) -> dict[str, Any]:
        return self.do("GET", f"/api/2.0/pipelines/{pipeline_id}")["spec"]

    def dashboard(self) -> dict[str, Any]:
        listed = self.do("GET", "/api/2.0/lakeview/dashboards")["dashboards"]
        own = next(one["dashboard_id"] for one in listed if one["display_name"] == DASHBOARD)
        return self.do("GET", f"/api/2.0/lakeview/dashboards/{own}")

    def put_pipeline(self, pipeline_id: str, spec: dict[str, Any]) -> None:
        self.do("PUT", f"/api/2.0/pipelines/{pipeline_id}", spec)


def repository_file(path: str) -> bytes:
    """What the stack uploads to ROOT/path."""
    return (REPOSITORY / path).read_bytes()


def _delta_type(sql: str) -> Any:
    plain = sql.lower().replace(" ", "")
    if plain.startswith("array<"):
        element = _delta_type(plain[len("array<") : -1])
        return {"type": "array", "elementType": element, "containsNull": True}
    return DELTA_TYPES.get(plain, plain)
