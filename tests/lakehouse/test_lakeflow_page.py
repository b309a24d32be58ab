"""The page on Lakeflow tells the known differences as they are."""

from lakehouse.lakeflow_page import PAGE, rewritten


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == rewritten(page), "run `make lakeflow`"
