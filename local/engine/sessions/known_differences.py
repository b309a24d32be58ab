"""Where Sail 0.7.2 is known not to be Spark, and what is done about it; a test looks whether each is still so.

The rules hold for columns, for the text of `expr` and of expectations, and for the SQL of a pipeline: datasets,
`spark.sql` and queries. Where the types of a call cannot be told, as of a column of the query around a subquery, SQL
goes to Apache Spark, unless Sail raises an error where it would answer otherwise (texts as dates).
"""

from enum import Enum
from typing import NamedTuple


class Done(Enum):
    """What is done about a difference."""

    REWRITTEN = "written anew in the plan, so that Sail gives what Spark gives"
    SPARK = "raises NeedsSpark: Apache Spark runs it"
    AT_A_VALUE = "raises at such a value: Apache Spark runs it"
    REMAINS = "remains"


class Difference(NamedTuple):
    """A function, what is different, what is done, and an expression that shows it over `values` (of a column a)."""

    function: str
    what: str
    done: Done
    expression: str
    values: str


_ZEROS = "(0D), (-0D)"
_TEXTS = "('são JOÃO del-rei'), (null), ('ABC-1.2 é')"
_DECIMALS = "(cast(1.50 as decimal(8,3))), (null), (2.675)"
_DOUBLES = "(1.5D), (null), (1e20D), (0.00099D), (12345678.9D), (double('NaN')), (double('Infinity'))"
_DAYS = "(date'1969-12-28'), (null), (date'2020-02-29')"
_TIMES = "(timestamp'1969-12-31 23:00:00'), (null), (timestamp'2020-02-29 23:59:59.5')"
_TIMED = "('2018-01-02T03:04:05Z'), (null), (' 2018-1-2 '), ('2018')"
_TRUTHS = "('on'), ('OFF '), ('tru'), (' true '), ('Y'), ('no'), ('fals'), (null)"
_STRUCTS = "(named_struct('x', 5, 'y', 1)), (named_struct('x', cast(null as int), 'y', 2))"
_WIDE = "(cast('1.123456789012345678' as decimal(38,18)))"
_MOST = "(cast('99999999999999999999999999999999999999' as decimal(38,0)))"
_NULLS = "(array(cast(null as int)))"
_R, _S, _V, _L = Done.REWRITTEN, Done.SPARK, Done.AT_A_VALUE, Done.REMAINS

