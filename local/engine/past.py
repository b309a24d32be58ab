"""What the updates of a pipeline left, and what has changed since."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from common.home import Home
from local.engine.definitions import Definitions
from local.engine.delta_log import data_version, table_path
from local.engine.fingerprint import Code, of_engine, of_paths
from local.engine.reads import Reads
from local.engine.record import Ran, Record, read_record, write_record
from local.engine.spec import PipelineSpec
from local.engine.staleness import FRESH, NEVER, changed_sources, reasons, reasons_of_its_own, with_readers


@dataclass(frozen=True)
class Past:
    """The record of a pipeline's updates beside the files as they are now.

    `files` are the pipeline's own; `stale` and `fresh` say for each recorded table why it runs or not; `new_files`
    may define others.
    """

    spec: PipelineSpec
    home: Home
    code: Code
    record: Record
    files: list[str]
    stale: dict[str, str]
    fresh: dict[str, str]
    new_files: list[str]

    @classmethod
    def of(cls, spec: PipelineSpec, home: Home, running: Iterable[str] = ()) -> "Past":
        """Compares all that the record says with the files; needs no engine.

        `running` are tables of other pipelines that will have been written anew before this one.
        """
        code, record = Code(spec.root), read_record(home, spec.name)
        files = [str(file.relative_to(spec.root)) for file in spec.files()]
        tables = {name: ran for name, ran in record.tables.items() if ran.code.keys() & set(files)}
        found = {name: list(reasons(name, ran, spec, home, code)) for name, ran in tables.items()}
        own = {name: each[-1] for name, each in found.items() if each}
        theirs = dict.fromkeys(running, "")
        stale = {n: reason for n, reason in with_readers({**theirs, **own}, tables).items() if n in tables}
        fresh = {name: FRESH.format(ran.at) for name, ran in tables.items() if name not in stale}
        new_files = [file for file in files if record.files.get(file) != code.hash_of(file)]
        return cls(spec, home, code, Record(record.files, tables), files, stale, fresh, new_files)

    @property
    def nothing_stale(self) -> bool:
        """Whether an update has nothing to write."""
        return not self.stale and not self.new_files

    def stale_of(self, definitions: Definitions) -> set[str]:
        """The tables that run, now that all are known that the pipeline's files define."""
        tables = definitions.tables().keys()
        never = dict.fromkeys(tables - self.record.tables.keys(), NEVER)
        return with_readers({**self.stale, **never}, self.record.tables).keys() & tables

    def has_nothing_new(self, table: str, reads: Reads, running: Collection[str]) -> bool:
        """Whether a flow that reads this has read it all, when `running` are the tables that the update writes."""
        ran = self.record.tables.get(table)
        read = reads.tables | reads.paths
        if ran is None or reads.unknown or not read <= ran.tables.keys() | ran.paths.keys():
            return False
        changed = changed_sources(ran, self.home).keys() | set(running)
        return not changed & read and not any(reasons_of_its_own(table, ran, self.spec, self.home, self.code))

    def look(
        self, definitions: Definitions, reads: dict[str, Reads], passed_over: dict[str, Reads]
    ) -> dict[str, Ran]:
        """How the tables are about to be written: the code, and the files that they read, as these are now.

        `passed_over` is what the flows into them read that the update does not run: that stands as recorded.
        """
        seen = of_paths(path for read in reads.values() for path in read.paths)
        seen |= {
            path: self.record.tables[n].paths[path] for n, read in passed_over.items() for path in read.paths
        }
        return {
            name: Ran(
                engine=of_engine(),
                configuration=self.spec.configuration,
                code=self._code([name, *read.views], definitions),
                tables=dict.fromkeys(sorted(read.tables), ""),
                paths={path: seen[path] for path in sorted(read.paths)},
                unknown=sorted(read.unknown),
            )
            for name, read in reads.items()
        }

    def _code(self, datasets: Iterable[str], definitions: Definitions) -> dict[str, str]:
        defining = {file for dataset in datasets for file in definitions.files.get(dataset, ())}
        files = {each for file in defining for each in self.code.files_of(file)}
        return {file: self.code.hash_of(file) for file in sorted(files)}

    def keep(self, written: dict[str, Ran], *, whole: bool) -> None:
        """Records the tables as written now; after a `whole` update nothing else is stale."""
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        tables = {
            name: replace(
                ran,
                at=at,
                version=self._version(name),
                tables={each: self._version(each) for each in ran.tables},
            )
            for name, ran in written.items()
        }
        # A file that came while the update ran was not read: the next one must find it new.
        seen = {file: self.code.hash_of(file) for file in self.files} if whole else self.record.files
        write_record(self.home, self.spec.name, Record(seen, {**self.record.tables, **tables}))

    def _version(self, table: str) -> str:
        return data_version(table_path(self.home.warehouse, table)) if table.count(".") == 1 else ""
