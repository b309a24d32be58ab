"""`lakehouse test`: what passes, what is shown of what does not, and what --update writes."""

import sys
from pathlib import Path

import pytest

from infra.stack.sources import uploaded_files
from lakehouse.cli import main
from lakehouse.specs import spec_of

SPEC = """name: shop
catalog: main
schema: shop
configuration: {least: "0"}
libraries:
  - glob: {include: transformations/**}
"""
SALES = """CREATE MATERIALIZED VIEW sales (
  CONSTRAINT sold EXPECT (total > ${least}) ON VIOLATION DROP ROW,
  CONSTRAINT named EXPECT (shop <> 'none') ON VIOLATION FAIL UPDATE
) AS
SELECT shop, CAST(sum(price) AS DECIMAL(12,2)) AS total, max(day) AS last_day
FROM shop.items GROUP BY shop;
"""
GIVEN = """
    model: sales.sql
    given:
      - table: ${shop}.items
        schema: {price: "DECIMAL(12,2)", day: DATE, tags: ARRAY<STRING>}
        rows:
          - {shop: "01", price: 1.10, day: 2026-01-02}
          - {shop: "01", price: 2.20}
          - {shop: "02", price: -1}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "transformations").mkdir()
    (tmp_path / "transformations" / "sales.sql").write_text(SALES)
    (tmp_path / "shop.yml").write_text(SPEC.replace('"0"}', '"0", shop: shop}'))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def file_of(project: Path) -> Path:
    return project / "transformations" / "sales.test.yml"


def outcome_of(
    project: Path,
    expect: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *options: str,
    given: str = GIVEN,
) -> tuple[object, list[str]]:
    """The exit code (or what the command ended with) and the lines that were written, without seconds."""
    file_of(project).write_text(f"tests:\n  - name: sums{given}    expect:{expect}")
    monkeypatch.setattr(sys, "argv", ["lakehouse", "test", "--spec", "shop.yml", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    return ended.value.code, [line.rpartition(" (")[0] if line.endswith(" s)") else line for line in lines]


def test_rows_as_expected_pass_in_any_order_and_only_listed_columns_count(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n      rows:\n        - {shop: 01, total: 3.3}\n"
    code, lines = outcome_of(project, rows, capsys, monkeypatch)
    assert (code, lines[0]) == (0, "transformations/sales.test.yml:2: passed: sums")
    assert lines[-1].startswith("1 passed, 0 failed in ")


def test_what_differs_is_a_table(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = GIVEN.replace("price: -1", "price: 5") + "    configuration: {least: 1}\n"
    rows = "\n      rows:\n        - {shop: 01, total: 3.31, last_day: 2026-01-02}\n        - {shop: 03, total: 1}\n"
    code, lines = outcome_of(project, rows, capsys, monkeypatch, given=given)
    assert code == 1
    assert lines[0] == "transformations/sales.test.yml:2: FAILED: sums"
    assert [line.split() for line in lines[1:5]] == [
        ["shop", "total", "last_day"],
        ["~", "01", "3.31", "->", "3.30", "2026-01-02"],
        ["-", "03", "1.00"],
        ["+", "02", "5.00", "null"],
    ]


def test_a_configuration_of_its_own_decides(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = GIVEN + "    configuration: {least: 3.30}\n"
    assert outcome_of(project, "\n      rows: []\n", capsys, monkeypatch, given=given)[0] == 0


def test_an_error_is_expected_by_its_text(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = GIVEN.replace('"01"', "none")
    assert outcome_of(project, " {error: named}\n", capsys, monkeypatch, given=given)[0] == 0
    _, lines = outcome_of(project, " {error: named}\n", capsys, monkeypatch)
    assert lines[1] == (
        "  transformations/sales.test.yml:11: no error came, and shop.sales has 1 row; expected was 'named'"
    )
    code, lines = outcome_of(project, " {error: other}\n", capsys, monkeypatch, given=given)
    assert (code, lines[1].partition(" came than 'other': ")[0]) == (
        1,
        "  transformations/sales.test.yml:11: another error",
    )


@pytest.mark.parametrize(
    ("given", "expect", "message"),
    [
        (
            GIVEN.replace("price: 1.10", "price: 1.105"),
            "rows: []",
            "8: price: 1.105 has more places than decimal(12,2)",
        ),
        (GIVEN.replace("day: 2026-01-02", "day: today"), "rows: []", "8: day: 'today' is no date"),
        (GIVEN, "rows: [{totl: 1}]", "11: the dataset gives no column totl; it gives shop, total, last_day"),
        (GIVEN.replace("${shop}.items", "shop.other"), "rows: []", "2: transformations/sales.sql"),
        (GIVEN.replace("${shop}", "${shp}"), "rows: []", "5: ${shp} has no value"),
    ],
)
def test_a_slip_in_a_value_is_told_with_its_line(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    expect: str,
    message: str,
) -> None:
    code, lines = outcome_of(project, f" {{{expect}}}\n", capsys, monkeypatch, given=given)
    assert code == 1
    assert lines[1].startswith(f"  transformations/sales.test.yml:{message}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (GIVEN.replace("model: sales.sql", "model: sale.sql"), "3: transformations/sale.sql is not there"),
        (GIVEN.replace("given:", "givn:"), "4: givn is not known here; known are name, "),
        (GIVEN.replace("rows:", "rows: 1\n"), "9: it is no YAML"),
        (
            GIVEN.replace("model: sales.sql", "model: ../shop.yml"),
            "2: shop.yml is no file of the pipelines shop",
        ),
    ],
)
def test_a_slip_in_the_file_ends_the_command(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    given: str,
    message: str,
) -> None:
    code, _ = outcome_of(project, " {rows: []}\n", capsys, monkeypatch, given=given)
    assert str(code).startswith(f"error: transformations/sales.test.yml:{message}")


def test_update_writes_what_came_and_keeps_the_rest(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = GIVEN.replace("price: -1", "price: 5")
    rows = """
      # What a shop sold.
      rows:
        - shop: 01
          total: 3.31  # both items
        - shop: 03   # gone
          total: 1
      # The end.
