"""How a pipeline's files are run: what they can import, what is theirs, and what is left afterwards."""

import colorsys
import os
import sys
from importlib import import_module
from pathlib import Path

import pyspark
import pytest

from common.errors import UserError
from local.engine.language.loading.imports import importable
from local.engine.language.loading.loading import running
from tests.local.engine.language.conftest import Files


def test_modules_below_the_root_are_imported_anew_and_forgotten(files: Files) -> None:
    files.write(
        "transformations/a.py",
        "from shop.rules import LIMIT\nimport sibling\nassert sibling.LIMIT == LIMIT\n",
    )
    files.write(
        "transformations/b.py", "from pyspark import pipelines as dp\n\ndp.view(lambda: 1, name='v')\n"
    )
    files.write("shop/__init__.py", "")
    for limit in (1, 22):
        files.write("shop/rules.py", f"LIMIT = {limit}")
        files.write("transformations/sibling.py", f"LIMIT = {limit}")
        files.load()
    assert not {"shop", "shop.rules", "sibling", "dlt", "transformations.a"} & set(sys.modules)


def test_a_query_function_imports_what_its_file_could(files: Files) -> None:
    files.write("transformations/limits.py", "LIMIT = []")
    definitions = files.load("""
        import limits
        limits.LIMIT.append(1)

        @dp.view
        def v():
            import dlt
            from limits import LIMIT

            assert dlt.read
            return LIMIT
        """)
    with running(definitions, files.session):
        assert definitions.flows[0].query() == [1]
        with pytest.raises(UserError, match="define it at the top of a file"):
            import_module("dlt").view(lambda: 1, name="late")


def test_what_stood_under_the_names_before_stands_there_again(files: Files) -> None:
    from pyspark import pipelines as before

    definitions = files.load("dp.view(lambda: 1, name='v')")
    assert sys.modules["pyspark.pipelines"] is vars(pyspark)["pipelines"] is before
    with running(definitions, files.session):
        from pyspark import pipelines as during

        assert sys.modules["pyspark.pipelines"] is during is not before


def test_a_module_that_the_code_puts_in_anothers_place_is_of_the_code_only(files: Files) -> None:
    definitions = files.load("""
        import sys
        from types import ModuleType

        made = sys.modules["colorsys"] = ModuleType("colorsys")
        made.__file__, made.NAME = __file__, "made"

        @dp.view
        def v():
            import colorsys

            return colorsys.NAME
        """)
    assert sys.modules["colorsys"] is colorsys
    with running(definitions, files.session):
        assert definitions.flows[0].query() == "made"
    assert sys.modules["colorsys"] is colorsys


def test_a_package_of_the_engines_gives_way_to_one_of_the_pipelines(files: Files) -> None:
    files.write("common/__init__.py", "LIMIT = 3\n")
    files.write("transformations/generator.py", "from common import LIMIT\n")
    import common.errors

    before = sys.modules["common"]
    definitions = files.load("""
        from generator import LIMIT

        @dp.view
        def v():
            import common

            return common.LIMIT + LIMIT
        """)
    with running(definitions, files.session):
        assert definitions.flows[0].query() == 6
        with pytest.raises(common.errors.UserError):
            definitions.full_name("a.b.c.d")
    assert sys.modules["common"] is before


def test_a_file_that_another_imports_may_be_run_too(files: Files) -> None:
    files.write("transformations/b.py", "from transformations.a import LIMIT\nassert LIMIT == 1\n")
    definitions = files.load("""
        LIMIT = 1

        if __name__ == "__main__":
            dp.view(lambda: 1, name="v")
        """)
    assert list(definitions.datasets) == ["v"]


def test_modules_of_a_checkout_that_serves_stay_and_its_pipelines_are_read_anew(repository: Path) -> None:
    import infra.stack.settings
    import pipelines.shared.rules

    before = infra.stack.settings
    with importable(repository, {}):
        assert sys.modules["infra.stack.settings"] is before
        assert import_module("pipelines.shared.rules") is not pipelines.shared.rules
    assert sys.modules["pipelines.shared.rules"] is pipelines.shared.rules


def test_the_session_is_the_active_one_and_what_the_builder_gives(files: Files) -> None:
    remote = os.environ.get("SPARK_REMOTE")
    files.load("""
        from pyspark.sql import SparkSession

        assert SparkSession.getActiveSession() is spark
        assert SparkSession.builder.appName("theirs").getOrCreate() is spark

        @dp.view
        def v():
            return spark.range(1)
        """)
    assert os.environ.get("SPARK_REMOTE") == remote


def test_a_file_runs_as_the_main_module(files: Files) -> None:
    files.write("transformations/helpers.py", "NAME = __name__\n")
    definitions = files.load("""
        from helpers import NAME

        if __name__ == "__main__" and NAME == "helpers":
            dp.view(lambda: 1, name="v")
        """)
    assert list(definitions.datasets) == ["v"]


def test_configuration_is_read_and_set(files: Files) -> None:
    definitions = files.load(
        """
        assert spark.conf.get("shop.limit") == "10"
        assert spark.conf.get("shop.nothing", "x") == "x"
        spark.conf.set("shop.sides", "north,south")

        for side in spark.conf.get("shop.sides").split(","):
            @dp.view(name=side)
            def rows():
                return spark.range(1)
        """,
        shop__limit="10",
    )
    assert definitions.configuration == {"shop.limit": "10", "shop.sides": "north,south"}
    assert list(definitions.datasets) == ["north", "south"]


def test_files_of_a_dataset_are_those_that_define_it_and_flows_into_it(files: Files) -> None:
    helper = files.write("helpers.py", "def define(dp, name):\n    dp.create_streaming_table(name)\n")
    flow = files.write(
        "transformations/b.py",
        "from pyspark import pipelines as dp\n@dp.append_flow(target='t')\ndef f(): pass\n",
    )
    definitions = files.load("from helpers import define\ndefine(dp, 't')\n")
    assert definitions.files == {"shop.t": {helper, files.root / "transformations/a.py", flow}}
    assert definitions.datasets["shop.t"].place.shown(files.root) == "helpers.py:2"


def test_a_pipelines_own_package_may_be_called_delta(files: Files) -> None:
    files.write("delta/__init__.py", "")
    files.write("delta/tables.py", "NAME = 'own'")
    definitions = files.load("""
        from delta.tables import NAME

        @dp.table(name=NAME)
        def t():
            return spark.range(1)
        """)
    assert [*definitions.datasets] == ["shop.own"]


@pytest.mark.parametrize("name", ["types", "yaml"])
def test_a_module_whose_name_is_taken_is_told_so(files: Files, name: str) -> None:
    files.write(f"{name}.py", "RATE = 2")
    with pytest.raises(
        UserError, match=rf"a\.py:\d+: .*the name {name} is that of a module of Python or of a package"
    ):
        files.load(f"from {name} import RATE")
