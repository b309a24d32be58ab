"""Tables, views and sinks as Python files write them."""

import pytest

from common.errors import UserError
from local.engine.language.model import Expectation, Kind
from tests.local.engine.language.conftest import Files


def test_a_decorator_with_or_without_parentheses_and_a_call_define_a_dataset_each(files: Files) -> None:
    definitions = files.load("""
        @dp.table
        def plain():
            return spark.range(1)

        @dp.table(name="Other.Named", comment="of one", table_properties={"quality": "gold", "pipelines.reset": False})
        def named():
            return spark.range(1)

        dp.table(lambda: spark.range(1), name="called", partition_cols=["id"])
        dp.materialized_view(name="`main`.shop.`viewed`")(plain)

        @dp.temporary_view()
        def View():
            return spark.range(1)

        assert plain().count() == named().count() == 1
        """)
    kinds = {name: dataset.kind for name, dataset in definitions.datasets.items()}
    assert kinds == {
        "shop.plain": Kind.TABLE,
        "other.named": Kind.TABLE,
        "shop.called": Kind.TABLE,
        "shop.viewed": Kind.MATERIALIZED_VIEW,
        "view": Kind.TEMPORARY_VIEW,
    }
    assert [(flow.name, flow.target) for flow in definitions.flows] == [(name, name) for name in kinds]
    named = definitions.datasets["other.named"]
    assert (named.comment, named.properties) == ("of one", {"quality": "gold", "pipelines.reset": "false"})
    assert definitions.datasets["shop.called"].partition_cols == ("id",)
    assert [dataset.place.line for dataset in definitions.datasets.values()] == [2, 6, 10, 11, 13]


def test_the_old_module_has_the_same_names_and_its_own(files: Files) -> None:
    definitions = files.load("""
        import dlt
        from dlt import *

        @dlt.create_table(temporary=True)
        def kept():
            return spark.range(1)

        @create_view
        def seen():
            return dlt.read("kept")

        dlt.create_streaming_live_table("target")

        @append_flow("into", "target")
        def rows():
            return read_stream("kept")
        """)
    assert definitions.datasets["shop.kept"].private
    assert definitions.datasets["seen"].kind == Kind.TEMPORARY_VIEW
    assert [(flow.name, flow.target) for flow in definitions.flows][-1] == ("into", "shop.target")


def test_expectations_stand_above_and_below_the_dataset_in_the_order_of_the_lines(files: Files) -> None:
    definitions = files.load("""
        from pyspark.sql import functions as F

        @dp.expect_or_fail("first", "a > 0")
        @dp.expect_all({"second": "b > 0", "third": "c > 0"})
        @dp.table
        @dp.expect_or_drop("fourth", "d > 0")
        @dp.expect("fifth", inv="e > 0")
        def t():
            return spark.range(1)

        dp.create_streaming_table("s", expect_all={"one": "a > 0"}, expect_all_or_drop={"two": F.col("b") > 0})

        @dp.append_flow(target="s")
        def into_s():
            return spark.readStream.table("t")
        """)
    expected = definitions.datasets["shop.t"].expectations
    assert [(one.name, one.action) for one in expected] == [
        ("first", "fail"),
        ("second", "warn"),
        ("third", "warn"),
        ("fourth", "drop"),
        ("fifth", "warn"),
    ]
    one, two = definitions.datasets["shop.s"].expectations
    assert one == Expectation("one", "a > 0", "warn")
    assert (two.name, two.action, type(two.predicate).__name__) == ("two", "drop", "Column")


def test_one_function_may_define_tables_with_expectations_of_their_own(files: Files) -> None:
    definitions = files.load("""
        def rows():
            return spark.range(1)

        for name in ("a", "b"):
            dp.expect(f"of {name}", "id > 0")(dp.table(rows, name=name))
        """)
    names = {name: [one.name for one in d.expectations] for name, d in definitions.datasets.items()}
    assert names == {"shop.a": ["of a"], "shop.b": ["of b"]}


def test_sinks(files: Files) -> None:
    definitions = files.load("""
        dp.create_sink("out", "delta", {"path": "/tmp/x", "mergeSchema": True})

        @dp.foreach_batch_sink(name="each")
        def handle(rows, number):
            rows.collect()

        for sink in ("out", "each"):
            @dp.append_flow(target=sink, name=f"to_{sink}")
            def rows():
                return spark.readStream.table("x")
        """)
    out, each = definitions.datasets.values()
    assert (out.name, out.kind, out.sink_format) == ("out", Kind.SINK, "delta")
    assert out.sink_options == {"path": "/tmp/x", "mergeSchema": "true"}
    assert each.foreach_batch
    assert [flow.target for flow in definitions.flows] == ["out", "each"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (
            "dp.table(nam='x')(spark.range)",
            "a.py:2: table has no parameter nam; it takes: query_function, name",
        ),
        ("dp.table(lambda: None)", "a.py:2: table: a function without a name needs name="),
        ("dp.table('x')(lambda: None)", "a.py:2: table takes a function first: write table(name='x')"),
        ("dp.table(lambda: None, name=3)", "a.py:2: table: name is str, not int"),
        (
            "dp.table(lambda: None, name='x', row_filter='f ON (a)')",
            "the parameter row_filter is not supplied",
        ),
        ("dp.table(lambda: None, name='a.b.c.d')", "a.b.c.d has 4 parts"),
        ("dp.table(lambda: None, name='../x')", "is no table's name"),
        ("dp.table(lambda: None, name='`../x`')", "takes no blank, period or slash"),
        ("dp.view(lambda: None, name='a.b')", "a.b: a temporary view has a name of one part"),
        (
            "@dp.expect('a', 'true')\n@dp.expect('a', 'false')\n@dp.table\ndef t(): pass",
            "two expectations called 'a'",
        ),
        ("dp.create_streaming_table('t')", "a.py:2: shop.t has no flow"),
        ("dp.table(lambda: 1, name='T')\ndp.view(lambda: 1, name='t')", "a.py:3: t is defined twice: "),
        (
            "dp.update_flow(target='x')",
            "a.py:2: update_flow is not supplied on one machine; write the aggregate",
        ),
        (
            "dp.nothing()",
            "a.py:2: pyspark.pipelines.nothing is not supplied on one machine; there is append_flow, ",
        ),
        ("def broken(:", "a.py:2: SyntaxError: "),
        ("1 / 0", "a.py:2: ZeroDivisionError: division by zero"),
        (
            "import nowhere",
            "a.py:2: the module nowhere is not installed: install it in the environment",
        ),
        (
            "spark.conf.get('no.such')",
            "a.py:2: the pipeline's configuration has no no.such: add it to the spec",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(files: Files, code: str, error: str) -> None:
    with pytest.raises(UserError) as raised:
        files.load(code)
    assert str(raised.value).startswith("transformations/a.py")
    assert error in str(raised.value)
