"""What the lakehouse consists of: its schemas, its volumes and its pipelines, each named here and nowhere else.

Plain data without Spark, so that infrastructure, the command line, documents and tests can read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The catalog of production and of one machine; dev and staging add their name to it.
CATALOG = "olist_lakehouse"


@dataclass(frozen=True)
class Schema:
    """One schema: `comment` as Unity Catalog shows it, `note` what the data dictionary adds.

    `for_readers` says that it holds data to work with: files and the notes of the checks are for engineers only.
    Of a `restricted` one nobody but what runs the pipelines may read tables and files.
    """

    name: str
    comment: str
    note: str = ""
    for_readers: bool = True
    restricted: bool = False


@dataclass(frozen=True)
class Volume:
    """One volume of files: `schema` holds it, pipelines read its path from the configuration key `setting`."""

    name: str
    schema: str
    comment: str
    setting: str


@dataclass(frozen=True)
class Pipeline:
    """One pipeline.

    Attributes:
        name: the folder below pipelines/ that holds its files, and the name that commands take.
        title: what a workspace shows.
        schemas: the schemas that it writes; the first is where a table without a schema in its name goes.
        task: the key of its task in the main job.
        task_comment: what that task does.
        after: the names of the pipelines that must have succeeded before it runs.
        tables: what it writes into a schema of another pipeline.
        settings: the configuration that it reads beside the volumes' paths, {key: default}.
    """

    name: str
    title: str
    schemas: tuple[str, ...]
    task: str
    task_comment: str
    after: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> str:
        """The glob of its files, from the repository's top."""
        return f"pipelines/{self.name}/**"

    @property
    def event_log(self) -> str:
        """The table of `EVENT_LOGS` that Lakeflow publishes its events in."""
        return f"event_log_{self.name}"


SCHEMAS = (
    Schema(
        "raw", "Files as they arrived: one volume, one folder a dataset, never rewritten", for_readers=False
    ),
    Schema(
        "bronze",
        "Every raw row as text, with what did not fit and where it came from",
        "Nothing is cleaned or dropped.",
    ),
    Schema(
        "silver",
        "Typed, cleaned, one row per key",
        "What breaks a drop rule stands in `utils.quarantine`.",
    ),
    Schema(
        "gold",
        "What the business reads: aggregates, and the segment of each person",
        "A broken rule stops the update. `canceled` means canceled or unavailable.\n"
        "Readers have no right to `customer_segments`: they read `customer_segment_counts`.",
    ),
    Schema("cdc", "Change events of customers, products and sellers: current rows and history"),
    Schema(
        "utils",
        "Rejected rows, judgements, results of the expectations, reconciliation, verdict",
        for_readers=False,
    ),
    Schema(
        "privacy",
        "Who was erased: digests of ids, by which a late delivery is known",
        "Only what runs the pipelines reads it ([erasure](erasure.md)).",
        for_readers=False,
        restricted=True,
    ),
)

RESTRICTED = tuple(schema.name for schema in SCHEMAS if schema.restricted)

RAW_FILES = Volume("olist", "raw", "Raw CSV files, one folder a dataset", "olist.raw_path")
CHANGE_FILES = Volume(
    "cdc_volume", "cdc", "Change events as JSON lines, one folder an entity", "olist.cdc_path"
)
ERASURE_REQUESTS = Volume(
    "erasure_requests", "privacy", "Requests to erase a person, a file each", "olist.erasures_path"
)
VOLUMES = (RAW_FILES, CHANGE_FILES, ERASURE_REQUESTS)

# The schema of all event logs.
EVENT_LOGS = "utils"

MAX_QUARANTINED_SHARE = "olist.max_quarantined_share"
# For how many days a deleted row's key is remembered: as long as an older event may be delivered again.
TOMBSTONE_DAYS = "olist.tombstone_days"
# "true" while a rebuild runs, and at no other time: whether streaming tables may be refreshed in full.
RESET_ALLOWED = "olist.reset_allowed"
# The day on which the customers are looked at; empty for that of the latest purchase.
AS_OF_DATE = "olist.as_of_date"

PRIVACY = Pipeline(
    "privacy",
    "Olist privacy",
    ("privacy",),
    "privacy",
    "Who was erased: whatever reads files keeps their rows out, so this comes first",
)
MEDALLION = Pipeline(
    "medallion",
    "Olist medallion",
    ("bronze", "silver"),
    "medallion",
    "Bronze and silver",
    after=(PRIVACY.name,),
    tables=("utils.judgements",),
    settings={RESET_ALLOWED: "false"},
)
CDC = Pipeline(
    "cdc",
    "Olist change data capture",
    ("cdc",),
    "cdc",
    "Current rows and history of customers, products and sellers",
    after=(PRIVACY.name,),
    settings={TOMBSTONE_DAYS: "3650", RESET_ALLOWED: "false"},
)
QUALITY = Pipeline(
    "quality",
    "Olist quality",
    ("utils",),
    "quality",
    "Counts what the rules say of what was written, and keeps it whether it is good or not",
    after=(MEDALLION.name, CDC.name),
    settings={MAX_QUARANTINED_SHARE: "1.0", RESET_ALLOWED: "false"},
)
GATE = Pipeline(
    "gate",
    "Olist quality gate",
    ("utils",),
    "quality_gate",
    "Stops the run when a row is missing, too many were rejected, or earlier rules judged some",
    after=(QUALITY.name,),
    tables=("utils.verdict", "utils.event_verdict"),
)
GOLD = Pipeline(
    "gold",
    "Olist gold",
    ("gold",),
    "gold",
    "What the business reads, written only when the gate was passed",
    after=(GATE.name,),
    settings={AS_OF_DATE: ""},
)
# In an order in which they can run one after another.
PIPELINES = (PRIVACY, MEDALLION, CDC, QUALITY, GATE, GOLD)
# Streams must have read what is in bronze before rows of it go: they would find those in the version that they read.
BEFORE_ERASURE = (PRIVACY, MEDALLION, CDC, QUALITY)

WRITER: dict[str, Pipeline] = {
    schema: pipeline for pipeline in reversed(PIPELINES) for schema in pipeline.schemas
}
"""The pipeline that writes a schema's tables, but for those that another names; a schema of files alone has none.

Of several that have a schema it is the first.
"""


def writer_of(table: str) -> Pipeline | None:
    """The pipeline that writes the table `schema.table`; None for a schema that none writes."""
    named = (pipeline for pipeline in PIPELINES if table in pipeline.tables)
    return next(named, WRITER.get(table.partition(".")[0]))
