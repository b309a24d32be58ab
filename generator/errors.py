"""The error that a user of the generator can act on."""


class GeneratorError(Exception):
    """A wrong setting, a damaged or foreign state, or a file in the way: the message says what to do."""
