"""Append flows and AUTO CDC as Python files write them."""

import pytest

from common.errors import UserError
from tests.local.engine.language.conftest import Files

TARGET = "dp.create_streaming_table('t')\n"
CDC = "dp.create_auto_cdc_flow(target='t', source='s', keys=['id'], sequence_by='n', "
APPEND = "dp.append_flow(target='t', name='f')(lambda: 1)\n"


def test_append_flows_with_the_settings_of_their_table_and_their_own(files: Files) -> None:
    definitions = files.load("""
        dp.create_streaming_table("main.shop.t", spark_conf={"a": 1, "b": 1})

        @dp.append_flow(target="t", once=True)
        def history():
            return spark.range(1)

        @dp.append_flow(target="T", spark_conf={"b": 2})
        def t():
            return spark.range(1)
        """)
    one, two = definitions.flows
    assert (one.name, one.target, one.once, one.spark_conf) == (
        "history",
        "shop.t",
        True,
        {"a": "1", "b": "1"},
    )
    assert (two.name, two.target, two.once, two.spark_conf) == (
        "shop.t",
        "shop.t",
        False,
        {"a": "1", "b": "2"},
    )


def test_auto_cdc_takes_names_as_text_and_as_columns(files: Files) -> None:
    definitions = files.load("""
        from pyspark.sql.functions import col, expr, struct

        @dp.view
        def events():
            return spark.range(1)

        dp.create_streaming_table("t")
        dp.create_auto_cdc_flow(
            target="t", source="LIVE.Events", keys=[col("id"), "`key two`"], sequence_by=struct("a", "b"),
            apply_as_deletes=expr("op = 'D'"), except_column_list=["op", col("a")],
            stored_as_scd_type="2", track_history_except_column_list=["at"], ignore_null_updates=True, name="f",
        )
        """)
    [flow] = definitions.cdc_flows
    assert (flow.name, flow.target, flow.source, flow.keys) == ("f", "shop.t", "events", ("id", "key two"))
    assert (flow.column_list, flow.except_column_list, flow.stored_as_scd_type) == (None, ("op", "a"), 2)
    assert (flow.track_history_column_list, flow.track_history_except_column_list) == (None, ("at",))
    assert (flow.apply_as_truncates, flow.ignore_null_updates, flow.once) == (None, True, False)
    assert flow.place.line == 9


def test_apply_changes_is_the_old_name(files: Files) -> None:
    definitions = files.load("""
        import dlt
        dlt.create_target_table("t")
        dlt.apply_changes("t", "other.s", ["id"], "n", None, None, "op = 'D'", flow_name="first")
        dlt.apply_changes("t", "s", ["id"], "n", apply_as_truncates="op = 'T'", flow_name="second", once=True)
        """)
    first, second = definitions.cdc_flows
    assert (first.name, first.source, first.apply_as_deletes) == ("first", "other.s", "op = 'D'")
    assert (second.name, second.source, second.once) == ("second", "shop.s", True)
    assert (second.apply_as_truncates, second.stored_as_scd_type) == ("op = 'T'", 1)


def test_snapshots_by_name_and_by_function(files: Files) -> None:
    definitions = files.load("""
        import dlt
        dp.create_streaming_table("one")
        dp.create_auto_cdc_from_snapshot_flow(target="one", source="s", keys=["id"], stored_as_scd_type=2)
        dp.create_streaming_table("two")
        dlt.apply_changes_from_snapshot(target="two", snapshot_and_version=lambda last: None, keys=["id"])
        """)
    one, two = definitions.snapshot_flows
    assert (one.source, one.stored_as_scd_type) == ("shop.s", 2)
    assert (callable(two.source), two.stored_as_scd_type) == (True, 1)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("dp.append_flow(name='f')", "a.py:2: append_flow: give target"),
        (APPEND, "a.py:2: the flow's target shop.t is not defined; create it with create_streaming_table"),
        (
            f"dp.view(lambda: 1, name='t')\n{APPEND}",
            "a.py:3: a flow into t, which is a temporary view; create it",
        ),
        (f"dp.materialized_view(lambda: 1, name='t')\n{APPEND}", "which is a materialized view"),
        (
            TARGET + APPEND + APPEND,
            "a.py:4: two flows are called f, the other at transformations/a.py:3",
        ),
        (
            f"dp.table(lambda: 1, name='t')\n{CDC})",
            "a.py:3: AUTO CDC into shop.t, which is a table; create it",
        ),
        (f"{CDC})", "a.py:2: the flow's target shop.t is not defined"),
        (f"{TARGET}{APPEND}{CDC})", "a.py:2: shop.t takes AUTO CDC flows or append flows, not both"),
        (f"{TARGET}{CDC})\n{CDC})", "two flows are called shop.t, the other at "),
        (f"{TARGET}{CDC})\n{CDC}name='f', stored_as_scd_type=2)", "have other keys or SCD types"),
        (
            TARGET.replace(")", ", schema='id INT, twice INT GENERATED ALWAYS AS (id * 2)')") + f"{CDC})",
            "a.py:2: shop.t: a GENERATED column (twice) is not supplied in a table that AUTO CDC writes",
        ),
        (f"{CDC}apply_as_truncates='x', stored_as_scd_type=2)", "apply_as_truncates is for SCD type 1 only"),
        (f"{CDC}system_sequence_by='x')", "the parameter system_sequence_by is not supplied on one machine"),
        (f"{CDC}stored_as_scd_type=3)", "stored_as_scd_type is 1 or 2, not 3"),
        (f"{CDC}where='x > 1')", "the parameter where is not supplied on one machine; filter in the source"),
        (
            f"{CDC}column_list=['a'], except_column_list=['b'])",
            "give column_list or except_column_list, not both",
        ),
        (CDC.replace("['id']", "[]") + ")", "give at least one column as keys"),
        (CDC.replace("['id']", "'id'") + ")", "keys is list, not str"),
        (CDC.replace("'n'", "None") + ")", "give sequence_by"),
        (
            "from pyspark.sql.functions import col\n" + CDC.replace("'id'", "col('a.b')") + ")",
            "keys takes names of columns, not Column<'a.b'>",
        ),
        (
            "@dp.append_flow(target='t')\n@dp.expect('a', 'true')\ndef f(): pass",
            "an append flow has no expectations",
        ),
        (
            "dp.create_auto_cdc_from_snapshot_flow(target='t', source=3, keys=['id'])",
            "source is a table's name or",
        ),
    ],
)
def test_a_flow_that_cannot_be_is_named_with_its_file_and_line(files: Files, code: str, error: str) -> None:
    with pytest.raises(UserError) as raised:
        files.load(code)
    assert error in str(raised.value)
    assert "transformations/a.py:" in str(raised.value)
