"""The three Lakeflow pipelines: serverless, triggered by the job, reading the uploaded folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cdktf_cdktf_provider_databricks.pipeline import (
    Pipeline,
    PipelineLibrary,
    PipelineLibraryGlob,
    PipelineNotification,
    PipelineRunAs,
)
from constructs import Construct

from infra.stack.constructs.catalog import Storage
from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Environment

ALERTS = ("on-update-failure", "on-update-fatal-failure", "on-flow-failure")


@dataclass(frozen=True)
class PipelineSpec:
    """One pipeline: its folder below pipelines/, its title, default schema and the settings only it reads."""

    key: str
    title: str
    schema: str
    settings: Mapping[str, str]


def specs(environment: Environment) -> list[PipelineSpec]:
    """The pipelines in the order in which the job runs them."""
    return [
        PipelineSpec("medallion", "Olist medallion", "bronze", {"olist.as_of_date": ""}),
        PipelineSpec("cdc", "Olist change data capture", "cdc", {}),
        PipelineSpec(
            "quality",
            "Olist quality gate",
            "utils",
            {"olist.max_quarantined_share": str(environment.max_quarantined_share)},
        ),
    ]


def declare_pipelines(
    scope: Construct, environment: Environment, storage: Storage, code: UploadedCode, run_as: str | None
) -> dict[str, Pipeline]:
    """The pipelines by key; `run_as` is the application id they run as, None for whoever deploys."""
    return {
        spec.key: _pipeline(scope, environment, storage, code, run_as, spec) for spec in specs(environment)
    }


def _pipeline(
    scope: Construct,
    environment: Environment,
    storage: Storage,
    code: UploadedCode,
    run_as: str | None,
    spec: PipelineSpec,
) -> Pipeline:
    folder = code.folder(Path("pipelines") / spec.key)
    return Pipeline(
        scope,
        f"pipeline_{spec.key}",
        name=f"[{environment.name}] {spec.title}",
        catalog=storage.catalog.name,
        schema=storage.schemas[spec.schema].name,
        serverless=True,
        continuous=False,
        development=environment.development,
        channel="CURRENT",
        root_path=code.root.workspace_path,
        library=[PipelineLibrary(glob=PipelineLibraryGlob(include=f"{folder.workspace_path}/**"))],
        configuration={**_places(storage), **spec.settings},
        notification=[
            PipelineNotification(alerts=list(ALERTS), email_recipients=list(environment.notifications))
        ],
        tags=environment.tags,
        budget_policy_id=environment.budget_policy_id,
        run_as=PipelineRunAs(service_principal_name=run_as) if run_as else None,
    )


def _places(storage: Storage) -> dict[str, str]:
    return {
        "olist.raw_path": storage.volumes["olist"].volume_path,
        "olist.cdc_path": storage.volumes["cdc_volume"].volume_path,
    }
