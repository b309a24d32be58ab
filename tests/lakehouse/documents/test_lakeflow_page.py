"""The page on Lakeflow tells what the tests tried, and the known differences as they are."""

from lakehouse.documents.lakeflow_features import FEATURES
from lakehouse.documents.lakeflow_page import PAGE, rewritten_page
from lakehouse.documents.lakeflow_trials import trials


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == rewritten_page(page), "run `make lakeflow`"


def test_every_feature_has_a_test_and_every_mark_is_of_a_feature() -> None:
    listed = [feature.name for part in FEATURES.values() for feature in part]
    assert len(set(listed)) == len(listed)
    assert set(listed) == set(trials())


def test_what_is_refused_is_not_supplied_by_another_test() -> None:
    both = {name for name, found in trials().items() if len({trial.refused for trial in found}) > 1}
    assert both == set()


def test_the_page_says_why_a_feature_is_refused() -> None:
    refused = {name for name, found in trials().items() if all(trial.refused for trial in found)}
    unsaid = [
        one.name for part in FEATURES.values() for one in part if one.name in refused and not one.difference
    ]
    assert unsaid == []
