"""Properties of streaming tables that hold what cannot be read again."""

from collections.abc import Callable

from pipelines.catalog import CDC, MEDALLION, RESET_ALLOWED, TOMBSTONE_DAYS

Setting = Callable[[str, str], str | None]

_DAY = 24 * 60 * 60


def streaming(quality: str, setting: Setting) -> dict[str, str]:
    """Of every streaming table; `setting` is `spark.conf.get`.

    A full refresh leaves it as it is: what reads a table that was reset fails until it is reset, too, so that a
    rebuild, in its order, is the only one that may (docs/rebuild.md). With row tracking Databricks can tell which of
    its rows changed, and refresh a view of them by these (docs/scale.md).
    """
    allowed = setting(RESET_ALLOWED, "") or MEDALLION.settings[RESET_ALLOWED]
    return {
        "quality": quality,
        "pipelines.reset.allowed": allowed,
        "delta.enableRowTracking": "true",
    }


def cdc_target(quality: str, setting: Setting) -> dict[str, str]:
    """Of a target of change events that delete: for how long an older event cannot bring a deleted row back.

    Raises ValueError where the configured days are no whole number.
    """
    days = setting(TOMBSTONE_DAYS, "") or CDC.settings[TOMBSTONE_DAYS]
    if not days.isdecimal():
        raise ValueError(f"{TOMBSTONE_DAYS} is {days!r}: write a whole number of days")
    return streaming(quality, setting) | {
        "pipelines.cdc.tombstoneGCThresholdInSeconds": str(int(days) * _DAY)
    }
