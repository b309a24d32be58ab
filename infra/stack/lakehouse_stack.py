"""The one stack of the lakehouse: the same resources in every environment, with the environment's values."""

from collections.abc import Sequence
from pathlib import Path

from cdktf import LocalBackend, S3Backend, TerraformOutput, TerraformResource, TerraformStack
from cdktf_cdktf_provider_databricks.data_databricks_service_principal import DataDatabricksServicePrincipal
from cdktf_cdktf_provider_databricks.data_databricks_sql_warehouse import DataDatabricksSqlWarehouse
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from infra.stack.constructs.alerts import declare_alerts
from infra.stack.constructs.catalog import declare_storage
from infra.stack.constructs.dashboards import declare_dashboard
from infra.stack.constructs.existing_tables import look_for_tables
from infra.stack.constructs.files import declare_files
from infra.stack.constructs.grants import declare_grants, declare_table_grants
from infra.stack.constructs.job import declare_erase, declare_job, declare_rebuild
from infra.stack.constructs.permissions import declare_permissions
from infra.stack.constructs.pipelines import declare_pipelines
from infra.stack.constructs.tags import declare_tags, personal_schemas
from infra.stack.settings import PROTECTED, UUID, Environment, S3State

PROVIDER_VERSION = "1.128.0"
# The bindings were made from 1.99.0 and would pin it.
PROVIDER_VERSION_PATH = "terraform.required_providers.databricks.version"
# The first that locks an S3 state by a file beside it.
TERRAFORM_VERSIONS = ">= 1.10"
# Terraform runs in cdktf.out/stacks/<stack>; a local state lies outside, by a path that every machine has.
TOP = Path("../../..")


class LakehouseStack(TerraformStack):
    """All that one environment's workspace holds of the lakehouse."""

    def __init__(
        self, scope: Construct, environment: Environment, checkout: Path, files: Sequence[Path]
    ) -> None:
        """Declare `environment` in `scope`, uploading `files` (relative to `checkout`)."""
        super().__init__(scope, environment.stack_name)
        self._connect(environment)
        run_as = self._application_id("runner", environment.run_as)
        owner = self._application_id("deployer", environment.deployer)
        storage = declare_storage(self, environment)
        grants = declare_grants(self, environment, storage)
        by_table = environment.schemas_by_table | (personal_schemas() if environment.tag_columns else set())
        if by_table:
            look_for_tables(self, storage, by_table)
        declare_table_grants(self, environment, storage)
        declare_tags(self, environment, storage)
        code = declare_files(self, environment, checkout, files)
        pipelines = declare_pipelines(self, environment, storage, code, run_as, grants)
        job = declare_job(self, environment, storage, code, pipelines, run_as)
        rebuild = declare_rebuild(self, environment, pipelines, run_as)
        erase = declare_erase(self, environment, code, pipelines, run_as)
        warehouse = DataDatabricksSqlWarehouse(self, "warehouse", name=environment.alerts.warehouse)
        dashboard = declare_dashboard(self, environment, checkout, code, warehouse)
        jobs = {"job": job, "rebuild": rebuild, "erase": erase}
        declare_permissions(self, environment.groups, owner, code, pipelines, jobs, dashboard)
        declare_alerts(self, environment, storage, code, warehouse, run_as)
        self._tell_what_is_protected()

    def _tell_what_is_protected(self) -> None:
        resources = [one for one in self.node.find_all() if isinstance(one, TerraformResource)]
        protected = [
            f"{one.terraform_resource_type}.{one.friendly_unique_id}"
            for one in resources
            if one.lifecycle and one.lifecycle.prevent_destroy
        ]
        if protected:
            TerraformOutput(self, PROTECTED, value=sorted(protected), static_id=True)

    def _connect(self, environment: Environment) -> None:
        """Provider and state; the provider takes host and credentials from the process's environment."""
        provider = DatabricksProvider(self, "databricks")
        if environment.workspace_id:
            # The provider compares it with the host's own id and refuses any other workspace.
            provider.add_override("workspace_id", environment.workspace_id)
        self.add_override(PROVIDER_VERSION_PATH, PROVIDER_VERSION)
        self.add_override("terraform.required_version", TERRAFORM_VERSIONS)
        self._keep_state(environment)

    def _keep_state(self, environment: Environment) -> None:
        name, state = environment.stack_name, environment.state
        if isinstance(state, S3State):
            S3Backend(self, bucket=state.bucket, region=state.region, key=f"{name}.tfstate", encrypt=True)
            self.add_override("terraform.backend.s3.use_lockfile", True)
        else:
            LocalBackend(self, path=str(TOP / state.folder / f"{name}.tfstate"))

    def _application_id(self, role: str, named: str | None) -> str | None:
        """A service principal's application id, looked up when planning where its name was given."""
        if named is None or UUID.fullmatch(named):
            return named
        return DataDatabricksServicePrincipal(self, role, display_name=named).application_id
