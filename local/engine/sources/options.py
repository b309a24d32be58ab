"""The options of a reader of files: which are supplied, which change nothing here, which are refused."""

from collections.abc import Mapping

from common.errors import NotSupplied, UserError

AUTO_LOADER = "cloudFiles"
READ_FILES = "read_files"
FORMATS = ("csv", "json", "parquet", "orc", "avro", "text", "binaryfile")

# Auto Loader's own options: with the prefix `cloudFiles.`, and without it in read_files.
AUTO_LOADER_OPTIONS = {
    "format", "schemahints", "schemaevolutionmode", "infercolumntypes", "partitioncolumns", "allowoverwrites",
    "rescueddatacolumn",
}  # fmt: skip
# How much is read at once and how files are noticed: the same rows without them.
THROUGHPUT = {
    "maxfilespertrigger", "maxbytespertrigger", "backfillinterval", "schemalocation", "validateoptions",
    "useincrementallisting", "usestrictglobber", "fetchparallelism", "usemanagedfileevents", "resourcetag",
}  # fmt: skip
COMMON = {
    "pathglobfilter", "filenamepattern", "recursivefilelookup", "rescueddatacolumn", "readercasesensitive",
    "maxfilespertrigger", "maxbytespertrigger", "ignoremissingfiles",
}  # fmt: skip
TIMES = {"dateformat", "timestampformat"}
OF_FORMAT = {
    "csv": TIMES
    | {
        "header", "sep", "delimiter", "quote", "escape", "multiline", "encoding", "charset", "comment", "nullvalue",
        "emptyvalue", "ignoreleadingwhitespace", "ignoretrailingwhitespace", "inferschema", "skiprows", "preferdate",
        "enforceschema", "mergeschema", "maxcolumns", "maxcharspercolumn", "compression",
    },
    "json": TIMES
    | {"multiline", "encoding", "charset", "inferschema", "primitivesasstring", "prefersdecimal", "mergeschema",
       "compression"},
    "parquet": {"mergeschema", "compression"},
    "orc": {"mergeschema", "compression"},
    "avro": {"mergeschema", "compression"},
    "text": {"wholetext", "encoding", "charset", "compression"},
    "binaryfile": set(),
}  # fmt: skip
# Options of which one value holds here: it is what happens without them.
ONLY_VALUES = {
    "mode": "permissive",
    "locale": "en-us",
    "ignorecorruptfiles": "false",
    "unescapedquotehandling": "stop_at_delimiter",
    "nanvalue": "nan",
    "positiveinf": "inf",
    "negativeinf": "-inf",
    "linesep": "\n",
    "columnnameofcorruptrecord": "_corrupt_record",
    "allowsinglequotes": "true",
    "allowbackslashescapinganycharacter": "false",
    "allowunquotedcontrolchars": "false",
    "allowcomments": "false",
    "allowunquotedfieldnames": "false",
    "allownumericleadingzeros": "false",
    "allownonnumericnumbers": "true",
    "dropfieldifallnull": "false",
    "infertimestamp": "false",
    "samplingratio": "1.0",
    "timezone": "utc",
}
AUTO_LOADER_ONLY_VALUES = {"includeexistingfiles": "true", "usenotifications": "false", "cleansource": "off"}


class Options:
    """One reader's options; names are told without regard to letter case.

    `source` is cloudFiles, read_files or a format of files. Raises NotSupplied for an option that is not.
    """

    def __init__(self, source: str, given: Mapping[str, str]) -> None:
        self._prefixed = source.lower() == AUTO_LOADER.lower() or any(
            name.lower() == f"{AUTO_LOADER}.format".lower() for name in given
        )
        self.is_auto_loader = self._prefixed or source == READ_FILES
        self._own: dict[str, str] = {}
        self._reader: dict[str, str] = {}
        for name, value in given.items():
            self._sort(name.lower(), str(value))
        self.format = self._own.get("format", "" if self.is_auto_loader else source).lower()
        if self.format not in FORMATS:
            raise NotSupplied(
                f"{source}: the format {self.format or 'is not given; it'} is not supplied: choose {', '.join(FORMATS)}"
            )
        self._check(source, given)

    def text(self, name: str, default: str = "") -> str:
        """The value of a reader's option, such as `sep`."""
        return self._reader.get(name, default)

    def flag(self, name: str, default: bool) -> bool:
        """The value of a reader's option that is true or false."""
        return _flag(name, self._reader.get(name), default)

    def own(self, name: str, default: str = "") -> str:
        """The value of one of Auto Loader's own options, such as `schemahints`."""
        return self._own.get(name, default)

    def own_flag(self, name: str, default: bool) -> bool:
        """The value of one of Auto Loader's own options that is true or false."""
        return _flag(name, self._own.get(name), default)

    @property
    def infers_types(self) -> bool:
        """Whether columns without a given type get the one that their values have; else those of text are STRING."""
        if self.is_auto_loader:
            return self.own_flag("infercolumntypes", not self._prefixed)
        return self.format != "csv" or self.flag("inferschema", False)

    @property
    def rescued(self) -> str | None:
        """The name of the rescued data column that the options ask for."""
        return self._own.get("rescueddatacolumn") or self._reader.get("rescueddatacolumn") or None

    def _sort(self, name: str, value: str) -> None:
        bare = name.removeprefix("cloudfiles.")
        own = bare in AUTO_LOADER_OPTIONS | THROUGHPUT | AUTO_LOADER_ONLY_VALUES.keys()
        if name != bare or (own and self.is_auto_loader and not self._prefixed):
            self._own[bare] = value
        else:
            self._reader[name] = value

    def _check(self, source: str, given: Mapping[str, str]) -> None:
        # An option of another format changes nothing, as in Spark.
        supplied = COMMON.union(*OF_FORMAT.values())
        refused = [
            name
            for name, value in self._reader.items()
            if name not in supplied and not _holds(name, value, ONLY_VALUES)
        ]
        refused += [
            name
            for name, value in self._own.items()
            if name not in AUTO_LOADER_OPTIONS | THROUGHPUT
            and not _holds(name, value, AUTO_LOADER_ONLY_VALUES)
        ]
        for name in given:
            if name.lower().removeprefix("cloudfiles.") in refused:
                own = self._prefixed and name.lower() in AUTO_LOADER_OPTIONS
                advice = f"write cloudFiles.{name}" if own else "leave it out"
                raise NotSupplied(
                    f"{source}: the option {name} = {given[name]} is not supplied on one machine; {advice}"
                )


def _holds(name: str, value: str, only: Mapping[str, str]) -> bool:
    return only.get(name) == value.lower()


def _flag(name: str, value: str | None, default: bool) -> bool:
    if value is None:
        return default
    if value.lower() not in ("true", "false"):
        raise UserError(f"the option {name} = {value} must be true or false")
    return value.lower() == "true"
