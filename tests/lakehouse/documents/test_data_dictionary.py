"""The data dictionary describes the tables as they are."""

from pathlib import Path

from lakehouse.documents.data_dictionary import render
from pipelines import schemas

PAGE = Path(__file__).parents[3] / "docs" / "data-dictionary.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run `pipenv run lakehouse dictionary`"


def test_every_table_and_column_is_described() -> None:
    sections = {part.split("\n", 1)[0]: part for part in render().split("\n### ")[1:]}
    assert set(sections) == {table.name for table in schemas.TABLES}
    for table in schemas.TABLES:
        for column in table.columns:
            kind = f"{column.type}, PII" if column.pii else column.type
            assert f"\n- `{column.name}` {kind}: " in sections[table.name]
