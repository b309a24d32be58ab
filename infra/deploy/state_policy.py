"""The policy of the states' bucket: `python -m infra.deploy.state_policy ACCOUNT ADMIN_ROLE` prints it.

Each environment has its own key and lock, which its own roles alone reach, whatever other policies allow: its deployer
writes them, its planner reads the state. ADMIN_ROLE is for recovering one.
"""

import json
import re
import sys
from collections.abc import Iterable
from typing import Any

from common.errors import UserError
from infra.stack.environments import BUILDERS, find_environment
from infra.stack.settings import Environment, S3State

ACCOUNT = re.compile(r"\d{12}")
ROLE = re.compile(r"[\w+=,.@/-]{1,128}")
READ, WRITE = (
    ["s3:GetObject", "s3:GetObjectVersion"],
    ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
)


def bucket_policy(environments: Iterable[Environment], account: str, admin_role: str) -> dict[str, Any]:
    """The policy document of the one bucket that holds the states of `environments`.

    The roles are `<stack>-deployer` and `<stack>-planner` in the AWS account `account` (12 digits). UserError for what
    is no account or role, or when the states lie in several buckets.
    """
    if not ACCOUNT.fullmatch(account) or not ROLE.fullmatch(admin_role):
        raise UserError(f"{account!r} must be an AWS account's 12 digits and {admin_role!r} a role's name")
    states = {one.stack_name: one.state.bucket for one in environments if isinstance(one.state, S3State)}
    if len(set(states.values())) != 1:
        raise UserError(f"one bucket is expected and the environments have {sorted(set(states.values()))}")
    bucket = f"arn:aws:s3:::{next(iter(states.values()))}"
    statements = [
        _only(f"{bucket}/{stack}.tfstate*", stack, roles, actions, account, admin_role)
        for stack in states
        for actions, roles in ((READ, ("deployer", "planner")), (WRITE, ("deployer",)))
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, _encrypted_in_transit(bucket)]}


def _only(
    keys: str, stack: str, roles: tuple[str, ...], actions: list[str], account: str, admin_role: str
) -> dict[str, Any]:
    """Nobody but the roles does `actions` to the keys: a denial stands above whatever is allowed elsewhere."""
    names = [*(f"{stack}-{role}" for role in roles), admin_role]
    holders = [f"arn:aws:iam::{account}:role/{name}" for name in names]
    return {
        "Sid": "".join(part.title() for part in (*stack.split("-"), "only", *roles)),
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": keys,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": holders}},
    }


def _encrypted_in_transit(bucket: str) -> dict[str, Any]:
    return {
        "Sid": "OnlyByTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def main(arguments: list[str]) -> int:
    """Print the policy and return the exit code."""
    if len(arguments) != 2:
        print("usage: python -m infra.deploy.state_policy ACCOUNT ADMIN_ROLE", file=sys.stderr)
        return 1
    try:
        print(json.dumps(bucket_policy([find_environment(name) for name in BUILDERS], *arguments), indent=2))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
