"""The features of Lakeflow that docs/lakeflow.md lists; its tests say what becomes of each on one machine.

`repositories` is how many of 109 public repositories with Lakeflow pipelines use a feature (a count of November 2026,
by pattern: at least so many; tutorials are over-represented), empty where it was not counted.
"""

from typing import NamedTuple


class Feature(NamedTuple):
    """A feature by the name that tests are marked with, and what is different on one machine, if anything is."""

    name: str
    repositories: str = ""
    difference: str = ""


_IGNORED = "taken and left aside: it changes no row"
_STATE = "Sail keeps no state: the update goes on with Spark and says so"
_READERS = "rights are the workspace's: readers of the files of a home see all of a table"
_BROKER = "there is no broker here, and one made up would promise an order that a real one does not keep"
_UPDATE = "Databricks takes a sink such as Kafka for its target only, and no Delta table"
_FEED = "commits here tell whole files: whether a row was updated or deleted and inserted is not in them"
_XML = "no kept library reads it as Auto Loader does; Spark's reader rescues no data"
_NUMBERED = "Databricks' writer makes such values, and its readers masks: neither is here"
_THROUGHPUT = "taken and left aside: an update reads all that is new"

FEATURES: dict[str, list[Feature]] = {
    "Python: datasets and flows": [
        Feature("import dlt", "69", "the same functions as `pyspark.pipelines`, under all their names"),
        Feature("from pyspark import pipelines", "33"),
        Feature("@table over a streaming query", "76", "whether a query streams is seen when it is called"),
        Feature("@table over a batch query", "54", "a materialized view, computed anew when it is stale"),
        Feature("@table(temporary=True)", "6", "not shown to readers"),
        Feature("@materialized_view", "24", "computed anew when it is stale, never by parts"),
        Feature("@materialized_view(private=True)", "2", "not shown to readers"),
        Feature("@view", "43", "of this pipeline only"),
        Feature("@temporary_view", "9"),
        Feature("@create_table", "6"),
        Feature("create_streaming_live_table", "6"),
        Feature("create_streaming_table", "55"),
        Feature("append_flow", "23", "each flow has a progress of its own"),
        Feature("append_flow(comment=...)", "2"),
        Feature("append_flow(once=True)", "1"),
        Feature("create_sink", "4", "a Delta table by name or path"),
        Feature("sinks of other formats", "", _BROKER),
        Feature("foreach_batch_sink", "2", "its function writes no table by itself (a Delta sink does)"),
        Feature(
            "foreach_sink",
            "",
            "a `foreach_batch_sink` takes the same rows",
        ),
        Feature("update_flow", "3", _UPDATE),
        Feature(
            "on_event_hook",
            "3",
            "called when the update has ended; what a hook raises is told and fails nothing",
        ),
        Feature("dlt.read", "42"),
        Feature("dlt.read_stream", "28"),
        Feature("LIVE.x in a Python read", "11"),
        Feature(
            "three-part names in Python", "33", "another catalog stands beside, below `<home>/warehouse`"
        ),
        Feature("tables made in a loop", "16"),
        Feature("current_catalog(), current_schema(), spark.catalog.tableExists", ""),
        Feature(
            "other questions to the catalog",
            "",
            "spark.catalog, SHOW, DESCRIBE, USE: an engine here knows no tables of a catalog",
        ),
        Feature("decorators above the dataset's", "5"),
    ],
    "Python: expectations": [
        Feature("expect", "31"),
        Feature("expect_or_drop", "27"),
        Feature("expect_or_fail", "10"),
        Feature("expect_all", "15"),
        Feature("expect_all_or_drop", "19"),
        Feature("expect_all_or_fail", "8"),
        Feature("create_streaming_table(expect_all*=)", "14"),
        Feature("expectations on a view", "16", "counted each time that a dataset reads the view"),
        Feature("metrics in the event log", "0", "the Delta table `<home>/state/event_log`"),
        Feature("rules read from a table with collect()", "6"),
    ],
    "Python: AUTO CDC": [
        Feature(
            "create_auto_cdc_flow",
            "41",
            "of two events with one key and one sequence a deletion stays, then the greater",
        ),
        Feature("apply_changes", "18"),
        Feature("SCD type 2", "43"),
        Feature("apply_as_deletes", "21"),
        Feature("apply_as_truncates", "2", "type 1 only, as on Databricks"),
        Feature("ignore_null_updates=True", "3"),
        Feature("except_column_list", "39"),
        Feature("column_list", "11"),
        Feature("track_history_*", "16"),
        Feature("flow name=", "6"),
        Feature("AUTO CDC once=True", "4"),
        Feature("several flows into one target", "2"),
        Feature("sequence_by a clock", "12", "the view is read once for each event"),
        Feature(
            "AUTO CDC target read as a stream",
            "11",
            "an error once rows were changed, unless `skipChangeCommits`",
        ),
        Feature("AUTO CDC target as source of AUTO CDC", "2", "the same"),
        Feature(
            "create_auto_cdc_from_snapshot_flow",
            "0",
            "by name, a snapshot's version is the time at which it is read, as Databricks documents it",
        ),
        Feature("apply_changes_from_snapshot", "1"),
        Feature(
            "system_sequence_by",
            "",
            "a table of two sequences: no answers of a workspace are known to check it by",
        ),
    ],
    "Python: parameters and session": [
        Feature("table_properties", "41", "kept in the table"),
        Feature("partition_cols", "12", _IGNORED),
        Feature("cluster_by", "8", _IGNORED),
        Feature("schema=", "15"),
        Feature("path=", "1", _IGNORED),
        Feature("spark_conf=", "6", "holds while the flow runs, or the view is computed"),
        Feature("row_filter", "1", _READERS),
        Feature("spark.conf.get", "35", "the pipeline's configuration"),
        Feature("spark.conf.set", "6"),
        Feature(
            "settings that change what Spark answers",
            "",
            "`spark.sql.ansi.enabled`, `caseSensitive`, `legacy.*`, a time zone: the update goes on with Spark",
        ),
        Feature("spark.sql in a file", "11"),
        Feature(
            "dbutils",
            "17",
            "`widgets`, `fs`, `notebook.exit`, the notebook's path; the rest is refused by name",
        ),
        Feature("%pip, %run", "4", "`%pip` is passed over"),
        Feature("notebooks (.py, .sql, .ipynb)", "29, 11, 7", "cells in Python and SQL"),
        Feature("UDF and pandas UDF", "9", "in this repository's environment"),
        Feature("createDataFrame", "11"),
        Feature("df.a == df.b joins", "20"),
        Feature("df.columns and df.schema in a query", "11"),
        Feature("dropDuplicates and distinct on a stream", "9", _STATE),
        Feature(
            "aggregation of a stream", "8", "computed anew from all rows that the stream gave, which are kept"
        ),
        Feature("withWatermark", "7", _STATE),
        Feature("skipChangeCommits", "2"),
        Feature("readChangeFeed", "2", _FEED),
        Feature("DeltaTable", "", "it needs a JVM with Delta in it, which neither engine has"),
        Feature("sibling imports", "3"),
        Feature("pivot", ""),
    ],
    "Auto Loader and other reads of files": [
        Feature("cloudFiles", "48", "with a new column the update goes on, where Databricks stops once"),
        Feature("format csv", "25"),
        Feature("format json", "15"),
        Feature("format parquet", "8"),
        Feature("format binaryFile, text", "5"),
        Feature("format orc", "0"),
        Feature(
            "format avro",
            "0",
            "a union of several types other than null is refused; a UUID is read in small letters",
        ),
        Feature("format xml", "1", _XML),
        Feature("inferColumnTypes", "19"),
        Feature("inferSchema", "12"),
        Feature("schemaHints", "3"),
        Feature("schemaLocation", "11", _IGNORED),
        Feature("schemaEvolutionMode", "16"),
        Feature("addNewColumns, rescue, none, failOnNewColumns", "7, 10, 1, 0"),
        Feature("maxFilesPerTrigger", "8", _THROUGHPUT),
        Feature("includeExistingFiles", "6", "`true` only"),
        Feature("rescuedDataColumn", "9"),
        Feature("validateOptions", "2", _IGNORED),
        Feature(
            "cleanSource, useNotifications",
            "2",
            "an update deletes no file, and looks into the folder itself",
        ),
        Feature(
            "allowOverwrites", "0", "a file is known by its path, with this option by size and time as well"
        ),
        Feature("header", "28"),
        Feature("multiLine", "9"),
        Feature("escape", "3"),
        Feature("pathGlobFilter", "4"),
        Feature("a glob in load(path)", "11"),
        Feature("partition folders", "0"),
        Feature("compressed files", ""),
        Feature("mergeSchema", "5", _IGNORED),
        Feature("_metadata", "25"),
        Feature("input_file_name()", "4", "over files only: it is `_metadata.file_path`"),
        Feature("csv without header and schema", "15", "Auto Loader takes the first line for names"),
        Feature("batch spark.read of files", "18"),
        Feature("Kafka / Event Hubs", "14", _BROKER),
        Feature("sources that are no files", "", "JDBC and the like: no driver is on the machine"),
        Feature("cloud storage", "", "the files are not on the machine: put them into a volume"),
        Feature(
            "samples.nyctaxi.trips",
            "",
            "made up, in the columns of Databricks' sample; other samples are not there",
        ),
    ],
    "SQL": [
        Feature("CREATE OR REFRESH STREAMING TABLE", "20"),
        Feature("CREATE MATERIALIZED VIEW", "20"),
        Feature("CREATE TEMPORARY VIEW", ""),
        Feature("CREATE LIVE TABLE, LIVE VIEW", "13"),
        Feature("LIVE.x in SQL", "13"),
        Feature("CONSTRAINT ... EXPECT", "19"),
        Feature("CONSTRAINT ... ON VIOLATION DROP ROW", "18"),
        Feature("CONSTRAINT ... ON VIOLATION FAIL UPDATE", "6"),
        Feature("STREAM(x) and STREAM x", "23, 9"),
        Feature("read_files", "12"),
        Feature("cloud_files", "9"),
        Feature("APPLY CHANGES INTO", "14", "all clauses but `WHERE`"),
        Feature("AUTO CDC INTO", "4"),
        Feature("COLUMNS * EXCEPT, APPLY AS DELETE, SCD TYPE 2, TRACK HISTORY", "9, 9, 10, 1"),
        Feature("IGNORE NULL UPDATES, APPLY AS TRUNCATE", "0"),
        Feature("CREATE FLOW", "4"),
        Feature("TBLPROPERTIES", "14"),
        Feature("PARTITIONED BY and CLUSTER BY", "4, 2", "`CLUSTER BY` changes no row and is left aside"),
        Feature("ROW FILTER / MASK", "2", _READERS),
        Feature("${parameter}", "10"),
        Feature(
            "typed columns, PRIMARY KEY, GENERATED",
            "8",
            "keys are not enforced, as on Databricks; NOT NULL fails the update; AUTO CDC takes no GENERATED",
        ),
        Feature("identity columns, DEFAULT, MASK", "", _NUMBERED),
        Feature("SET between statements", "2"),
        Feature("SCHEDULE, PRIVATE", "1", "nothing runs by itself: `SCHEDULE` is left aside"),
        Feature("ai_query, ai_*()", "7", "they ask a model, and there is none on one machine"),
        Feature(
            "functions of rows that are not here",
            "",
            "`table_changes`, `read_kafka`, `event_log` and the like; `STREAM` of a function such as `range`",
        ),
        Feature("three-part names in SQL", "11"),
        Feature("double-quoted strings", "11"),
        Feature("stream-stream join", "3", _STATE),
        Feature("words only in comments or strings", "7"),
        Feature("QUALIFY, * EXCEPT, GROUP BY ALL, column:path", "", "written anew for Sail"),
        Feature("JOIN ... USING", "", "`t.id` of the outer side of an outer join goes to Spark"),
        Feature("PIVOT", ""),
        Feature(
            "UNPIVOT, LATERAL explode(...), RANGE ... PRECEDING, (a, b) NOT IN",
            "",
            "Sail answers these otherwise: the update goes on with Spark and says so",
        ),
        Feature("what Sail does not parse, or lacks", "", "the update goes on with Spark and says so"),
        Feature(
            "INSERT, MERGE, DELETE, CREATE TABLE", "", "a table is written by its flows, as on Databricks"
        ),
    ],
}
