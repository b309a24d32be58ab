"""The bootstrap stack: `python -m infra.bootstrap.bootstrap_stack` synthesizes it and says how it is applied."""

import sys
from pathlib import Path

from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_databricks.provider import DatabricksProvider
from constructs import Construct

from common.errors import UserError
from infra.bootstrap.account import ACCOUNT, Account
from infra.bootstrap.principals import declare_principals
from infra.bootstrap.state_bucket import declare_states
from infra.deploy.terraform import DEPLOY_FOLDER
from infra.stack.environments import BUILDERS, STACK_PREFIX, STATE_REGION, find_environment
from infra.stack.identities import identities
from infra.stack.lakehouse_stack import PROVIDER_VERSION, PROVIDER_VERSION_PATH, TERRAFORM_VERSIONS, TOP
from infra.stack.settings import S3State
from infra.stack.synthesis import OUTPUT

NAME = f"{STACK_PREFIX}bootstrap"
CONSOLE = "https://accounts.cloud.databricks.com"
AWS = {"source": "hashicorp/aws", "version": ">= 5.0, < 7.0"}


class BootstrapStack(TerraformStack):
    """Bucket, roles, groups, service principals and logins of all environments that share a state."""

    def __init__(self, scope: Construct, account: Account) -> None:
        """Declare it in `scope`; credentials of both accounts come from the process's environment."""
        super().__init__(scope, NAME)
        DatabricksProvider(self, "databricks", host=CONSOLE, account_id=account.databricks_account)
        self.add_override(PROVIDER_VERSION_PATH, PROVIDER_VERSION)
        self.add_override("terraform.required_version", TERRAFORM_VERSIONS)
        self.add_override("terraform.required_providers.aws", AWS)
        self.add_override(
            "provider.aws", [{"region": STATE_REGION, "allowed_account_ids": [account.aws_account]}]
        )
        # The bucket is not there yet.
        LocalBackend(self, path=str(TOP / DEPLOY_FOLDER / f"{NAME}.tfstate"))
        shared = [one for one in map(find_environment, BUILDERS) if isinstance(one.state, S3State)]
        roles = declare_states(self, account, shared)
        principals = declare_principals(self, account, shared)
        variables = {
            github: {
                "DATABRICKS_CLIENT_ID": principals[one.name][identity.role].application_id,
                **(
                    {"AWS_ROLE_ARN": roles[one.name][identity.role]}
                    if identity.role in roles[one.name]
                    else {}
                ),
            }
            for one in shared
            for identity in identities(one)
            for github in identity.github
        }
        TerraformOutput(self, "github_variables", value=variables, static_id=True)


def synthesize_bootstrap(account: Account, output: Path = OUTPUT) -> Path:
    """Write the stack below `output` and return its folder, where Terraform is to run."""
    app = App(outdir=str(output))
    BootstrapStack(app, account)
    app.synth()
    return output / "stacks" / NAME


def main() -> int:
    """Synthesize, say what comes next, and return the exit code."""
    try:
        ACCOUNT.must_be_filled()
        folder = synthesize_bootstrap(ACCOUNT)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"terraform -chdir={folder} init && terraform -chdir={folder} apply")
    return 0


if __name__ == "__main__":
    sys.exit(main())
