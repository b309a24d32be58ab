from pathlib import Path
from textwrap import dedent

import pytest
from pyspark.sql import SparkSession

from local.engine.language.definitions import Definitions
from local.engine.language.model import Expectation, Kind
from local.engine.language.places import PlacedError
from local.engine.language.schemas import not_null
from local.engine.language.sql_definitions import add_sql


class Pipeline:
    """What SQL defines in a pipeline of catalog main and schema shop."""

    def __init__(self, root: Path, session: SparkSession) -> None:
        self.file = root / "a.sql"
        self.session = session
        self.definitions = Definitions(root, "main", "shop")

    def add(self, text: str, **configuration: str) -> Definitions:
        self.definitions.configuration |= {
            key.replace("__", "."): value for key, value in configuration.items()
        }
        add_sql(dedent(text).strip("\n"), self.file, 1, self.definitions, self.session)
        return self.definitions


@pytest.fixture
def pipeline(tmp_path: Path, sail: SparkSession) -> Pipeline:
    return Pipeline(tmp_path, sail)


@pytest.mark.parametrize(
    ("start", "kind", "private"),
    [
        ("CREATE OR REFRESH STREAMING TABLE", Kind.STREAMING_TABLE, False),
        ("create streaming live table", Kind.STREAMING_TABLE, False),
        ("CREATE TEMPORARY STREAMING TABLE", Kind.STREAMING_TABLE, True),
        ("CREATE LIVE TABLE", Kind.MATERIALIZED_VIEW, False),
        ("CREATE OR REFRESH PRIVATE MATERIALIZED VIEW", Kind.MATERIALIZED_VIEW, True),
        ("CREATE MATERIALIZED /* CREATE FLOW */ VIEW IF NOT EXISTS", Kind.MATERIALIZED_VIEW, False),
        ("CREATE VIEW", Kind.MATERIALIZED_VIEW, False),
    ],
)
def test_a_table(pipeline: Pipeline, start: str, kind: Kind, private: bool) -> None:
    definitions = pipeline.add(f"-- of it\n{start} Gauges COMMENT 'it''s' AS SELECT 1 AS id -- done")
    dataset = definitions.datasets["shop.gauges"]
    assert (dataset.kind, dataset.private, dataset.comment) == (kind, private, "it's")
    assert dataset.place.line == 2
    (flow,) = definitions.flows
    assert flow.query().collect() == [(1,)]
    definitions.settle()


@pytest.mark.parametrize("start", ["TEMPORARY VIEW", "TEMP VIEW", "LIVE VIEW", "TEMPORARY LIVE VIEW"])
def test_a_view(pipeline: Pipeline, start: str) -> None:
    definitions = pipeline.add(f"CREATE {start} large (a COMMENT 'x', b) AS SELECT 1, 2")
    assert definitions.datasets["large"].kind == Kind.TEMPORARY_VIEW
    assert definitions.flows[0].query().columns == ["a", "b"]


def test_constraints(pipeline: Pipeline) -> None:
    definitions = pipeline.add("""
        CREATE STREAMING TABLE gauges (
          CONSTRAINT warm EXPECT (degrees > 20),
          CONSTRAINT has_id EXPECT (id IS NOT NULL AND id NOT IN (7, 8)) ON VIOLATION DROP ROW,
          CONSTRAINT `not too hot` EXPECT (name <> 'a)') ON VIOLATION FAIL UPDATE,
          CONSTRAINT pk PRIMARY KEY (id)
        ) AS SELECT * FROM STREAM(raw)
    """)
    assert definitions.datasets["shop.gauges"].expectations == (
        Expectation("warm", "degrees > 20", "warn"),
        Expectation("has_id", "id IS NOT NULL AND id NOT IN (7, 8)", "drop"),
        Expectation("not too hot", "name <> 'a)'", "fail"),
    )
    assert definitions.datasets["shop.gauges"].schema is None


