"""Which tables readers may build on, and the version of each one's contract: plain data.

`lakehouse contract` writes contracts/ from it, from schemas/ and the rules. A change that breaks a reader (a column
gone or of another type, another key, a rule gone or another) raises the first number of the version.
"""

from dataclasses import dataclass
from typing import Literal

Status = Literal["proposed", "draft", "active", "deprecated", "retired"]


@dataclass(frozen=True)
class Terms:
    """A contract's version, as semantic versioning has it; one that is to go is `deprecated` for a version first."""

    version: str
    status: Status = "active"


CONTRACTS: dict[str, Terms] = {
    "gold.publication": Terms("1.0.0"),
    "gold.sales_performance": Terms("1.0.0"),
    "gold.customer_segments": Terms("1.0.0"),
    "gold.customer_segment_counts": Terms("1.0.0"),
    "gold.logistics_efficiency": Terms("1.0.0"),
    "gold.payment_methods_evolution": Terms("1.0.0"),
    "gold.seller_quality": Terms("1.0.0"),
}
"""By `schema.table`: all of gold, and what of other schemas is marked by standing here."""
