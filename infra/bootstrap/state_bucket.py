"""The bucket of the states in AWS, and the roles that reach it: as raw resources, since no bindings of AWS are locked.

The values are plain Terraform JSON, so a reviewer reads them as they are applied.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import TerraformResource, TerraformResourceLifecycle
from constructs import Construct

from infra.bootstrap.account import Account
from infra.deploy.state_policy import bucket_policy
from infra.stack.environments import STATE_BUCKET
from infra.stack.identities import identities
from infra.stack.settings import Environment

GITHUB = "token.actions.githubusercontent.com"
PolicyStatement = Mapping[str, Any]


def declare_states(
    stack: Construct, account: Account, environments: Sequence[Environment]
) -> dict[str, dict[str, str]]:
    """Declare the bucket and its roles; returns references to the ARNs by environment, of `deployer` and `planner`."""
    bucket = _raw(stack, "aws_s3_bucket", "states", bucket=STATE_BUCKET)
    bucket.lifecycle = TerraformResourceLifecycle(prevent_destroy=True)
    _raw(
        stack, "aws_s3_bucket_versioning", "versions",
        bucket=STATE_BUCKET, versioning_configuration={"status": "Enabled"}, depends_on=[_address(bucket)],
    )  # fmt: skip
    blocked = _raw(
        stack, "aws_s3_bucket_public_access_block", "not_public",
        bucket=STATE_BUCKET, block_public_acls=True, block_public_policy=True, ignore_public_acls=True,
        restrict_public_buckets=True, depends_on=[_address(bucket)],
    )  # fmt: skip
    policy = bucket_policy(environments, account.aws_account, account.state_admin)
    _raw(
        stack, "aws_s3_bucket_policy", "own_keys",
        bucket=STATE_BUCKET, policy=json.dumps(policy), depends_on=[_address(blocked)],
    )  # fmt: skip
    login = _raw(
        stack, "aws_iam_openid_connect_provider", "github",
        url=f"https://{GITHUB}", client_id_list=["sts.amazonaws.com"],
    )  # fmt: skip
    return {one.name: _roles(stack, account, one, login) for one in environments}


def _roles(
    stack: Construct, account: Account, environment: Environment, login: TerraformResource
) -> dict[str, str]:
    used = {one.role: one.github for one in identities(environment)}
    arns: dict[str, str] = {}
    for role in ("deployer", "planner"):
        name = f"{environment.stack_name}-{role}"
        trust = _by_github(account, used[role]) if role in used else _by_people(account)
        made = _raw(
            stack, "aws_iam_role", name,
            name=name, assume_role_policy=_document(trust), depends_on=[_address(login)],
        )  # fmt: skip
        _raw(
            stack, "aws_iam_role_policy", f"{name}-state",
            name="state", role=f"${{{_address(made)}.name}}",
            policy=_document(*_rights(environment, role)),
        )  # fmt: skip
        arns[role] = f"${{{_address(made)}.arn}}"
    return arns


def _rights(environment: Environment, role: str) -> Sequence[PolicyStatement]:
    bucket = f"arn:aws:s3:::{STATE_BUCKET}"
    key = f"{bucket}/{environment.stack_name}.tfstate"
    read: list[PolicyStatement] = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": key},
    ]
    if role == "planner":
        return read
    lock = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    return [
        *read,
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": key},
        {"Effect": "Allow", "Action": lock, "Resource": f"{key}.tflock"},
    ]


def _by_github(account: Account, environments: Sequence[str]) -> PolicyStatement:
    subjects = [f"repo:{account.repository}:environment:{name}" for name in environments]
    return {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::{account.aws_account}:oidc-provider/{GITHUB}"},
        "Condition": {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": subjects}},
    }


def _by_people(account: Account) -> PolicyStatement:
    """The account's own policies say who may take the role."""
    root = f"arn:aws:iam::{account.aws_account}:root"
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": root}}


def _document(*statements: PolicyStatement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _raw(stack: Construct, kind: str, name: str, /, **arguments: Any) -> TerraformResource:
    resource = TerraformResource(stack, name, terraform_resource_type=kind)
    for argument, value in arguments.items():
        resource.add_override(argument, value)
    return resource


def _address(resource: TerraformResource) -> str:
    return f"{resource.terraform_resource_type}.{resource.friendly_unique_id}"
