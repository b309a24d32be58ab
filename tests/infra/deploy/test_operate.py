"""What the make targets refuse, and what they ask."""

import io
from pathlib import Path

import pytest

from common.errors import UserError
from infra.deploy import operate
from infra.deploy.operate import _confirm, main
from infra.stack.environments import find_environment


def test_prod_is_never_destroyed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destroy", "prod"]) == 1
    assert "lakehouse-prod is protected" in capsys.readouterr().err


def test_a_protected_environment_takes_no_provider_that_nobody_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operate, "PROVIDER_LOCK", tmp_path / "none")
    with pytest.raises(UserError, match="hashes are not committed: run `make provider-lock`"):
        operate.connect(find_environment("prod"), tmp_path)


@pytest.mark.parametrize("arguments", [[], ["plan"], ["explode", "dev"], ["plan", "dev", "now"]])
def test_wrong_arguments_show_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 1
    assert "usage: python -m infra.deploy.operate" in capsys.readouterr().err


def test_an_unknown_environment_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "qa"]) == 1
    assert capsys.readouterr().err.startswith("error: no environment is called 'qa'")


@pytest.mark.parametrize("answer", ["", "yes\n", "lakehouse-prod\n", "lakehouse-dev2\n"])
def test_only_the_stacks_name_goes_on(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    with pytest.raises(UserError, match="nothing was applied"):
        _confirm(find_environment("dev"), "All of this goes.")


def test_the_stacks_name_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("lakehouse-dev\n"))
    _confirm(find_environment("dev"), "All of this goes.")
