"""The error that a user can act on."""


class UserError(Exception):
    """A user's slip: the message names the file, row or setting and says what to do; no stack trace is shown."""
