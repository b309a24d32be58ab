"""A workspace that holds something of each kind, and a principal whose rights are given and taken."""

from collections.abc import Iterable
from typing import Any

import requests

from lakehouse.deployment.principals import DEPLOYER, READER, RUNNER
from local.workspace.http.serving import Served
from local.workspace.storage.minilake import METASTORE_ID, STARTER_ID
from tests.waiting import PATIENCE

Json = dict[str, Any]
Right = tuple[str, str, str]
"""A kind of securable or of object, its full name or id, and a privilege or level; or `owner`, or `group`."""

UC = "/api/2.1/unity-catalog"
TESTER = "reader@example.com"


class World:
    """A catalog `m`, a schema `m.s` and one of each kind in it, a job with a run, a pipeline, a warehouse, a folder.

    `ask` is a call by the tester, who is a user without rights; `root` one by the workspace's own user.
    """

    def __init__(self, served: Served) -> None:
        self.served = served
        self.runner = served.client(RUNNER).current_user.me().user_name or ""
        self.deployer = served.client(DEPLOYER).current_user.me().user_name or ""
        self.make_catalog("m")
        self.job = str(self.root("POST", "/api/2.2/jobs/create", {"name": "j"})["job_id"])
        self.run = str(self.root("POST", "/api/2.2/jobs/run-now", {"job_id": int(self.job)})["run_id"])
        self.pipeline = self.root("POST", "/api/2.0/pipelines", {"name": "p", "allow_duplicate_names": True})[
            "pipeline_id"
        ]
        self.warehouse = self.root("POST", "/api/2.0/sql/warehouses", {"name": "w"})["id"]
        # The warehouse that comes with the workspace is for everybody; here nobody has any right.
        starter = f"/api/2.0/permissions/warehouses/{STARTER_ID}"
        self.root("PUT", starter, {"access_control_list": []})
        self.root("POST", "/api/2.0/workspace/mkdirs", {"path": "/team/below"})
        self.upload("/team/a.py")
        board = {"display_name": "d", "parent_path": "/team"}
        self.dashboard: str = self.root("POST", "/api/2.0/lakeview/dashboards", board)["dashboard_id"]
        self.alert_settings: Json = {
            "display_name": "a",
            "query_text": "SELECT 1",
            "warehouse_id": self.warehouse,
            "parent_path": "/team",
            "evaluation": {"comparison_operator": "GREATER_THAN", "source": {"name": "c"}, "threshold": {}},
            "schedule": {"quartz_cron_schedule": "0 0 9 * * ?", "timezone_id": "UTC"},
        }
        self.alert = self.root("POST", "/api/2.0/alerts", self.alert_settings)["id"]
        self.folder = str(self.root("GET", "/api/2.0/workspace/get-status?path=/team")["object_id"])

    def make_catalog(self, name: str) -> None:
        """A catalog with one schema, one table and one volume with a file."""
        self.root("POST", f"{UC}/catalogs", {"name": name})
        self.root("POST", f"{UC}/schemas", {"name": "s", "catalog_name": name})
        self.root(
            "POST",
            f"{UC}/tables",
            {
                "name": "t",
                "catalog_name": name,
                "schema_name": "s",
                "table_type": "EXTERNAL",
                "storage_location": "file:///nowhere",
                "columns": [{"name": "c"}],
            },
        )
        volume = {"name": "v", "catalog_name": name, "schema_name": "s", "volume_type": "MANAGED"}
        self.root("POST", f"{UC}/volumes", volume)
        function = {"name": "f", "catalog_name": name, "schema_name": "s", "data_type": "BOOLEAN"}
        self.root("POST", f"{UC}/functions", function)
        self.root("POST", f"{UC}/models", {"name": "model", "catalog_name": name, "schema_name": "s"})
        self.root("PUT", f"/api/2.0/fs/files/Volumes/{name}/s/v/kept?overwrite=true", b"1")

    def upload(self, path: str) -> None:
        """A workspace file."""
        self.root("POST", f"/api/2.0/workspace-files/import-file{path}?overwrite=true", b"print(1)")

    def root(self, method: str, path: str, body: Json | bytes | None = None) -> Json:
        """What the workspace's own user is answered."""
        answer = self._call(self.served.token, method, path, body)
        assert answer.ok, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else {}

    def try_root(self, method: str, path: str, body: Json | bytes | None = None) -> None:
        """A call by the workspace's own user that may as well find nothing to do."""
        self._call(self.served.token, method, path, body)

    def ask(
        self, method: str, path: str, body: Json | bytes | None = None, role: str = READER
    ) -> requests.Response:
        """What a role is answered, the tester unless another is named."""
        return self._call(self.served.token_of(role), method, path, body)

    def _call(self, token: str, method: str, path: str, body: Json | bytes | None) -> requests.Response:
        content: Json = {"data": body} if isinstance(body, bytes) else {"json": body}
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, self.served.host + path, headers=headers, timeout=PATIENCE, **content)

    def give(self, rights: Iterable[Right], name: str = TESTER) -> None:
        """Give the tester, or whoever is named, rights."""
        for kind, named, right in rights:
            self._change(kind, named, right, name, "add")

    def take(self, rights: Iterable[Right], name: str = TESTER) -> None:
        """Take them away; those that go with what was dropped are gone."""
        for kind, named, right in rights:
            self._change(kind, named, right, name, "remove")

    def _change(self, kind: str, named: str, right: str, name: str, how: str) -> None:
        if kind == "group":
            self._join(named, name, how)
        elif kind == "owner":
            owner = name if how == "add" else "minilake-user"
            self.root("PATCH", f"{UC}/{named}", {"owner": owner})
        elif kind.isupper():
            change = {"changes": [{"principal": name, how: [right]}]}
            path = f"{UC}/permissions/{kind}/{METASTORE_ID if kind == 'METASTORE' else named}"
            self._call(self.served.token, "PATCH", path, change)
        else:
            levels = [{"user_name": name, "permission_level": right}] if how == "add" else []
            path = f"/api/2.0/permissions/{kind}/{named}"
            self._call(self.served.token, "PUT", path, {"access_control_list": levels})

    def _join(self, group: str, name: str, how: str) -> None:
        scim = "/api/2.0/preview/scim/v2"
        found = {one["displayName"]: one["id"] for one in self.root("GET", f"{scim}/Groups")["Resources"]}
        users = {one["userName"]: one["id"] for one in self.root("GET", f"{scim}/Users")["Resources"]}
        member = users[name]
        change: Json = {"op": how, "path": f'members[value eq "{member}"]'}
        if how == "add":
            change = {"op": how, "path": "members", "value": [{"value": member}]}
        self.root("PATCH", f"{scim}/Groups/{found[group]}", {"Operations": [change]})
