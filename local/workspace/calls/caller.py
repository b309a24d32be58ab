"""Who makes the call that is being answered."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from minilake.services.identity import USER_NAME

CallerField = Literal["user_name", "service_principal_name"]


@dataclass(frozen=True)
class Caller:
    """A principal: `field` says which kind, `name` is a user's name or a service principal's application id.

    Whoever brings the workspace's own token may do anything; all others have the rights that they were given.
    """

    name: str
    field: CallerField = "user_name"
    may_do_anything: bool = False


OWNER = Caller(USER_NAME, may_do_anything=True)
"""The workspace's own user."""

CALLER: ContextVar[Caller] = ContextVar("caller", default=OWNER)


def caller_name() -> str:
    """The name of whoever makes this call: who creates, changes and owns what it makes."""
    return CALLER.get().name
