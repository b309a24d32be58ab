"""The five regions of Brazil (IBGE) and their states."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from pipelines.shared.columns import UNKNOWN

STATES = {
    "southeast": ("SP", "RJ", "MG", "ES"),
    "south": ("PR", "SC", "RS"),
    "midwest": ("MS", "MT", "GO", "DF"),
    "northeast": ("BA", "SE", "AL", "PE", "PB", "RN", "CE", "PI", "MA"),
    "north": ("PA", "AM", "AP", "RR", "AC", "RO", "TO"),
}


def region_of(state: str) -> Column:
    """The region of the column `state` (two upper-case letters), `unknown` for any other value and null."""
    region = F.lit(UNKNOWN)
    for name, states in STATES.items():
        region = F.when(F.col(state).isin(*states), name).otherwise(region)
    return region
