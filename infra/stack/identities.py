"""Which service principals an environment has, of which group each is a member, and as what GitHub logs in."""

from collections.abc import Iterator
from dataclasses import dataclass

from infra.stack.settings import Environment


@dataclass(frozen=True)
class ServiceIdentity:
    """A service principal.

    Attributes:
        role: planner, drift, deployer or runner.
        name: its display name, unique in the account.
        group: the account group that it is a member of, which has its rights.
        github: the GitHub environments whose jobs log in as it.
    """

    role: str
    name: str
    group: str
    github: tuple[str, ...] = ()


def identities(environment: Environment) -> Iterator[ServiceIdentity]:
    """Those of a shared environment; where people deploy there is no deployer, where jobs run as they no runner.

    Names are told by the environment's: its settings may have ids in their place by now.
    """
    name, groups = environment.name, environment.groups
    yield _identity(name, "planner", groups.planners, f"plan-{name}")
    yield _identity(name, "drift", groups.drift, f"drift-{name}")
    if environment.deployer:
        yield _identity(name, "deployer", groups.owners, name, f"{name}-approval")
    if environment.run_as:
        yield _identity(name, "runner", groups.runners)


def _identity(environment: str, role: str, group: str, *github: str) -> ServiceIdentity:
    return ServiceIdentity(role, f"olist-{environment}-{role}", group, github)
