"""How one value is cleaned and typed. Nothing here raises: what does not parse is null and a rule decides."""

from pyspark.sql import Column
from pyspark.sql import functions as F

MONEY = "DECIMAL(12,2)"
MONEY_SUM = "DECIMAL(18,2)"
# 15 places hold every digit of a coordinate, and sums of decimals do not depend on the order of the rows.
COORDINATE = "DECIMAL(18,15)"
UNKNOWN = "unknown"

_BLANKS = " \t\r\n"
# Spark reads more than dates from text: a bare year, or a time of day that it completes with today's date.
_ISO_TIMESTAMP = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$"


def text(name: str) -> Column:
    """STRING without blanks around it; null when nothing is left."""
    return F.nullif(F.btrim(F.col(name), F.lit(_BLANKS)), F.lit(""))


def or_rescued(name: str) -> Column:
    """As text; of rows that were read before their table had the column, what was rescued of it."""
    rescued = F.get_json_object(F.col("_rescued_data"), f"$.{name}")
    return F.coalesce(text(name), F.nullif(F.btrim(rescued, F.lit(_BLANKS)), F.lit("")))


def lower_text(name: str) -> Column:
    """STRING in lower case, as ids, e-mails, statuses and categories are kept."""
    return F.lower(text(name))


def upper_text(name: str) -> Column:
    """STRING in upper case, as states and operations are kept."""
    return F.upper(text(name))


def city(name: str) -> Column:
    """STRING with each word capitalized: `sao paulo` becomes `Sao Paulo`."""
    return F.initcap(text(name))


def zip_code(name: str) -> Column:
    """STRING of 5 digits, left-padded with zeros (1037 and 01037 are one place); null when no number."""
    return F.when(text(name).rlike("^[0-9]{1,5}$"), F.lpad(text(name), 5, "0"))


def number(name: str, kind: str) -> Column:
    """A number of the SQL type `kind`; null when the text is none or does not fit."""
    return text(name).try_cast(kind)


def timestamp(name: str) -> Column:
    """TIMESTAMP from ISO 8601 text, with a blank or `T` between date and time; UTC unless it names a zone."""
    return F.when(text(name).rlike(_ISO_TIMESTAMP), text(name).try_cast("TIMESTAMP"))


def total(name: str) -> Column:
    """The sum of a money column as DECIMAL(18,2)."""
    return F.sum(name).try_cast(MONEY_SUM)
