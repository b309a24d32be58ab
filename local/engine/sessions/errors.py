"""What a session raises where Sail cannot give what Spark gives."""

from pyspark.errors import PySparkException

from common.errors import NotSupplied, UserError

# The conditions of pyspark, and the parameter of each that has the name.
_OF_THE_JVM = {"JVM_ATTRIBUTE_NOT_SUPPORTED": "attr_name", "NOT_IMPLEMENTED": "feature"}


class NeedsSpark(UserError):  # noqa: N818 - it says where to go, not only what failed
    """A query that Sail would answer otherwise than Spark and that only Apache Spark is to run."""

    def __init__(self, function: str, why: str) -> None:
        super().__init__(f"{function}: {why}; run it on Apache Spark (--engine spark)")
        self.function = function
        self.why = why


def not_supplied(error: BaseException) -> NotSupplied | None:
    """What an error of Spark Connect's client means that says: this needs a JVM. None for any other error."""
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    if not isinstance(error, PySparkException) or condition not in _OF_THE_JVM:
        return None
    name = (error.getMessageParameters() or {}).get(_OF_THE_JVM[condition], "this")
    return NotSupplied(
        f"{name} is not supplied on one machine: there is no JVM behind Spark Connect; use DataFrames and SQL"
    )
