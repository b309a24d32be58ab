"""Utils: what the quality pipeline knows about the other tables."""

from pipelines.schemas.model import RULES_VERSION, Column, Table

QUARANTINE = Table(
    "utils.quarantine",
    "Every row that a drop rule kept out of silver or cdc, as it stood in its source",
    (),
    (
        Column("dataset", "STRING", "Table that the row was kept out of, such as silver.orders"),
        Column("failed_expectations", "ARRAY<STRING>", "Names of the rules that the row breaks"),
        Column("record", "STRING", "The row as JSON, uncleaned, with what did not fit its columns", pii=True),
        Column("_source_file", "STRING", "Path of the file that the row stood in"),
        Column("_ingested_at", "TIMESTAMP", "When the row was read from its file, UTC"),
        RULES_VERSION,
    ),
)

JUDGEMENTS = Table(
    "utils.judgements",
    "By which rules each row of bronze was judged when silver took it or not; an erasure leaves it: it names nobody",
    (),
    (
        Column("dataset", "STRING", "Silver table that the row was judged for"),
        Column("rules_version", "STRING", "Digest of the drop rules and of the cleaner, as they were then"),
    ),
)

EXPECTATION_RESULTS = Table(
    "utils.expectation_results",
    "How many records keep and break each expectation, over all data",
    ("dataset", "expectation"),
    (
        Column("dataset", "STRING", "Table that the expectation watches"),
        Column("expectation", "STRING", "Name of the expectation"),
        Column("action", "STRING", "warn (kept), drop (quarantined) or fail (the update stops)"),
        Column("passed_records", "BIGINT", "Records that keep it"),
        Column("failed_records", "BIGINT", "Records that break it"),
    ),
)

RECONCILIATION = Table(
    "utils.reconciliation",
    "No row disappears: bronze = silver + quarantine + replaced, for each dataset",
    ("dataset",),
    (
        Column("dataset", "STRING", "Silver table that is reconciled with bronze"),
        Column("bronze_records", "BIGINT", "Rows of the bronze table"),
        Column("quarantined_records", "BIGINT", "Rows in quarantine"),
        Column("silver_records", "BIGINT", "Rows of the silver table"),
        Column(
            "replaced_records",
            "BIGINT",
            "Valid bronze rows but one a key: replaced by a later row; in geolocation, samples merged into a place",
        ),
        Column("quarantined_share", "DOUBLE", "quarantined_records / bronze_records, 0 to 1"),
        Column("max_quarantined_share", "DOUBLE", "Largest share that the gate lets pass (configured)"),
        Column("outdated_records", "BIGINT", "Rows of bronze that were judged by other rules than today's"),
        Column(
            "read_until", "TIMESTAMP", "When the latest row of bronze was read, UTC; null when it has none"
        ),
    ),
)

EVENT_JUDGEMENTS = Table(
    "utils.event_judgements",
    "What became of the change events, and whether today's rules have judged them",
    ("dataset",),
    (
        Column("dataset", "STRING", "Table of change events"),
        Column("kept_records", "BIGINT", "Events in that table"),
        Column("rejected_records", "BIGINT", "Its events in quarantine"),
        Column("outdated_records", "BIGINT", "Events of both that were judged by other rules than today's"),
    ),
)

VERDICT = Table(
    "utils.verdict",
    "The reconciliation that passed the gate last: what gold was made from",
    RECONCILIATION.keys,
    RECONCILIATION.columns,
)

EVENT_VERDICT = Table(
    "utils.event_verdict",
    "The judgements of change events that passed the gate last",
    EVENT_JUDGEMENTS.keys,
    EVENT_JUDGEMENTS.columns,
)

TABLES = (
    QUARANTINE,
    JUDGEMENTS,
    EXPECTATION_RESULTS,
    RECONCILIATION,
    EVENT_JUDGEMENTS,
    VERDICT,
    EVENT_VERDICT,
)
