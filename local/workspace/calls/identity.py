"""Who the workspace is: its id and its token, made once a home."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError

_WORKSPACE_ID_DIGITS = 16


@dataclass(frozen=True)
class Identity:
    """The workspace's id (Terraform refuses to apply one workspace's state to another) and its only token."""

    workspace_id: str
    token: str


def load_identity(folder: Path) -> Identity:
    """The identity kept in `folder`, generated at the first start, for the owner's eyes only."""
    lowest = 10 ** (_WORKSPACE_ID_DIGITS - 1)
    return Identity(
        workspace_id=_kept(folder / "workspace-id", str(lowest + secrets.randbelow(9 * lowest))),
        token=_kept(folder / "token", f"dapi{secrets.token_hex(16)}"),
    )


def _kept(path: Path, fresh: str) -> str:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        value = path.read_text().strip()
        if not value:
            raise UserError(f"{path} is empty; delete it and start again to get a new one") from None
        return value
    with os.fdopen(descriptor, "w") as file:
        file.write(fresh + "\n")
        file.flush()
        os.fsync(file.fileno())
    return fresh
