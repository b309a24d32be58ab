"""Notebooks as source: exported as text (.py, .sql) and as .ipynb."""

import json
from pathlib import Path

import pytest

from local.engine.language.loading.notebooks import Cell, cells
from local.engine.language.places import PlacedError
from tests.local.engine.language.conftest import Files

PYTHON = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # A title
# COMMAND ----------
# MAGIC %pip install something
# COMMAND ----------
x = 1
# COMMAND ----------
# DBTITLE 1,A title
# MAGIC %sql
# MAGIC SELECT 1
# MAGIC
# MAGIC   AS one
# COMMAND ----------

# MAGIC %run ./other $a="1"
"""
SQL = """\
-- Databricks notebook source
SELECT 1
-- COMMAND ----------
-- MAGIC %python
-- MAGIC if True:
-- MAGIC     x = 1
-- COMMAND ----------
-- only a comment
-- COMMAND ----------
-- DBTITLE 1,Two
SELECT 2
"""


def read(path: Path, name: str, text: str) -> list[Cell]:
    (path / name).write_text(text)
    return list(cells(path / name))


def test_an_exported_python_notebook(tmp_path: Path) -> None:
    assert read(tmp_path, "a.py", PYTHON) == [
        Cell("python", "\nx = 1\n", 6),
        Cell("sql", "\nSELECT 1\n\n  AS one\n", 10),
        Cell("run", './other $a="1"\n', 16),
    ]


def test_an_exported_sql_notebook(tmp_path: Path) -> None:
    assert read(tmp_path, "a.sql", SQL) == [
        Cell("sql", "-- Databricks notebook source\nSELECT 1\n", 1),
        Cell("python", "\nif True:\n    x = 1\n", 4),
        Cell("sql", "\n-- DBTITLE 1,Two\nSELECT 2\n", 9),
    ]


def test_a_plain_file_is_one_cell(tmp_path: Path) -> None:
    assert read(tmp_path, "a.sql", "SELECT 1") == [Cell("sql", "SELECT 1", 1)]
    assert read(tmp_path, "a.py", "\ufeffx = 1") == [Cell("python", "x = 1", 1)]


def ipynb(*sources: list[str], language: str = "python") -> str:
    own = {"application/vnd.databricks.v1+notebook": {"language": language}}
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    text = [{"cell_type": "markdown", "metadata": {}, "source": ["# x = 3\n"]}]
    return json.dumps({"cells": [*text, *code], "metadata": own, "nbformat": 4}, indent=1)


def test_an_ipynb_names_its_own_lines(tmp_path: Path) -> None:
    sources = (
        ["%load_ext autoreload\n", "%autoreload 2\n", "x = 1"],
        ["%sql\n", "SELECT 1"],
        ["%md\n", "text"],
        [],
    )
    text = ipynb(*sources)
    assert read(tmp_path, "a.ipynb", text) == [
        Cell("python", "\n\nx = 1", text[: text.index("%load_ext")].count("\n") + 1),
        Cell("sql", "\nSELECT 1", text[: text.index("%sql")].count("\n") + 1),
    ]
    [cell] = read(tmp_path, "b.ipynb", ipynb(["SELECT 1"], language="SQL"))
    assert cell.language == "sql"


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "a.py",
            "# Databricks notebook source\n# COMMAND ----------\n# MAGIC %scala\n# MAGIC val x = 1\n",
            3,
        ),
        ("a.ipynb", "{}", 1),
        ("a.ipynb", "not json", 1),
    ],
)
def test_what_is_not_supplied_has_a_place(tmp_path: Path, name: str, text: str, line: int) -> None:
    with pytest.raises(PlacedError) as raised:
        read(tmp_path, name, text)
    assert (raised.value.place.file, raised.value.place.line) == (tmp_path / name, line)


@pytest.mark.lakeflow("%pip, %run")
def test_cells_run_in_one_namespace_with_the_notebooks_that_they_run(files: Files) -> None:
    setup = files.write(
        "includes/setup.py",
        """
        # Databricks notebook source
        dbutils.widgets.text("side", "north")
        # COMMAND ----------
        SIDES = [dbutils.widgets.get("side")]
        """,
    )
    main = files.write(
        "transformations/main.py",
        """
        # Databricks notebook source
        # MAGIC %run ../includes/setup
        # COMMAND ----------
        from pyspark import pipelines as dp
        # COMMAND ----------
        for side in SIDES:
            @dp.view(name=side)
            def rows():
                return spark.range(1)
        # COMMAND ----------
        dbutils.notebook.exit("done")
        # COMMAND ----------
        1 / 0
        """,
    )
    definitions = files.load()
    [view] = definitions.datasets.values()
    assert (view.name, view.place.file, view.place.line) == ("north", main, 7)
    assert definitions.files["north"] == {main, setup}


@pytest.mark.lakeflow("notebooks (.py, .sql, .ipynb)")
def test_an_ipynb_defines_datasets_and_its_errors_have_a_line(files: Files) -> None:
    code = [
        ["from pyspark import pipelines as dp\n"],
        ["@dp.view\n", "def v():\n", "    return spark.range(1)"],
    ]
    text = ipynb(*code)
    files.write("transformations/a.ipynb", text)
    definitions = files.load()
    assert definitions.datasets["v"].place.line == text[: text.index("@dp.view")].count("\n") + 1
    files.write("transformations/a.ipynb", ipynb(["x = 1\n", "1 / 0"]))
    with pytest.raises(Exception, match=r"a\.ipynb:\d+: ZeroDivisionError"):
        files.load()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("# MAGIC %run ./nowhere", "transformations/a.py:2: %run ./nowhere: there is no such notebook"),
        ("# MAGIC %r\n# MAGIC x", "transformations/a.py:2: a cell in %r is not supplied"),
    ],
)
def test_a_cell_that_cannot_run_is_named(files: Files, code: str, error: str) -> None:
    files.write("transformations/a.py", f"# Databricks notebook source\n{code}\n")
    with pytest.raises(Exception, match=error):
        files.load()
