"""The error that a user can act on."""


class UserError(Exception):
    """A user's slip: the message names the file, row or setting and says what to do; no stack trace is shown."""


class NotSupplied(UserError):  # noqa: N818 - it says what to write instead, not only what failed
    """A feature that one machine does not have: the message has its name and what to write instead."""
