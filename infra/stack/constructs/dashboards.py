"""The dashboard."""

import json
from pathlib import Path

from cdktf_cdktf_provider_databricks.dashboard import Dashboard
from cdktf_cdktf_provider_databricks.data_databricks_sql_warehouse import DataDatabricksSqlWarehouse
from constructs import Construct

from common.errors import UserError
from infra.stack.constructs.files import UploadedCode
from infra.stack.settings import Environment
from pipelines.catalog import CATALOG

DASHBOARD_FILE = Path("dashboards") / "olist.lvdash.json"


def declare_dashboard(
    scope: Construct,
    environment: Environment,
    checkout: Path,
    code: UploadedCode,
    warehouse: DataDatabricksSqlWarehouse,
) -> Dashboard:
    """The dashboard of the checkout's file; readers see what they themselves may read."""
    return Dashboard(
        scope,
        "dashboard",
        display_name=environment.titled("Olist"),
        parent_path=code.root.path,
        warehouse_id=warehouse.id,
        embed_credentials=False,
        serialized_dashboard=_serialized(checkout / DASHBOARD_FILE, environment.catalog),
    )


def _serialized(file: Path, catalog: str) -> str:
    """The file's JSON with the environment's catalog in the names of tables, which it holds in full.

    The provider's bindings know no catalog of a dashboard's datasets.
    """
    try:
        text = file.read_text(encoding="utf-8").replace(f"{CATALOG}.", f"{catalog}.")
        return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    except (OSError, ValueError) as error:
        raise UserError(f"the dashboard {file} cannot be read: {error}") from error
