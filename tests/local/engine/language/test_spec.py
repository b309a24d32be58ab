"""Pipeline specs: of Spark, of a workspace's settings, and of Databricks bundles."""

from pathlib import Path

import pytest

from common.errors import UserError
from local.engine.language.spec import PipelineSpec, read_spec


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def names(spec: PipelineSpec, root: Path) -> list[str]:
    return [str(file.relative_to(root)) for file in spec.files()]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("name: a\nstorag: x\n", "storag"),
        ("storage: x\n", "name"),
        ("name: a\nconfiguration: {k: 1}\n", "configuration"),
        ("- a\n", "is no Spark pipeline spec"),
        ("name: [\n", "is no Spark pipeline spec"),
        ("name: a\nlibraries:\n  - glob: x\n", "is no Spark pipeline spec"),
        ("name: a\nlibraries:\n  - jar: x\n", "'jar': 'x'"),
    ],
)
def test_a_wrong_spec_is_an_error_that_names_the_file_and_field(
    tmp_path: Path, text: str, error: str
) -> None:
    path = tmp_path / "spark-pipeline.yml"
    path.write_text(text)
    with pytest.raises(UserError, match=error) as raised:
        read_spec(path)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("library", "found"),
    [
        ("glob: {include: t/**}", ["t/a.py", "t/b.sql", "t/n/c.ipynb"]),
        ("glob: {include: t/**/*.py}", ["t/a.py"]),
        ("glob: {include: '**/*.sql'}", ["t/b.sql"]),
        ("glob: {include: 't/[a-b].py'}", ["t/a.py"]),
        ("glob: {include: t/n}", ["t/n/c.ipynb"]),
        ("glob: {include: t/a.py}", ["t/a.py"]),
        ("file: {path: ./t/b.sql}", ["t/b.sql"]),
        ("notebook: {path: t/n/c}", ["t/n/c.ipynb"]),
    ],
)
def test_libraries_as_databricks_takes_them(tmp_path: Path, library: str, found: list[str]) -> None:
    files = dict.fromkeys(("t/a.py", "t/b.sql", "t/n/c.ipynb", "t/n/__init__.py", "t/notes.md"), "")
    root = written(tmp_path, {**files, "spec.yml": f"name: a\nlibraries:\n  - {library}\n"})
    assert names(read_spec(root / "spec.yml"), root) == found


def test_a_pipeline_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pipeline empty: no \.py, \.sql or \.ipynb file below .* fits"):
        PipelineSpec("empty", tmp_path, ["transformations/**"]).files()
    with pytest.raises(UserError, match=r"pipeline empty: a\.py is not there"):
        PipelineSpec("empty", tmp_path, ["a.py"]).files()


def test_files_beside_the_specs_folder_lie_below_the_pipelines_root(tmp_path: Path) -> None:
    spec = "name: a\nlibraries:\n  - glob: {include: ../src/**}\n"
    root = written(tmp_path, {"specs/a.yml": spec, "src/a.py": ""})
    read = read_spec(root / "specs/a.yml")
    assert (read.root, read.import_folders) == (root, (root / "specs",))
    assert names(read, root) == ["src/a.py"]


MAIN = """
bundle: {name: shop}
include: [resources/*.yml]
variables:
  catalog: {default: main}
  limit: {default: 5}
  secret: {description: without a default}
targets:
  dev:
    default: true
    variables: {catalog: dev_catalog}
  prod:
    variables: {catalog: prod_catalog}
    resources:
      pipelines:
        orders: {configuration: {shop.mode: full}}
"""
RESOURCES = """
resources:
  schemas:
    out: {name: "shop_${bundle.target}"}
  pipelines:
    orders:
      name: orders of ${bundle.name}
      catalog: ${var.catalog}
      schema: ${resources.schemas.out.name}
      root_path: ../src/orders
      libraries:
        - glob: {include: ../src/orders/transformations/**}
      clusters: [{policy_id: "${var.secret}"}]
      serverless: true
      configuration:
        shop.limit: ${var.limit}
        shop.test: true
        bundle.sourcePath: /Workspace${workspace.file_path}/src
"""
BUNDLE = {"databricks.yml": MAIN, "resources/orders.pipeline.yml": RESOURCES}
SOURCE = {"src/orders/transformations/a.py": ""}


