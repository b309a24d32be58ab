"""What a person sees of an update."""

import pytest

from lakehouse.output.progress import ProgressLines
from local.engine.running.events import Event


def test_that_an_update_goes_on_with_another_engine_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLines() as progress:
        progress.on_event("shop", Event("", "RUNNING", message="the rest runs on Apache Spark: [why]"))
        progress.on_event("shop", Event("shop.orders", "COMPLETED", rows=3))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("the rest")] == ["the rest runs on Apache Spark: [why]"]