DIFFERENCES = [
    Difference(
        "initcap", "begins a word after whatever is neither letter nor digit", _R, "initcap(a)", _TEXTS
    ),
    Difference("datediff", "is BIGINT", _R, "datediff(a, date'2018-01-01')", _DAYS),
    Difference("weekday", "of a Sunday before 1970 is -1", _R, "weekday(a)", _DAYS),
    Difference("from_unixtime", "takes no text", _R, "from_unixtime(a)", "('1714521600'), (null)"),
    Difference("/", "quotients of decimals are cut off after four decimals more", _R, "a / 3", _DECIMALS),
    Difference("try_divide", "takes integers only", _R, "try_divide(a, 0.5)", _DECIMALS),
    Difference("+ - *", "integers wrap instead of an error", _R, "a + 1", "(2147483647)"),
    Difference("sum", "of BIGINT wraps instead of an error", _R, "sum(a)", "(9223372036854775807), (1L)"),
    Difference("+ - *", "a decimal and a number in the query have another type", _R, "a * 2", _DECIMALS),
    Difference("round", "of a decimal has another type", _R, "round(a, 1)", _DECIMALS),
    Difference("nvl, ifnull", "of a decimal and an integer is DOUBLE", _R, "nvl(a, 1)", _DECIMALS),
    Difference(
        "case, if, when", "have the first value's type", _R, "case when a > 2 then a else 0 end", _DECIMALS
    ),
    Difference("cast to string", "of a double is written otherwise", _R, "cast(a as string)", _DOUBLES),
    Difference("concat, ||", "writes doubles and timestamps otherwise", _R, "concat(a, 'x')", _DOUBLES),
    Difference("to_json", "of decimals drops zeros", _R, "to_json(struct(a))", _DECIMALS),
    Difference("to_json", "of timestamps has six digits", _R, "to_json(struct(a))", _TIMES),
    Difference(
        "to_json", "heeds no option", _R, "to_json(struct(a), map('ignoreNullFields', 'false'))", _TEXTS
    ),
    Difference("try_add and so on", "take INT only", _R, "try_add(a, 1)", "(9223372036854775807L), (3L)"),
    Difference("try_add and so on", "take INT only", _S, "try_add(a, interval 1 day)", _TIMES),
    Difference(
        "timestamp_seconds", "drops fractions", _R, "timestamp_seconds(a)", "(1.5D), (-0.25D), (null)"
    ),
    Difference("timestamp_seconds", "of a decimal drops fractions", _S, "timestamp_seconds(a)", _DECIMALS),
    Difference(
        "extract, date_part",
        "of an interval is the whole in the unit",
        _S,
        "extract(minute from a - timestamp'2018-01-01')",
        _TIMES,
    ),
    Difference(
        "max_by, min_by", "give one value, however many are asked for", _S, "max_by(a, a, 2)", "(1), (2), (3)"
    ),
    Difference(
        "aes_encrypt",
        "encrypts otherwise",
        _S,
        "base64(aes_encrypt(a, '1234567890abcdef', 'ECB', 'PKCS'))",
        "('Spark SQL')",
    ),
    Difference("current_user, user, session_user", "are empty", _R, "current_user()", "(1)"),
    Difference("isnan", "of null is null", _R, "isnan(a)", _DOUBLES),
    Difference("rint", "rounds half up", _R, "rint(a)", "(2.5D), (-0.5D)"),
    Difference("nvl2", "of integers is a string", _R, "nvl2(a, 1, 2)", _TEXTS),
    Difference("regexp_count", "is BIGINT", _R, "regexp_count(a, 'J')", _TEXTS),
    Difference(
        "rlike and regexp_*", r"take \w and \d for Unicode", _R, r"regexp_replace(a, '\\w', '.')", _TEXTS
    ),
    Difference(
        "from_json", "of '' is a struct of nulls", _R, "from_json(a, 'x int')", "(''), ('{\"x\": 1}')"
    ),
    Difference("case, coalesce", "of a number and a double is not DOUBLE", _R, "coalesce(a, 2D)", _DECIMALS),
    Difference("if", "of INT and BIGINT is INT", _R, "if(a = 1, a, 3000000000)", "(1), (2)"),
    Difference("array", "of FLOAT and INT is FLOAT", _R, "array(a, 1)", "(float('1.5'))"),
    Difference(
        "cast to string", "of a float is written otherwise", _R, "cast(a as string)", "(float('1e20'))"
    ),
    Difference("cast to string", "of arrays writes NULL", _R, "cast(a as string)", "(array(1, null))"),
    Difference(
        "cast", "to boolean takes on, off and the begin of a word", _R, "try_cast(a as boolean)", _TRUTHS
    ),
    Difference(
        "try_cast", "to double takes no 1d and no 1f", _R, "try_cast(a as double)", "('1d'), (' 2.5e1F ')"
    ),
    Difference(
        "cast", "to decimal takes other blanks around", _R, "try_cast(a as decimal(4,2))", "('\u00a012')"
    ),
    Difference("cast", "to decimal takes no exponent", _V, "cast(a as decimal(10,2))", "('1e3')"),
    Difference("cast", "to double takes no 1d and no 1f", _V, "cast(a as double)", "('1d')"),
    Difference(
        "cast, try_cast",
        "to decimal takes no digits of other scripts",
        _L,
        "try_cast(a as decimal(4,2))",
        "('\u0661\u0662')",
    ),
    Difference(
        "cast, try_cast",
        "to numbers and boolean takes no control characters around, but tab and ends of lines",
        _L,
        "try_cast(a as int)",
        "(concat(char(31), '12'))",
    ),
    Difference(
        "< = > and so on", "of a text and 1.45 round the text", _R, "a < 1.45", "('1.449'), (' 2e1 ')"
    ),
    Difference("+ - * %, avg, floor and so on", "take no text for a number", _R, "a * 2", "('10'), (' 7 ')"),
    Difference("/", "of a text takes more than integers", _R, "a / 2", "('1.5')"),
    Difference("median, percentile", "of texts are texts", _R, "median(a)", "('10'), ('9'), ('1.5')"),
    Difference("nullif", "of a text and an integer is a number", _R, "nullif(a, 1)", "(' 12 '), ('1')"),
    Difference(
        "date_format", "of a text with blanks is null", _R, "date_format(a, 'yyyy')", "(' 2024-01-05 ')"
    ),
    Difference("bround, div, not and so on", "take no text for what it says", _V, "bround(a, 1)", "('1.25')"),
    Difference("log and so on", "take no fewer or other arguments", _V, "log(a)", "(2D)"),
    Difference("try_cast", "to decimal takes no exponent", _R, "try_cast(a as decimal(10,2))", "('1e3')"),
    Difference(
        "cast to date, to_date", "takes no time behind it, and no blanks", _R, "cast(a as date)", _TIMED
    ),
    Difference("try_cast", "to date takes no time behind it", _R, "try_cast(a as date)", _TIMED),
    Difference(
        "year, datediff and so on",
        "of a text take no year alone",
        _V,
        "datediff(a, date'2018-01-01')",
        "('2018')",
    ),
    Difference("left", "of a negative length", _R, "left(a, -1)", _TEXTS),
    Difference("extract", "dow begins with 0", _R, "extract(dow from a)", _DAYS),
    Difference("sum(distinct)", "of BIGINT wraps", _R, "sum(distinct a)", "(9223372036854775807), (1L)"),
    Difference(
        "timestampdiff",
        "counts days down before the start",
        _R,
        "timestampdiff(day, timestamp'2018-01-01', a)",
        _TIMES,
    ),
    Difference(
        "%, mod, pmod", "of a decimal and a number in the query have another type", _R, "a % 2", _DECIMALS
    ),
    Difference(
        "array_contains", "of or among nulls is false", _R, "array_contains(array('x', null), a)", _TEXTS
    ),
    Difference("timestamp", "the function gives TIMESTAMP_NTZ", _R, "timestamp(a)", _DAYS),
    Difference("date_trunc", "of a date is TIMESTAMP_NTZ", _R, "date_trunc('month', a)", _DAYS),
    Difference("bround", "of a double may be minus zero", _R, "bround(a, 0)", "(-0.5D)"),
    Difference("nullif", "zero is another number than minus zero", _R, "nullif(a, -0D)", "(0D)"),
    Difference(
        "arrays_overlap",
        "of an empty array and one of nulls is null",
        _R,
        "arrays_overlap(slice(a, 1, 0), a)",
        _NULLS,
    ),
    Difference("+ - *", "of decimals that need more than 38 digits have another type", _R, "a * a", _WIDE),
    Difference("+ -", "of decimals of 38 digits do not overflow", _R, "a + cast(1 as decimal(38,0))", _MOST),
    Difference("sum", "of decimals of 38 digits does not overflow", _R, "sum(a)", f"{_MOST}, (1)"),
    Difference("try_avg", "of decimals has another type", _R, "try_avg(a)", _DECIMALS),
    Difference("''", "in a string in SQL is left out", _R, "concat(a, 'it''s')", _TEXTS),
    Difference(
        "percentile_approx", "gives values that are not there", _S, "percentile_approx(a, 0.5)", _DECIMALS
    ),
    Difference("concat_ws", "writes timestamps otherwise", _R, "concat_ws('-', a, 'x')", _TIMES),
    Difference("version", "is Sail's own", _S, "version()", "(1)"),
    Difference("max, min", "of structs order nulls otherwise", _S, "max(a)", _STRUCTS),
    Difference("hash", "of decimals is another number", _S, "hash(a)", _DECIMALS),
    Difference("format_number", "of decimals rounds half up", _S, "format_number(a, 1)", "(-1.05), (2.5)"),
    Difference(
        "get_json_object", "does not know *", _S, "get_json_object(a, '$[*].x')", '(\'[{"x": 1}, {"x": 2}]\')'
    ),
    Difference("-", "of dates is a number", _S, "a - date'2018-01-01'", _DAYS),
    Difference("format_string", "pads by bytes", _S, "format_string('%5s', a)", "('é')"),
    Difference("split", "by what may be empty puts empty texts around", _S, "split(a, '|')", _TEXTS),
    Difference(
        "cast to string",
        "of maps, structs and other arrays is written otherwise",
        _S,
        "cast(a as string)",
        "(map('x', cast(null as int)))",
    ),
    Difference("bround", "of decimals rounds half up", _S, "bround(a)", "(cast(2.5 as decimal(3,1)))"),
    Difference("initcap", "of some letters, such as ß and Σ", _V, "initcap(a)", "('ßa'), ('ΑΣ')"),
    Difference(
        "get_json_object",
        "gives numbers with decimals, objects and lists as they stand",
        _V,
        "get_json_object(a, '$.x')",
        "('{\"x\": 1.50}')",
    ),
    Difference(
        "RANGE ... PRECEDING",
        "over dates takes all rows before",
        _S,
        "count(a) over (order by a range between interval 1 day preceding and current row)",
        "(date'2018-01-01'), (date'2018-01-09')",
    ),
    Difference(
        "PARTITION BY, collect_set, several count(distinct)",
        "zero is another number than minus zero",
        _L,
        "size(collect_set(a))",
        _ZEROS,
    ),
    Difference(
        "ln, log, exp, sin, corr, var_pop, skewness, kurtosis, regr_*",
        "may differ in the last digit",
        _L,
        "ln(a)",
        "(3D)",
    ),
    Difference(
        "array_contains, least, greatest, in a list of more than three",
        "zero is another number than minus zero",
        _L,
        "array_contains(array(a), -0D)",
        "(0D)",
    ),
]
