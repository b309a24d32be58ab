"""Reads pipelines, jobs and dashboards, by name; what was renamed is found by what refers to it."""

from collections.abc import Mapping
from typing import Any

from infra.drift.declared import Declared, Resource
from infra.drift.reading.calls import Answer, Calls
from infra.drift.reading.snapshot import Document, Workloads, id_of
from infra.review.facts import PRINCIPALS
from infra.review.permission_levels import rank_of_level

PIPELINES = "/api/2.0/pipelines"
JOBS = "/api/2.2/jobs"
DASHBOARDS = "/api/2.0/lakeview/dashboards"
KINDS = {"job_id": "jobs", "pipeline_id": "pipelines", "dashboard_id": "dashboards"}
# They may do everything in a workspace.
ADMINS = "admins"
Found = dict[str, Document]


def read_work(calls: Calls, declared: Declared) -> Workloads:
    """Pipelines, job and the levels of permission on them and on the root folder."""
    pipelines = _of_the_names(calls, declared.of("pipeline"))
    job = declared.main_job
    jobs = _jobs(calls, declared, {id_of(one) for named in pipelines.values() for one in named})
    found = _chosen(calls, pipelines, job, next(iter(jobs[job.address]), None))
    found |= {address: named[0] for address, named in jobs.items() if named}
    found |= _dashboards(calls, declared.of("dashboard"))
    ours = {id_of(document) for document in found.values()}
    others = [("pipeline", one) for named in pipelines.values() for one in named]
    others += [("job", one) for named in jobs.values() for one in named]
    return Workloads(
        found,
        [(kind, document) for kind, document in others if id_of(document) not in ours],
        *_permissions(calls, declared, found),
    )


def _of_the_names(calls: Calls, pipelines: list[Resource]) -> dict[str, list[Answer]]:
    """The pipelines that carry each declared name, by the address of what declares it."""

    def of_name(resource: Resource) -> list[Answer]:
        name = resource.values["name"]
        rows = calls.pages(PIPELINES, "statuses", filter=f"name LIKE '{name}'", max_results=100)
        ids = [row["pipeline_id"] for row in rows if row["name"] == name]
        return [found for one in ids if (found := calls.find(f"{PIPELINES}/{one}")) is not None]

    return dict(zip([one.address for one in pipelines], calls.each(of_name, pipelines), strict=True))


def _jobs(calls: Calls, declared: Declared, pipelines: set[Any]) -> dict[str, list[Answer]]:
    """By the address of each declared job those of its name, first the one that runs the pipelines.

    Where the main job's name is gone it is a job of a name that nobody declares and that runs them.
    """
    names = {job.values["name"] for job in declared.of("job")}

    def of_name(job: Resource) -> list[Answer]:
        name = job.values["name"]
        listed = calls.pages(f"{JOBS}/list", "jobs", name=name, limit=100)
        rows = [row for row in listed if _name(row) == name]
        if not rows and job is declared.main_job:
            every = calls.pages(f"{JOBS}/list", "jobs", expand_tasks=True, limit=100)
            rows = [
                row
                for row in every
                if _name(row) not in names and pipelines & set(_pipelines_of(row).values())
            ][:1]
        return _whole(calls, rows, pipelines)

    return {job.address: of_name(job) for job in declared.of("job")}


def _whole(calls: Calls, rows: list[Answer], pipelines: set[Any]) -> list[Answer]:
    """The jobs with all their settings, those first that run the pipelines."""
    full = [found for row in rows if (found := calls.find(f"{JOBS}/get", job_id=row["job_id"])) is not None]
    return sorted(full, key=lambda one: (not pipelines & set(_pipelines_of(one).values()), one["job_id"]))


def _dashboards(calls: Calls, dashboards: list[Resource]) -> Found:
    """The dashboards of the declared names, those in the trash left out; the first of several."""
    found: Found = {}
    rows = list(calls.pages(DASHBOARDS, "dashboards", page_size=100)) if dashboards else []
    for resource in dashboards:
        own = [row["dashboard_id"] for row in rows if row["display_name"] == resource.values["display_name"]]
        whole = calls.find(f"{DASHBOARDS}/{own[0]}") if own else None
        if whole is not None:
            found[resource.address] = whole
    return found


def _chosen(
    calls: Calls, pipelines: Mapping[str, list[Answer]], job: Resource, actual: Answer | None
) -> Found:
    """The job, and of each pipeline the one that it runs; so a renamed one is found, too."""
    if actual is None:
        return {address: named[0] for address, named in pipelines.items() if named}
    running = _pipelines_of(actual)
    tasks = {address: task for task, address in _pipelines_of({"settings": job.values}).items()}
    taken = {id_of(one) for named in pipelines.values() for one in named}
    found: Found = {job.address: actual}
    for address, named in pipelines.items():
        run = running.get(tasks.get(address, ""))
        if named:
            found[address] = next((one for one in named if id_of(one) == run), named[0])
        elif run not in {None, *taken} and (renamed := calls.find(f"{PIPELINES}/{run}")) is not None:
            found[address] = renamed
    return found


def _pipelines_of(job: Document) -> dict[str, Any]:
    """The pipeline of each task that runs one, by task key."""
    tasks = job.get("settings", {}).get("tasks") or []
    return {
        task["task_key"]: task["pipeline_task"]["pipeline_id"] for task in tasks if "pipeline_task" in task
    }


def _name(job: Document) -> str:
    return job.get("settings", {}).get("name", "")


def _permissions(
    calls: Calls, declared: Declared, found: Found
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """The levels on each object by its address, and what the root folder has from above."""
    paths = {
        address: f"{next(KINDS[key] for key in KINDS if key in document)}/{id_of(document)}"
        for address, document in found.items()
    }
    root = calls.find("/api/2.0/workspace/get-status", path=declared.root.values["path"])
    if root is not None:
        paths[declared.root.address] = f"directories/{root['object_id']}"
    answers = dict(
        zip(paths, calls.each(lambda path: permissions_of(calls, path), paths.values()), strict=True)
    )
    from_above = levels_of(answers.get(declared.root.address, {}), inherited=True)
    from_above.pop(ADMINS, None)
    return {address: levels_of(answer) for address, answer in answers.items()}, from_above


def permissions_of(calls: Calls, path: str) -> Document:
    """Who may do what with the object at `directories/123`, `jobs/7`, ...; nothing when it is gone."""
    return calls.find(f"/api/2.0/permissions/{path}") or {}


def levels_of(answer: Document, *, inherited: bool = False) -> dict[str, str]:
    """The level that each principal was given on an object itself, or that it has from above."""
    levels: dict[str, str] = {}
    for entry in answer.get("access_control_list") or []:
        principal = next((entry[key] for key in PRINCIPALS if entry.get(key)), None)
        given = [
            one["permission_level"]
            for one in entry.get("all_permissions", [])
            if bool(one.get("inherited")) == inherited
        ]
        if principal and given:
            levels[principal] = max(given, key=rank_of_level)
    return levels