@pytest.mark.parametrize("file", ["databricks.yml", "resources/orders.pipeline.yml"])
def test_a_bundles_pipeline_is_a_spec(tmp_path: Path, file: str) -> None:
    root = written(tmp_path, {**BUNDLE, **SOURCE})
    spec = read_spec(root / file)
    assert (spec.name, spec.catalog, spec.schema) == ("orders of shop", "dev_catalog", "shop_dev")
    assert (spec.root, spec.import_folders) == (root, (root / "src/orders",))
    assert spec.folders() == (root / "src/orders", root, root / "src/orders/transformations")
    assert names(spec, root) == ["src/orders/transformations/a.py"]
    assert spec.configuration == {
        "shop.limit": "5",
        "shop.test": "true",
        "bundle.sourcePath": f"{root}/src",
    }


def test_the_target_and_variables_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = written(tmp_path, {**BUNDLE, **SOURCE})
    monkeypatch.setenv("DATABRICKS_BUNDLE_TARGET", "prod")
    monkeypatch.setenv("BUNDLE_VAR_limit", "7")
    spec = read_spec(root / "resources/orders.pipeline.yml")
    assert (spec.catalog, spec.schema) == ("prod_catalog", "shop_prod")
    assert (spec.configuration["shop.limit"], spec.configuration["shop.mode"]) == ("7", "full")
    monkeypatch.delenv("BUNDLE_VAR_limit")
    written(root, {".databricks/bundle/prod/variable-overrides.json": '{"limit": 8}'})
    assert read_spec(root / "databricks.yml").configuration["shop.limit"] == "8"
    monkeypatch.setenv("DATABRICKS_BUNDLE_TARGET", "staging")
    with pytest.raises(UserError, match=r"has no target staging; it has: dev, prod"):
        read_spec(root / "databricks.yml")


def test_files_that_a_deployment_uploads_from_above_the_bundle(tmp_path: Path) -> None:
    files = {
        "bundles/app/databricks.yml": "bundle: {name: app}\ninclude: [p.yml]\nsync: {paths: [../../transformations]}\n",
        "bundles/app/p.yml": "resources: {pipelines: {p: {name: p, root_path: '${workspace.root_path}', libraries: ["
        "{glob: {include: '${workspace.root_path}/files/transformations/**'}}]}}}\n",
        "transformations/a.sql": "",
    }
    spec = read_spec(written(tmp_path, files) / "bundles/app/p.yml")
    assert names(spec, tmp_path) == ["transformations/a.sql"]


def test_pipelines_of_python_code_are_not_read(tmp_path: Path) -> None:
    files = {"databricks.yml": "bundle: {name: app}\npython: {resources: ['resources:load']}\n"}
    with pytest.raises(UserError, match="those of Python code are not read"):
        read_spec(written(tmp_path, files) / "databricks.yml")


def test_one_of_several_pipelines_is_named_by_its_key(tmp_path: Path) -> None:
    pipeline = "name: {0}\n      libraries: [{{file: {{path: {0}.py}}}}]"
    pipelines = "\n".join(f"    {key}:\n      {pipeline.format(key)}" for key in ("one", "two"))
    root = written(tmp_path, {"databricks.yml": f"resources:\n  pipelines:\n{pipelines}\n", "two.py": ""})
    with pytest.raises(UserError, match=r"name one of its pipelines, as databricks\.yml#KEY: one, two"):
        read_spec(root / "databricks.yml")
    assert names(read_spec(root / "databricks.yml#two"), root) == ["two.py"]


def test_a_variable_without_a_value_is_named(tmp_path: Path) -> None:
    resources = RESOURCES.replace("${var.catalog}", "${var.secret}")
    root = written(tmp_path, {**BUNDLE, "resources/orders.pipeline.yml": resources})
    with pytest.raises(
        UserError, match=r"\$\{var\.secret\} has no value on one machine: set \$BUNDLE_VAR_secret"
    ):
        read_spec(root / "databricks.yml")


@pytest.mark.parametrize(
    ("catalog", "said"),
    [
        ("{lookup: {metastore: main}}", r", where no workspace is asked for it: set \$BUNDLE_VAR_catalog"),
        ("${var.catalog}", r": set \$BUNDLE_VAR_catalog, or give the variable a default"),
    ],
)
def test_a_variable_that_is_looked_up_or_stands_for_itself_is_named(
    tmp_path: Path, catalog: str, said: str
) -> None:
    main = MAIN.replace("{default: main}", catalog).replace("variables: {catalog: dev_catalog}", "")
    root = written(tmp_path, {**BUNDLE, "databricks.yml": main})
    with pytest.raises(UserError, match=rf"\$\{{var\.catalog\}} has no value on one machine{said}"):
        read_spec(root / "databricks.yml")