def test_columns_and_clauses(pipeline: Pipeline) -> None:
    definitions = pipeline.add("""
        CREATE MATERIALIZED VIEW sales (
          id BIGINT NOT NULL FOREIGN KEY REFERENCES a.b COMMENT 'number; never used twice',
          tags MAP<STRING, ARRAY<STRUCT<a: INT, b: DECIMAL(8,2)>>> COMMENT "it's",
          twice BIGINT GENERATED ALWAYS AS (id * 2)
        )
        TBLPROPERTIES ('quality' = 'silver', "x" = true, a.b = 3)
        CLUSTER BY (id)
        SCHEDULE REFRESH EVERY 8 HOURS
        PARTITIONED BY (id)
        COMMENT 'what was sold'
        AS SELECT 3 AS id, NULL AS tags
    """)
    dataset = definitions.datasets["shop.sales"]
    assert dataset.schema == (
        "`id` BIGINT COMMENT 'number; never used twice', "
        "`tags` MAP<STRING, ARRAY<STRUCT<a: INT, b: DECIMAL(8,2)>>> COMMENT 'it\\'s', `twice` BIGINT"
    )
    assert dataset.properties == {"quality": "silver", "x": "true", "a.b": "3"}
    assert dataset.partition_cols == ("id",)
    assert dataset.comment == "what was sold"
    assert dataset.expectations == (not_null("id"),)
    definitions.settle()
    assert definitions.flows[0].query().collect() == [(3, None, 6)]


def test_words_in_text(pipeline: Pipeline) -> None:
    definitions = pipeline.add("""
        -- AUTO CDC INTO nothing; APPLY CHANGES INTO LIVE.nothing; ${nothing}
        /* CONSTRAINT x EXPECT (y);
           SELECT * FROM read_files('/nowhere'); */
        CREATE MATERIALIZED VIEW notes
        COMMENT 'read_files( and LIVE.x are words here; it''s text'
        AS SELECT 'a;b' AS semicolon, -- one; two
          "APPLY CHANGES; 'quoted' /* text */" AS double, x.`auto cdc;` AS one
        FROM (SELECT 1 AS `auto cdc;`) AS x;
        CREATE TEMP VIEW again AS SELECT 1; -- the end; of it
    """)
    assert list(definitions.datasets) == ["shop.notes", "again"]
    assert definitions.flows[0].query().collect() == [("a;b", "APPLY CHANGES; 'quoted' /* text */", 1)]
    assert definitions.datasets["again"].place.line == 9


def test_changes(pipeline: Pipeline) -> None:
    definitions = pipeline.add("""
        CREATE OR REFRESH STREAMING TABLE items;
        CREATE FLOW items_flow AS AUTO CDC INTO items FROM STREAM(LIVE.events) KEYS (id, `b c`)
        APPLY AS DELETE WHEN op = "D" APPLY AS TRUNCATE WHEN op = 'T' SEQUENCE BY seq
        COLUMNS * EXCEPT (op, seq) STORED AS SCD TYPE 2 TRACK HISTORY ON * EXCEPT (x);
        CREATE STREAMING TABLE more;
        APPLY CHANGES INTO LIVE.more FROM stream(events) KEYS (id) IGNORE NULL UPDATES
        SEQUENCE BY struct(a, b) COLUMNS (id, name);
        CREATE STREAMING TABLE last FLOW AUTO CDC FROM STREAM read_files('/a', format => 'csv') KEYS (id)
        SEQUENCE BY at;
        CREATE MATERIALIZED VIEW events AS SELECT 1
    """)
    definitions.settle()
    items, more, last = definitions.cdc_flows
    assert (items.name, items.target, items.source) == ("items_flow", "shop.items", "shop.events")
    assert (items.keys, items.sequence_by, items.stored_as_scd_type) == (("id", "b c"), "seq", 2)
    assert (items.apply_as_deletes, items.apply_as_truncates) == ('op = "D"', "op = 'T'")
    assert items.except_column_list == ("op", "seq")
    assert items.track_history_except_column_list == ("x",)
    assert (more.name, more.source, more.ignore_null_updates) == ("shop.more", "shop.events", True)
    assert (more.sequence_by, more.column_list) == ("struct(a, b)", ("id", "name"))
    assert last.source == "__events_of_last"
    assert items.place.line == 2


