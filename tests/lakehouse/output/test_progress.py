"""What an update says at its end."""

import pytest

from lakehouse.output.progress import ProgressLines
from local.engine.running.events import Event, UpdateResult


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (
            [Event("a.new", "COMPLETED", 2), Event("a.none", "COMPLETED"), Event("a.old", "EXCLUDED")],
            "1 table written, 1 had nothing new, 1 up to date in ",
        ),
        ([Event("a.empty", "COMPLETED", 0)], "1 table written, 0 up to date in "),
    ],
)
def test_a_table_with_nothing_new_is_not_counted_as_written(
    capsys: pytest.CaptureFixture[str], events: list[Event], said: str
) -> None:
    ProgressLines().ended([UpdateResult("a", events, 1.0)])
    assert capsys.readouterr().out.startswith(said)


def test_rows_that_rules_drop_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ProgressLines()
    with lines:
        lines.on_event("a", Event("a.new", "COMPLETED", 0, 0.1, dropped=2, dropped_in_views={"view": 1}))
        lines.on_event("a", Event("a.other", "COMPLETED", 5, 0.1))
    ends = [line.split("  ")[-1].strip() for line in capsys.readouterr().out.splitlines()]
    assert ends == ["a", "3 rows dropped", "0.1 s"]
