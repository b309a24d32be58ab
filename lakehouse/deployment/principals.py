"""The principals of an environment, as the local workspace plays them: one for each role."""

from dataclasses import replace

from infra.stack.settings import Environment
from local.workspace.rights.principals import NewPrincipal
from local.workspace.rights.who import ADMINS

DEPLOYER, PLANNER, DRIFT, RUNNER = "deployer", "planner", "drift", "runner"
INGEST, ENGINEER, READER = "ingest", "engineer", "reader"


def principals_of(environment: Environment) -> list[NewPrincipal]:
    """Who deploys, plans, looks for drift, runs, brings files, engineers and reads; the runner may be the deployer.

    Their names are of this machine, their groups those of the environment.
    """
    groups, name = environment.groups, environment.name
    runner = environment.run_as
    deployer = NewPrincipal(
        DEPLOYER,
        f"olist-{name}-deployer",
        groups=(ADMINS, groups.owners, *(() if runner else (groups.runners,))),
        uses=(runner,) if runner else (),
        on_metastore=("CREATE_CATALOG",),
    )
    return [
        deployer,
        NewPrincipal(PLANNER, f"olist-{name}-planner", groups=(groups.planners,)),
        NewPrincipal(DRIFT, f"olist-{name}-drift", groups=(groups.drift,)),
        NewPrincipal(RUNNER, runner, groups=(groups.runners,)) if runner else replace(deployer, role=RUNNER),
        NewPrincipal(INGEST, f"olist-{name}-ingest", groups=(groups.ingest,)),
        NewPrincipal(ENGINEER, "engineer@example.com", is_user=True, groups=(groups.engineers,)),
        NewPrincipal(READER, "reader@example.com", is_user=True, groups=(groups.readers,)),
    ]
