"""The accounts that everything lives in: the values of yours stand here, none of them is secret."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from common.errors import UserError
from infra.stack.settings import UUID

AWS_ACCOUNT = re.compile(r"\d{12}")
REPOSITORY = re.compile(r"[\w.-]+(@\d+)?/[\w.-]+(@\d+)?")


@dataclass(frozen=True)
class Account:
    """What the bootstrap stack is told.

    Attributes:
        databricks_account: its id, which the console of the account shows.
        aws_account: the 12 digits of the AWS account that holds the states.
        repository: `owner/repository` as it stands in the subject of GitHub's OIDC tokens, with ids where GitHub has
            them there (`owner@1/repository@2`).
        state_admin: the role that may recover any state.
        workspaces: the workspace id of each environment; principals are assigned to those that are known.
    """

    databricks_account: str
    aws_account: str
    repository: str
    state_admin: str
    workspaces: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """UserError that names what is wrong."""
        for name, pattern in (
            ("databricks_account", UUID), ("aws_account", AWS_ACCOUNT), ("repository", REPOSITORY)
        ):  # fmt: skip
            value = getattr(self, name)
            if not pattern.fullmatch(value):
                raise UserError(
                    f"infra/bootstrap/account.py: {name} {value!r} must be like {pattern.pattern}"
                )

    def must_be_filled(self) -> None:
        """UserError where these are the placeholders that the repository has, not somebody's accounts."""
        if not self.databricks_account.strip("0-") or not self.aws_account.strip("0"):
            raise UserError(
                "infra/bootstrap/account.py has placeholders: write the ids of your accounts there"
            )


ACCOUNT = Account(
    databricks_account="00000000-0000-0000-0000-000000000000",
    aws_account="000000000000",
    repository="olist-lakehouse/olist-lakehouse",
    state_admin="state-admin",
)
