"""What a pipeline's files find beside Lakeflow: dbutils, display, the session by other ways."""

from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.language.loading.loading import running
from local.engine.language.python.dbutils import DBUtils
from tests.local.engine.language.conftest import Files


@pytest.fixture
def utils(tmp_path: Path) -> DBUtils:
    def local_path(path: str) -> str:
        return path.replace("dbfs:", "").replace("/Volumes/main", str(tmp_path))

    return DBUtils({"given": "x"}, local_path, Path)


def test_files_on_a_volume(utils: DBUtils, tmp_path: Path) -> None:
    utils.fs.mkdirs("/Volumes/main/t/files/in")
    utils.fs.put("dbfs:/Volumes/main/t/files/b.csv", "id\n1\n")
    utils.fs.cp("/Volumes/main/t/files/b.csv", "/Volumes/main/t/files/in/c.csv")
    found = utils.fs.ls("/Volumes/main/t/files/")
    assert [(one.path, one.name, one.size, one.isDir()) for one in found] == [
        ("/Volumes/main/t/files/b.csv", "b.csv", 5, False),
        ("/Volumes/main/t/files/in/", "in/", 0, True),
    ]
    assert utils.fs.ls("/Volumes/main/t/files/b.csv")[0].path == "/Volumes/main/t/files/b.csv"
    assert utils.fs.head("/Volumes/main/t/files/in/c.csv", 2) == "id"
    utils.fs.mv("/Volumes/main/t/files/in/c.csv", "/Volumes/main/t/files/c.csv")
    assert utils.fs.rm("/Volumes/main/t/files/in") and utils.fs.rm("/Volumes/main/t/files/c.csv")
    assert not utils.fs.rm("/Volumes/main/t/files/c.csv")
    assert [one.name for one in utils.fs.ls("/Volumes/main/t/files")] == ["b.csv"]
    assert found[0].modificationTime == (tmp_path / "t/files/b.csv").stat().st_mtime_ns // 1_000_000


@pytest.mark.lakeflow("dbutils")
def test_widgets_are_the_configuration_else_their_defaults(utils: DBUtils) -> None:
    utils.widgets.text("given", "default")
    utils.widgets.dropdown("other", "y", ["y", "z"], "a label")
    assert (utils.widgets.get("given"), utils.widgets.get("other")) == ("x", "y")
    utils.widgets.removeAll()
    with pytest.raises(UserError, match="there is no other"):
        utils.widgets.get("other")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (
            "dbutils.secrets.get('a', 'b')",
            "dbutils.secrets is not supplied on one machine; take the value from",
        ),
        ("dbutils.fs.mount('a')", "dbutils.fs.mount is not supplied"),
        ("dbutils.fs.ls('/Volumes/main/none')", "dbutils.fs: /Volumes/main/none is not there"),
        ("dbutils.fs.rm('/tmp/x', True)", "dbutils.fs writes on volumes only"),
        ("dbutils.fs.mkdirs('/Volumes/main/t/../../x')", "dbutils.fs writes on volumes only"),
        ("dbutils.notebook.run('x', 60)", "dbutils.notebook.run is not supplied"),
        ("sc.parallelize([1])", "sc.parallelize is not supplied on one machine; there is no SparkContext"),
        ("sqlContext.sql('x')", "sqlContext.sql is not supplied on one machine; use spark"),
    ],
)
def test_the_rest_is_refused_by_name(files: Files, code: str, error: str) -> None:
    with pytest.raises(UserError) as raised:
        files.load(code)
    assert str(raised.value).startswith(f"transformations/a.py:2: {error}")


def test_the_same_by_import(files: Files) -> None:
    files.load("""
        from databricks.connect import DatabricksSession
        from databricks.sdk.runtime import dbutils as imported, spark as imported_spark
        from pyspark.dbutils import DBUtils

        path = dbutils.notebook.entry_point.getDbutils().notebook().getContext().notebookPath().get()
        assert __file__ == path + ".py"
        assert imported is dbutils is DBUtils(spark)
        assert spark is imported_spark is DatabricksSession.builder.serverless(True).getOrCreate()
        display(spark.range(1))

        @dp.view
        def v():
            return spark.range(1)
        """)


def test_functions_of_a_file_and_of_a_sibling_run_in_the_engine(files: Files) -> None:
    files.write("transformations/helpers.py", "def add(n):\n    return n + 1\n")
    definitions = files.load("""
        from pyspark.sql.functions import udf
        from helpers import add

        def twice(n):
            return 2 * add(n)

        @dp.view
        def v():
            return spark.range(3).select(udf(twice, "bigint")("id").alias("n"), udf(add, "bigint")("id").alias("m"))
        """)
    with running(definitions, files.session):
        assert [tuple(row) for row in definitions.flows[0].query().collect()] == [(2, 1), (4, 2), (6, 3)]
