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
