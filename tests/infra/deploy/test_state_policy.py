"""Whoever holds one environment's role reaches that environment's state and lock, and no other's."""

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from common.errors import UserError
from infra.deploy.state_policy import bucket_policy, main
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import S3State
from infra.stack.synthesis import StackConfiguration

ACCOUNT, ADMIN = "123456789012", "state-admin"
ENVIRONMENTS = [find_environment(name) for name in BUILDERS]
POLICY = bucket_policy(ENVIRONMENTS, ACCOUNT, ADMIN)
SHARED = [one.name for one in ENVIRONMENTS if isinstance(one.state, S3State)]


def denied(role: str, action: str, key: str) -> bool:
    """Whether a statement denies it, as S3 decides: by action, by resource, and by a condition on who asks."""
    return any(_applies(statement, role, action, key) for statement in POLICY["Statement"])


def _applies(statement: dict[str, Any], role: str, action: str, key: str) -> bool:
    if "ArnNotEquals" not in statement["Condition"]:
        return False
    holders = statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    return (
        action in statement["Action"]
        and fnmatchcase(f"arn:aws:s3:::olist-lakehouse-terraform-state/{key}", statement["Resource"])
        and f"arn:aws:iam::{ACCOUNT}:role/{role}" not in holders
    )


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("other", SHARED)
def test_each_role_reaches_its_own_environment_alone(
    stacks: dict[str, StackConfiguration], name: str, other: str
) -> None:
    state = stacks[name]["terraform"]["backend"]["s3"]["key"]
    for key in (state, f"{state}.tflock"):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert denied(f"lakehouse-{other}-deployer", action, key) == (name != other)
            assert not denied(ADMIN, action, key)
        assert denied(f"lakehouse-{other}-planner", "s3:GetObject", key) == (name != other)
        assert denied(f"lakehouse-{other}-planner", "s3:PutObject", key)
        assert denied(f"lakehouse-{other}-planner", "s3:DeleteObject", key)


def test_nobody_asks_without_tls() -> None:
    statement = POLICY["Statement"][-1]
    assert statement["Action"] == "s3:*" and statement["Condition"] == {
        "Bool": {"aws:SecureTransport": "false"}
    }


def test_a_wrong_account_or_a_second_bucket_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["1234", ADMIN]) == 1 and "12 digits" in capsys.readouterr().err
    assert main([ACCOUNT]) == 1 and "usage:" in capsys.readouterr().err
    assert main([ACCOUNT, ADMIN]) == 0
    elsewhere = replace(find_environment("dev"), state=S3State("other", "us-east-1"))
    with pytest.raises(UserError, match="one bucket is expected"):
        bucket_policy([*ENVIRONMENTS, elsewhere], ACCOUNT, ADMIN)
