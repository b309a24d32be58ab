"""Records: what callers send comes back, what was kept is read, nothing is changed in place."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from common.home import Home
from local.workspace.http.app import open_workspace
from local.workspace.http.serving import Served, serving
from local.workspace.jobs import run_records
from local.workspace.jobs.settings import JobSettings
from local.workspace.pipelines import update_records
from local.workspace.storage.records import Record

SPEC = {
    "name": "everything",
    "schema": "bronze",
    "libraries": [{"glob": {"include": "/a/**"}, "of tomorrow": 1}],
    "configuration": {},
    "clusters": [],
    "tags": {},
    "environment": {"dependencies": []},
    "notifications": [{"email_recipients": ["a"], "of tomorrow": [None, 1]}],
    "of tomorrow": {"a": [1.5, None, {"b": ""}]},
    "continuous": False,
}
JOB = {
    "name": "everything",
    "tasks": [
        {"task_key": "a", "email_notifications": {}, "libraries": [], "of tomorrow": 1},
        {"task_key": "b", "depends_on": [{"task_key": "a", "outcome": "true"}], "max_retries": 0},
    ],
    "queue": {"enabled": False},
    "schedule": {"quartz_cron_expression": "0 0 0 * * ?", "pause_status": "PAUSED"},
    "email_notifications": {"on_failure": []},
    "of tomorrow": {"a": [1, None]},
}
UPDATE = {
    "update_id": "u",
    "pipeline_id": "p",
    "state": "FAILED",
    "cause": "API_CALL",
    "creation_time": 1,
    "config": {"name": "old", "id": "p", "of tomorrow": 1},
    "number": 1,
    "storage": "old",
    "full_refresh": False,
    "full_refresh_selection": [],
    "refresh_selection": ["gold.totals"],
    "validate_only": False,
    "error": "broken",
}
STATE = {
    "life_cycle_state": "TERMINATED",
    "state_message": "",
    "user_cancelled_or_timedout": False,
    "result_state": "SUCCESS",
}
RUN = {
    "run_id": 7,
    "job_id": 3,
    "number_in_job": 7,
    "original_attempt_run_id": 7,
    "run_name": "old",
    "run_type": "JOB_RUN",
    "trigger": "ONE_TIME",
    "creator_user_name": "somebody",
    "start_time": 1,
    "end_time": 4,
    "execution_duration": 3,
    "state": STATE,
    "settings": {"tasks": [{"task_key": "a", "of tomorrow": 1}]},
    "options": {},
    "tasks": [{"task_key": "a", "of tomorrow": 1, "run_id": 8, "attempt_number": 1, "state": STATE}],
    "earlier_attempts": [],
}


def call(served: Served, method: str, path: str, **arguments: Any) -> Any:
    return served.client().api_client.do(method, path, **arguments)


def test_what_a_caller_sends_comes_back(served: Served) -> None:
    pipeline_id = call(served, "POST", "/api/2.0/pipelines", body=SPEC)["pipeline_id"]
    found = call(served, "GET", f"/api/2.0/pipelines/{pipeline_id}")["spec"]
    assert found == SPEC | {"id": pipeline_id}
    call(served, "PUT", f"/api/2.0/pipelines/{pipeline_id}", body=SPEC | {"edition": "CORE"})
    found = call(served, "GET", f"/api/2.0/pipelines/{pipeline_id}")["spec"]
    assert found == SPEC | {"id": pipeline_id, "edition": "CORE"}
    job_id = call(served, "POST", "/api/2.2/jobs/create", body=JOB)["job_id"]
    assert call(served, "GET", "/api/2.2/jobs/get", query={"job_id": job_id})["settings"] == JOB


def test_an_earlier_state_is_read(fresh_home: Home) -> None:
    """The form in which updates and runs were kept before they were records."""
    workspace = open_workspace(fresh_home)
    workspace.store.put("updates", "p/000000000001", json.dumps(UPDATE))
    workspace.store.put("runs", 7, json.dumps(RUN))
    assert [update.as_json() for update in update_records.history(workspace, "p")] == [UPDATE]
    assert run_records.find(workspace, 7).as_json() == RUN
    workspace.store.close()
    with serving(fresh_home) as served:
        answer = call(served, "GET", "/api/2.2/jobs/runs/get", query={"run_id": 7})
        assert answer["tasks"] == RUN["tasks"]


def test_a_change_is_a_new_record() -> None:
    settings = JobSettings.model_validate(JOB)
    other = settings.changed(name="other")
    assert (settings.name, other.name) == ("everything", "other")
    assert other.as_json() == JOB | {"name": "other"}
    with pytest.raises(ValidationError):
        settings.name = "third"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError, match="RunState has no fields result"):
        run_records.state("RUNNING").changed(result="SUCCESS")


def test_what_is_none_or_was_not_set_stays_out_of_the_json() -> None:
    class Shown(Record):
        name: str
        comment: str | None = None
        level: str = "INFO"

    assert Shown(name="a", comment=None).as_json() == {"name": "a"}
    assert json.loads(Shown(name="a", level="INFO").to_json()) == {"name": "a", "level": "INFO"}
