"""What a session raises where Sail cannot give what Spark gives."""

from common.errors import UserError


class NeedsSpark(UserError):  # noqa: N818 - it says where to go, not only what failed
    """A query that Sail would answer otherwise than Spark and that only Apache Spark is to run."""

    def __init__(self, function: str, why: str) -> None:
        super().__init__(f"{function}: {why}; run it on Apache Spark (--engine spark)")
        self.function = function
        self.why = why