"""
    code, _ = outcome_of(project, rows, capsys, monkeypatch, "--update", given=given)
    assert code == 0
    assert (
        file_of(project).read_text().partition("    expect:")[2]
        == """
      # What a shop sold.
      rows:
        - shop: 01
          total: 3.30  # both items
        - shop: 02
          total: 5.00
      # The end.
"""
    )


@pytest.mark.parametrize(
    "nothing",
    [
        "\n      rows: []\n",
        "\n      rows:\n",
        " {}\n",
        "\n      rows: [{shop: 07, total: 1, last_day: null}]\n",
    ],
)
def test_update_fills_a_test_without_rows(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, nothing: str
) -> None:
    code, _ = outcome_of(project, nothing, capsys, monkeypatch, "--update")
    assert code == 0
    written = file_of(project).read_text().partition("    expect:")[2]
    assert (
        written
        == "\n      rows:\n        - shop: 01\n          total: 3.30\n          last_day: 2026-01-02\n"
    )


SEEN = """
from pyspark import pipelines as dp

@dp.temporary_view
def seen():
    files = spark.readStream.format("cloudFiles").option("cloudFiles.format", "csv").schema("id INT")
    return files.load("/Volumes/main/shop/files").select("id", "_metadata.file_name")
"""
SEEN_TEST = """tests:
  - name: each row names its file
    model: seen.py
    given:
      - {path: /Volumes/main/shop/files/a.csv, text: "1"}
    expect:
      rows:
        - {id: 1, file_name: a.csv}
"""


def test_a_view_over_files_has_their_hidden_column(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "transformations" / "seen.py").write_text(SEEN)
    (project / "transformations" / "seen.test.yml").write_text(SEEN_TEST)
    monkeypatch.setattr(sys, "argv", ["lakehouse", "test", "--spec", "shop.yml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, "1 passed" in capsys.readouterr().out) == (0, True)


def test_tests_are_neither_loaded_nor_uploaded(repository: Path) -> None:
    own = list(repository.glob("pipelines/**/*.test.yml"))
    assert len(own) >= 8
    assert not {path.relative_to(repository) for path in own} & set(uploaded_files())
    assert not set(own) & {
        file for name in ("medallion", "cdc", "quality", "gold") for file in spec_of(name).files()
    }
