"""How the service refuses, word for word where its words are known."""

from collections.abc import Iterable

from minilake.errors import DatabricksError

_NAMES = {"CAN_MANAGE": "Manage", "IS_OWNER": "Owner", "CAN_MANAGE_RUN": "Manage Run"}


def denied(message: str) -> DatabricksError:
    """403 PERMISSION_DENIED."""
    return DatabricksError("PERMISSION_DENIED", message, 403)


def lacks_privilege(privilege: str, securable: object) -> DatabricksError:
    """Unity Catalog's refusal: the first privilege that is missing, from the top."""
    return denied(f"User does not have {privilege.replace('_', ' ')} on {securable}.")


def lacks_level(who: str, levels: Iterable[str], kind: str, object_id: str) -> DatabricksError:
    """The refusal of jobs, pipelines and all else that has levels; `levels` are those that would do."""
    named = " or ".join(_NAMES.get(level, level.removeprefix("CAN_").title()) for level in levels)
    return denied(f"User {who} does not have {named} permissions on {kind} {object_id}.")


def may_not_see_permissions(who: str, kind: str, object_id: str) -> DatabricksError:
    """The refusal of a list of permissions, to read and to change."""
    label = kind.removesuffix("s").capitalize()
    return denied(
        f"{who} does not have Manage permissions on {label} with ID: {object_id}. "
        "Please contact the owner or an administrator for access."
    )
