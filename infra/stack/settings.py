"""What an environment consists of, and the rules that its values keep."""

import re
from dataclasses import dataclass
from zoneinfo import available_timezones

from common.errors import UserError
from infra.stack.field_types import wrong_types
from pipelines.catalog import RESTRICTED, WRITER
from pipelines.schemas import TABLES

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_SIXTY, _HOURS = r"[0-5]?\d", r"(\*|[\d*][\d,*/-]*)"
_DAYS = r"[\dA-Z,*?/L#W-]+"
QUARTZ_AT_MOST_HOURLY = re.compile(rf"{_SIXTY} {_SIXTY} {_HOURS} {_DAYS} {_DAYS} {_DAYS}( {_DAYS})?")
# An application id of a service principal, and the id of a notification destination.
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# The output that names what Terraform never destroys: a plan holds no `lifecycle`, so it would not show its end.
PROTECTED = "protected"


@dataclass(frozen=True)
class Groups:
    """The account groups that hold the roles; one group may hold several.

    Attributes:
        readers: read `Environment.reader_schemas` and `reader_tables`.
        engineers: read everything but who was erased, and start jobs by hand.
        ingest: puts files into the volumes.
        runners: what the job runs as is a member of this group; it makes the tables, and owns them.
        planners: the identity of plans of pull requests; sees all grants and permissions, and so could change them.
        drift: the identity of the search for drift, which workflows of main alone hold; as planners.
        owners: own the catalog, its schemas and its volumes; whoever deploys is a member.
    """

    readers: str
    engineers: str
    ingest: str
    runners: str
    planners: str
    drift: str
    owners: str


@dataclass(frozen=True)
class Schedule:
    """When the job starts: a Quartz expression (seconds first) in `timezone`, at most once an hour."""

    cron: str
    timezone: str
    paused: bool


@dataclass(frozen=True)
class FileArrival:
    """The job starts when files arrive in the raw volume, for environments whose data is not made up.

    Attributes:
        at_most_every_minutes: a run starts that long after the one before it, or later.
        quiet_minutes: for so long no further file has arrived: a delivery of many files is one run.
        paused: whether arriving files start nothing.
    """

    at_most_every_minutes: int
    quiet_minutes: int
    paused: bool


@dataclass(frozen=True)
class Alerts:
    """Who is told of data that is late, unusually bad or does not add up; paused as long as the job is.

    Attributes:
        warehouse: the name of the SQL warehouse that asks, for the dashboard, too.
        notify: e-mail addresses of users of the workspace, and ids of notification destinations.
        cron: when it asks, a Quartz expression in `timezone`, at most once an hour: some time after the job.
    """

    warehouse: str
    notify: tuple[str, ...]
    cron: str
    timezone: str


@dataclass(frozen=True)
class LocalState:
    """Terraform's state on the deploying machine: `folder`, absolute or from the repository's top."""

    folder: str


@dataclass(frozen=True)
class S3State:
    """Terraform's state in an S3 bucket, one key a stack, locked by a lock file beside it."""

    bucket: str
    region: str


