"""Groups and service principals of the Databricks account, who is a member of what, and how GitHub logs in."""

from collections.abc import Mapping, Sequence

from cdktf import Token
from cdktf_cdktf_provider_databricks.access_control_rule_set import AccessControlRuleSet
from cdktf_cdktf_provider_databricks.group import Group
from cdktf_cdktf_provider_databricks.group_member import GroupMember
from cdktf_cdktf_provider_databricks.mws_permission_assignment import MwsPermissionAssignment
from cdktf_cdktf_provider_databricks.service_principal import ServicePrincipal
from cdktf_cdktf_provider_databricks.service_principal_federation_policy import (
    ServicePrincipalFederationPolicy,
    ServicePrincipalFederationPolicyOidcPolicy,
)
from constructs import Construct

from infra.bootstrap.account import Account
from infra.bootstrap.state_bucket import GITHUB
from infra.stack.identities import ServiceIdentity, identities
from infra.stack.settings import Environment

# Databricks' own group: everybody is in it, and nobody makes it.
EVERYBODY = "account users"
USER, ADMIN = "USER", "ADMIN"


def declare_principals(
    stack: Construct, account: Account, environments: Sequence[Environment]
) -> dict[str, dict[str, ServicePrincipal]]:
    """Declare all groups and the identities of `environments`; returns the identities by environment and role."""
    names = sorted({name for one in environments for name in _groups(one)})
    # A group that a directory brought along is taken over as it is.
    groups = {name: Group(stack, name, display_name=name, force=True) for name in names}
    principals: dict[str, dict[str, ServicePrincipal]] = {}
    for environment in environments:
        found = principals.setdefault(environment.name, {})
        for identity in identities(environment):
            found[identity.role] = _declare(stack, account, identity, groups[identity.group])
        _let_use(stack, account, environment.name, found)
    _assign(stack, account, environments, groups, principals)
    return principals


def _groups(environment: Environment) -> set[str]:
    return set(vars(environment.groups).values()) - {EVERYBODY}


def _declare(stack: Construct, account: Account, identity: ServiceIdentity, group: Group) -> ServicePrincipal:
    name = identity.name
    principal = ServicePrincipal(stack, f"{name}-principal", display_name=name)
    GroupMember(stack, f"{name}-member", group_id=group.id, member_id=principal.id)
    for used in identity.github:
        ServicePrincipalFederationPolicy(
            stack,
            f"{used}-login",
            service_principal_id=Token.as_number(principal.id),
            oidc_policy=ServicePrincipalFederationPolicyOidcPolicy(
                issuer=f"https://{GITHUB}",
                audiences=[account.databricks_account],
                subject=f"repo:{account.repository}:environment:{used}",
            ),
        )
    return principal


def _let_use(
    stack: Construct, account: Account, environment: str, found: Mapping[str, ServicePrincipal]
) -> None:
    """Who deploys may have jobs run as the runner."""
    if not {"deployer", "runner"} <= found.keys():
        return
    runner = found["runner"].application_id
    rule = {
        "role": "roles/servicePrincipal.user",
        "principals": [f"servicePrincipals/{found['deployer'].application_id}"],
    }
    AccessControlRuleSet(
        stack,
        f"{environment}-runner-users",
        name=f"accounts/{account.databricks_account}/servicePrincipals/{runner}/ruleSets/default",
        grant_rules=[rule],
    )


def _assign(
    stack: Construct,
    account: Account,
    environments: Sequence[Environment],
    groups: Mapping[str, Group],
    principals: Mapping[str, Mapping[str, ServicePrincipal]],
) -> None:
    """Let groups and identities into their environments' workspaces, which may be one; who deploys administers it."""
    members: dict[tuple[int, str], tuple[str, str]] = {}
    for one in environments:
        workspace = account.workspaces.get(one.name)
        if workspace is None:
            continue
        members |= {(workspace, name): (groups[name].id, USER) for name in _groups(one)}
        for role, principal in principals[one.name].items():
            level = ADMIN if role == "deployer" else USER
            members[workspace, f"{one.name}-{role}"] = (principal.id, level)
    for (workspace, name), (principal_id, level) in sorted(members.items()):
        MwsPermissionAssignment(
            stack,
            f"{workspace}-{name}-assigned",
            workspace_id=workspace,
            principal_id=Token.as_number(principal_id),
            permissions=[level],
        )