def test_a_flow_of_rows(pipeline: Pipeline) -> None:
    definitions = pipeline.add("""
        CREATE STREAMING TABLE s;
        CREATE FLOW a AS INSERT INTO s BY NAME SELECT * FROM STREAM x;
        CREATE FLOW b AS INSERT INTO ONCE s BY NAME SELECT 1 AS id
    """)
    assert [(flow.name, flow.target, flow.once) for flow in definitions.flows] == [
        ("a", "s", False),
        ("b", "s", True),
    ]


def test_parameters_and_settings(pipeline: Pipeline) -> None:
    definitions = pipeline.add(
        """
        SET shop.floor;
        SET shop.floor = 10;
        SET shop.kind = 'cup; pot';
        CREATE MATERIALIZED VIEW `${shop.name}` AS
        SELECT '${shop.owner}' AS owner, ${shop.floor} + 1 AS n, "${shop.kind}" AS kind
        """,
        shop__owner="Ann",
        shop__name="kept",
    )
    assert list(definitions.datasets) == ["shop.kept"]
    assert definitions.flows[0].query().collect() == [("Ann", 11, "cup; pot")]
    assert definitions.configuration["shop.floor"] == "10"


def test_use(pipeline: Pipeline) -> None:
    pipeline.session.sql("SELECT 7 AS id").createOrReplaceTempView("seven")
    definitions = pipeline.add("""
        CREATE TEMPORARY VIEW seven AS SELECT 1;
        USE CATALOG other;
        USE SCHEMA bronze;
        CREATE MATERIALIZED VIEW a AS SELECT * FROM seven;
        CREATE MATERIALIZED VIEW silver.b AS SELECT 1
    """)
    assert list(definitions.datasets) == ["seven", "other.bronze.a", "silver.b"]
    assert definitions.flows[1].query().collect() == [(7,)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "SELECT is no statement of a pipeline: write CREATE MATERIALIZED VIEW"),
        ("INSERT INTO x SELECT 1", "CREATE FLOW"),
        (
            "CREATE TABLE x AS SELECT 1",
            "CREATE TABLE is no statement of a pipeline: write CREATE STREAMING TABLE",
        ),
        ("CREATE FUNCTION f() RETURNS INT RETURN 1", "spark.udf.register"),
        ("CREATE MATERIALIZED VIEW x", "needs AS and a query"),
        ("CREATE MATERIALIZED VIEW x WITH ROW FILTER f ON (a) AS SELECT 1", "row filter"),
        ("CREATE MATERIALIZED VIEW x (a INT MASK f) AS SELECT 1", "column mask"),
        ("CREATE MATERIALIZED VIEW x (a BIGINT GENERATED ALWAYS AS IDENTITY) AS SELECT 1", "identity column"),
        ("CREATE MATERIALIZED VIEW x AS SELECT FROM", "does not parse"),
        (
            "CREATE MATERIALIZED VIEW x (CONSTRAINT a EXPCT (1 = 1)) AS SELECT 1",
            "EXPECT, PRIMARY KEY or FOREIGN KEY",
        ),
        (
            "CREATE MATERIALIZED VIEW x (CONSTRAINT a EXPECT (1 = 1) ON VIOLATION DROP ROWS) AS SELECT 1",
            "'ROWS' stands there",
        ),
        ("CREATE MATERIALIZED VIEW x BUCKETS 3 AS SELECT 1", "'BUCKETS' is no clause"),
        ("CREATE MATERIALIZED VIEW x AS SELECT '${a.b}'", "give a.b in the pipeline's configuration"),
        ("AUTO CDC INTO x FROM y SEQUENCE BY z", "needs KEYS"),
        ("AUTO CDC INTO x FROM y KEYS (a) SEQUENCE BY z STORED AS SCD TYPE 3", "1 or 2"),
        ("CREATE FLOW f AS INSERT INTO x SELECT 1", "BY NAME is expected"),
    ],
)
def test_what_is_not_supplied_is_named_with_its_line(pipeline: Pipeline, text: str, message: str) -> None:
    with pytest.raises(PlacedError, match=message) as caught:
        pipeline.add(f"CREATE TEMP VIEW first AS SELECT 1;\n\n{text}")
    assert caught.value.place.line == 3
