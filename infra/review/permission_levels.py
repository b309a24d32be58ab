"""The levels of permissions on jobs, pipelines, folders, files and dashboards, the lowest first."""

_LEVELS = ("CAN_VIEW", "CAN_READ", "CAN_RUN", "CAN_MANAGE_RUN", "CAN_EDIT", "CAN_MANAGE", "IS_OWNER")


def rank_of_level(level: str | None) -> int:
    """Where a level stands among them: below all for none, above all for one that is not known."""
    if level is None:
        return -1
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
