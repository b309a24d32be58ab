"""The Jobs API: create, read, change and delete jobs."""

from local.workspace.calls import routing
from local.workspace.calls.caller import OWNER, caller_name
from local.workspace.calls.context import Workspace, Ws, now_ms
from local.workspace.calls.errors import not_found
from local.workspace.calls.pages import Page, page_of
from local.workspace.jobs.settings import JobSettings, check_graph
from local.workspace.storage.records import Collection, Record
from local.workspace.unity import permissions
from local.workspace.unity.permissions import AccessControl, AccessControlList

router = routing.router()


class Job(Record):
    """A job; `created_time` in milliseconds."""

    job_id: int
    created_time: int
    creator_user_name: str = OWNER.name
    settings: JobSettings


class JobAnswer(Job):
    """A job, and who runs it."""

    run_as_user_name: str


class JobsPage(Page):
    """A page of jobs."""

    jobs: list[JobAnswer]
    has_more: bool


class CreateBody(JobSettings):
    """Settings, and who may do what with the job."""

    access_control_list: tuple[AccessControl, ...] = ()

    @property
    def settings(self) -> JobSettings:
        """The settings alone."""
        how = set(CreateBody.model_fields) - set(JobSettings.model_fields)
        return JobSettings.model_validate(self.model_dump(exclude_unset=True, exclude=how))


class JobBody(Record):
    """A call that names one job."""

    job_id: int


class ResetBody(JobBody):
    """New settings in place of the old."""

    new_settings: JobSettings


class UpdateBody(JobBody):
    """Settings to set and to remove."""

    new_settings: JobSettings = JobSettings()
    fields_to_remove: tuple[str, ...] = ()


JOB_RECORDS = Collection("jobs", Job)


@router.post("/create")
async def create_job(ws: Ws, body: CreateBody) -> JobBody:
    """Create a job; its access_control_list becomes permissions."""
    check_graph(body.tasks)
    job_id = JOB_RECORDS.new_id(ws.store)
    job = Job(job_id=job_id, created_time=now_ms(), creator_user_name=caller_name(), settings=body.settings)
    JOB_RECORDS.put(ws.store, job_id, job)
    permissions.make_owner(ws, "jobs", str(job_id))
    if body.access_control_list:
        access = AccessControlList(access_control_list=body.access_control_list)
        await permissions.update_permissions(ws, "jobs", str(job_id), access)
    return JobBody(job_id=job_id)


@router.get("/get")
async def get_job(ws: Ws, job_id: int) -> JobAnswer:
    """One job with its settings."""
    return _answer(ws, find(ws, job_id))


@router.get("/list")
async def list_jobs(
    ws: Ws, limit: int = 20, page_token: str = "", name: str = "", expand_tasks: bool = False
) -> JobsPage:
    """Jobs, the newest first; tasks only when asked for."""
    found = sorted(JOB_RECORDS.all(ws.store), key=lambda job: -job.job_id)
    if name:
        found = [job for job in found if job.settings.name.lower() == name.lower()]
    rows, token = page_of(found, min(limit, 100), page_token)
    if not expand_tasks:
        rows = [job.changed(settings=job.settings.without(["tasks"])) for job in rows]
    return JobsPage(jobs=[_answer(ws, job) for job in rows], has_more=bool(token), next_page_token=token)


@router.post("/reset")
async def reset_job(ws: Ws, body: ResetBody) -> Record:
    """Replace all settings."""
    return _save(ws, find(ws, body.job_id), body.new_settings)


@router.post("/update")
async def update_job(ws: Ws, body: UpdateBody) -> Record:
    """Change some settings; lists with keys (tasks, parameters, environments, clusters) merge by key."""
    job = find(ws, body.job_id)
    return _save(ws, job, job.settings.merged(body.new_settings).without(body.fields_to_remove))


@router.post("/delete")
async def delete_job(ws: Ws, body: JobBody) -> Record:
    """Delete a job; its runs stay in the history."""
    find(ws, body.job_id)
    with ws.store.transaction():
        JOB_RECORDS.delete(ws.store, body.job_id)
        permissions.forget(ws, "jobs", str(body.job_id))
    return Record()


def find(ws: Workspace, job_id: int) -> Job:
    """One job; 404 when there is none."""
    job = JOB_RECORDS.get(ws.store, job_id)
    if job is None:
        raise not_found(f"Job {job_id} does not exist.")
    return job


def _save(ws: Workspace, job: Job, settings: JobSettings) -> Record:
    check_graph(settings.tasks)
    JOB_RECORDS.put(ws.store, job.job_id, job.changed(settings=settings))
    return Record()


def runner_of(ws: Workspace, job: Job) -> str:
    """Who a job runs as: its owner where nobody was chosen."""
    chosen = job.settings.run_as
    return chosen.principal if chosen else permissions.owner_of(ws, "jobs", str(job.job_id)).name


def _answer(ws: Workspace, job: Job) -> JobAnswer:
    # The provider reads who runs a job from this field, a service principal too.
    return JobAnswer(**dict(job), run_as_user_name=runner_of(ws, job))