@dataclass(frozen=True)
class Environment:
    """One deployment of the lakehouse.

    Attributes:
        name: `dev`; the stack is `lakehouse-dev`.
        catalog: the Unity Catalog catalog that this environment owns alone.
        storage_root: where the catalog's managed tables lie (`s3://...`), None for the metastore's default.
        workspace_root: the folder that pipelines/ and generator/ are uploaded to, without `/Workspace`.
        workspace_id: the only workspace this may be applied to, None until the first deployment is done.
        groups: who holds which role.
        reader_schemas: the schemas that `groups.readers` may select from, whatever is in them.
        reader_tables: the tables `schema.table` of other schemas that they may select from, once a run has made them.
        run_as: the service principal that job and pipelines run as, None for the deployer: its display name, which only
            a workspace admin can look up, or its application id.
        deployer: the service principal that owns job and pipelines, which no group can; named likewise, None for
            whoever deploys.
        trigger: what starts the job, the clock or raw files that arrive.
        notifications: the addresses that failures go to.
        alerts: who is told of the data itself.
        generate: whether the job begins by generating data; False where real files arrive.
        state: where Terraform keeps its state.
        tags: on the job and the pipelines, and properties of the catalog and its schemas.
        budget_policy_id: the serverless budget policy of job and pipelines, None for the workspace's default.
        development: whether pipelines run in development mode (no retries).
        protect: whether Terraform refuses to destroy the catalog, its schemas, its volumes and the pipelines.
        force_destroy: whether a catalog or schema that still holds data may be destroyed.
        tag_columns: whether columns with personal data are tagged; made-up data needs none.
        max_quarantined_share: the share of rejected records (0 to 1) above which the quality gate fails.
        tombstone_days: for how many days an older change event that is delivered again cannot bring a deleted row back.
    """

    name: str
    catalog: str
    storage_root: str | None
    workspace_root: str
    workspace_id: str | None
    groups: Groups
    reader_schemas: tuple[str, ...]
    reader_tables: tuple[str, ...]
    run_as: str | None
    deployer: str | None
    trigger: Schedule | FileArrival
    notifications: tuple[str, ...]
    alerts: Alerts
    generate: bool
    state: LocalState | S3State
    tags: dict[str, str]
    budget_policy_id: str | None
    development: bool
    protect: bool
    force_destroy: bool
    tag_columns: bool
    max_quarantined_share: float
    tombstone_days: int

    def __post_init__(self) -> None:
        # The rules below take the types for granted.
        problems = list(wrong_types(self)) or [setting for setting, wrong in self._problems() if wrong]
        if problems:
            raise UserError(f"environment {self.name!r} in infra/stack/environments.py: {problems[0]}")

    def _problems(self) -> list[tuple[str, bool]]:
        """Each rule with the setting's name, its value and what it must be, and whether it is broken."""
        return [
            (
                f"name {self.name!r} must be lower case letters, digits and _",
                not _fits(IDENTIFIER, self.name),
            ),
            (
                f"catalog {self.catalog!r} must be lower case letters, digits and _",
                not _fits(IDENTIFIER, self.catalog),
            ),
            (
                f"storage_root {self.storage_root!r} must be a URL such as s3://bucket/path",
                _not_url(self.storage_root),
            ),
            (f"workspace_root {self.workspace_root!r} {ROOT_RULE}", not _is_root(self.workspace_root)),
            (f"workspace_id {self.workspace_id!r} must be digits or None", not _is_id(self.workspace_id)),
            *(
                (f"groups.{role} {name!r} must be a group, not a person", "@" in name)
                for role, name in vars(self.groups).items()
            ),
            (f"reader_schemas {self.reader_schemas!r} {SCHEMAS_RULE}", not _are_schemas(self.reader_schemas)),
            (f"reader_tables {self.reader_tables!r} {TABLES_RULE}", not self._are_tables_apart()),
            (
                "readers may read nothing: reader_schemas and reader_tables are empty",
                not self.read_by_readers,
            ),
            *self._problems_of_trigger(),
            (
                f"notifications {self.notifications!r} must be a tuple of addresses",
                not _addresses(self.notifications),
            ),
            *self._problems_of_alerts(),
            ("tags must have a name and a value each, and at least one", not _are_tags(self.tags)),
            ("force_destroy and protect exclude each other", self.force_destroy and self.protect),
            (
                f"max_quarantined_share {self.max_quarantined_share!r} must be 0 to 1",
                not _share(self.max_quarantined_share),
            ),
            (f"tombstone_days {self.tombstone_days!r} must be 2 or more", self.tombstone_days < 2),
        ]

    def _problems_of_trigger(self) -> list[tuple[str, bool]]:
        trigger = self.trigger
        if isinstance(trigger, Schedule):
            return _problems_of_clock("trigger", trigger.cron, trigger.timezone)
        minutes = (trigger.at_most_every_minutes, trigger.quiet_minutes)
        return [
            (f"trigger: {minutes!r} must be 1 minute or more each", min(minutes) < 1),
            ("trigger: a job that generates its files cannot be started by them", self.generate),
        ]

    def _problems_of_alerts(self) -> list[tuple[str, bool]]:
        chosen = self.alerts
        strange = [who for who in chosen.notify if not (_fits(ADDRESS, who) or _fits(UUID, who))]
        return [
            ("alerts.notify names nobody", not chosen.notify),
            (
                f"alerts.notify {strange!r} must be addresses or ids of notification destinations",
                bool(strange),
            ),
            *_problems_of_clock("alerts", chosen.cron, chosen.timezone),
        ]

    def _are_tables_apart(self) -> bool:
        names = {table.name for table in TABLES}
        return set(self.reader_tables) <= names and not self.schemas_by_table & {
            *self.reader_schemas,
            *RESTRICTED,
        }

    @property
    def schemas_by_table(self) -> set[str]:
        """The schemas of which readers may select from some tables only."""
        return {table.partition(".")[0] for table in self.reader_tables}

    @property
    def read_by_readers(self) -> set[str]:
        """The schemas of which readers may select from something."""
        return {*self.reader_schemas, *self.schemas_by_table}

    @property
    def stack_name(self) -> str:
        """The Terraform stack's name, `lakehouse-dev`."""
        return f"lakehouse-{self.name}"

    def titled(self, title: str) -> str:
        """What the workspace shows of a pipeline, and what it is found by: `[dev] Olist medallion`."""
        return f"[{self.name}] {title}"


ROOT_RULE = "must be an absolute folder without /Workspace, and not below /Shared, which everyone may edit"
READABLE = WRITER.keys() - set(RESTRICTED)
SCHEMAS_RULE = f"must be a tuple of {', '.join(sorted(READABLE))}"
TABLES_RULE = (
    "must be a tuple of tables of pipelines/schemas, none in a schema that is read whole or restricted"
)
CRON_RULE = "must be a Quartz expression with a fixed second and minute, such as '0 0 6 * * ?'"


def _problems_of_clock(setting: str, cron: str, timezone: str) -> list[tuple[str, bool]]:
    return [
        (f"{setting}.cron {cron!r} {CRON_RULE}", not _fits(QUARTZ_AT_MOST_HOURLY, cron)),
        (f"{setting}.timezone {timezone!r} is unknown", not _is_zone(timezone)),
    ]


def _fits(pattern: re.Pattern[str], value: str) -> bool:
    return pattern.fullmatch(value) is not None


def _not_url(value: str | None) -> bool:
    return value is not None and not _fits(re.compile(r"[a-z0-9]+://\S+"), value)


def _is_root(value: str) -> bool:
    return _fits(re.compile(r"(/[^/\s]+)+"), value) and value.split("/")[1] not in {"Shared", "Workspace"}


def _is_id(value: str | None) -> bool:
    return value is None or _fits(re.compile(r"\d+"), value)


def _are_schemas(value: tuple[str, ...]) -> bool:
    return set(value) <= READABLE


def _is_zone(value: str) -> bool:
    return value in available_timezones()


def _addresses(value: tuple[str, ...]) -> bool:
    return bool(value) and all(_fits(ADDRESS, address) for address in value)


def _are_tags(value: dict[str, str]) -> bool:
    return bool(value) and all(key and text for key, text in value.items())


def _share(value: float) -> bool:
    return 0 <= value <= 1
