"""Whether the columns of a query fit those of its table, so that no value is altered in silence."""

from pyspark.sql import types as T

_WHOLE = (T.ByteType, T.ShortType, T.IntegerType, T.LongType)
_TEXTS = (T.StringType, T.CharType, T.VarcharType)
_ALTERS = "{} is {}, and its query gives {}"
# The digits that the whole numbers of a type may have.
_DIGITS = {T.ByteType: 3, T.ShortType: 5, T.IntegerType: 10, T.LongType: 20}


def altered_columns(given: T.StructType, wanted: T.StructType) -> dict[str, str]:
    """What is wrong, in words, by each column whose values of the query the table's type of it would alter."""
    theirs = {field.name.lower(): field for field in given.fields}
    pairs = [(theirs.get(field.name.lower()), field) for field in wanted.fields]
    return {
        field.name: _ALTERS.format(field.name, field.dataType.simpleString(), own.dataType.simpleString())
        for own, field in pairs
        if own is not None and not fits(own.dataType, field.dataType)
    }


def fits(given: T.DataType, wanted: T.DataType) -> bool:
    """Whether a value stays as it is in the other type, or stops the update as a number out of range does."""
    if isinstance(given, T.ArrayType) and isinstance(wanted, T.ArrayType):
        return fits(given.elementType, wanted.elementType)
    if isinstance(given, T.MapType) and isinstance(wanted, T.MapType):
        return fits(given.keyType, wanted.keyType) and fits(given.valueType, wanted.valueType)
    if isinstance(given, T.StructType) and isinstance(wanted, T.StructType):
        return _struct_fits(given, wanted)
    return given == wanted or isinstance(given, T.NullType) or _atom_fits(given, wanted)


def _struct_fits(given: T.StructType, wanted: T.StructType) -> bool:
    """By name, in order: a cast goes by place, and would write one field's values as another's."""
    if [name.lower() for name in given.names] != [name.lower() for name in wanted.names]:
        return False
    return all(fits(own.dataType, to.dataType) for own, to in zip(given.fields, wanted.fields, strict=True))


def _atom_fits(given: T.DataType, wanted: T.DataType) -> bool:
    if isinstance(wanted, _TEXTS):
        return not isinstance(given, (T.ArrayType, T.MapType, T.StructType, T.BinaryType))
    if isinstance(wanted, T.DecimalType):
        return _decimal_fits(given, wanted)
    if isinstance(wanted, _WHOLE):
        return isinstance(given, _WHOLE)
    if isinstance(wanted, (T.FloatType, T.DoubleType)):
        return isinstance(given, (*_WHOLE, T.FloatType))
    if isinstance(wanted, (T.TimestampType, T.TimestampNTZType)):
        return isinstance(given, T.DateType)
    return False


def _decimal_fits(given: T.DataType, wanted: T.DecimalType) -> bool:
    """No fraction is cut off; digits before the point that are too many stop the update."""
    if isinstance(given, T.DecimalType):
        return given.scale <= wanted.scale
    digits = _DIGITS.get(type(given))
    return digits is not None and digits <= wanted.precision - wanted.scale
