"""What the alerts are, and who is told; what they fire at is in tests/e2e/test_alerts.py."""

import re

from infra.stack.alert_queries import alerts
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.synthesis import StackConfiguration


def test_each_environment_has_all_alerts_with_its_own_values(stacks: dict[str, StackConfiguration]) -> None:
    for name in BUILDERS:
        environment, declared = find_environment(name), stacks[name]["resource"]["databricks_alert_v2"]
        assert set(declared) == {f"alert_{alert.name}" for alert in alerts("")}
        for alert in declared.values():
            assert alert["display_name"].startswith(f"[{name}] ")
            told = alert["evaluation"]["notification"]["subscriptions"]
            assert told == [{"user_email": who} for who in environment.alerts.notify]
            assert alert["schedule"]["pause_status"] == "PAUSED"
            assert alert["warehouse_id"] == "${data.databricks_sql_warehouse.warehouse.id}"
            assert ("run_as" in alert) is (environment.run_as is not None)


def test_a_query_names_tables_of_its_own_catalog_only(stacks: dict[str, StackConfiguration]) -> None:
    for alert in stacks["prod"]["resource"]["databricks_alert_v2"].values():
        named = re.findall(r"FROM (\S+\.\S+)", alert["query_text"])
        assert named
        assert all(name.startswith("${databricks_catalog.catalog.name}.") for name in named)
