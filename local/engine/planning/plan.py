"""What an update has to do: the record of the updates before it, beside the files as they are now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from common.home import Home
from local.engine.language.spec import PipelineSpec
from local.engine.planning.fingerprint import CodeFiles, engine_fingerprint, paths_fingerprint
from local.engine.planning.inputs import Inputs
from local.engine.planning.record import PipelineRecord, TableRecord, read_record, write_record
from local.engine.planning.staleness import FRESH, NEVER, reasons, with_readers
from local.engine.storage.log import data_version, state_path

if TYPE_CHECKING:
    from local.engine.language.definitions import Definitions


@dataclass(frozen=True)
class Plan:
    """Which tables of a pipeline are stale.

    `files` are the pipeline's own; `stale` and `fresh` say for each recorded table why it runs or not; `new_files`
    may define others.
    """

    spec: PipelineSpec
    home: Home
    code: CodeFiles
    record: PipelineRecord
    files: list[str]
    stale: dict[str, str]
    fresh: dict[str, str]
    new_files: list[str]

    @classmethod
    def of(cls, spec: PipelineSpec, home: Home, running: Iterable[str] = ()) -> "Plan":
        """Compares all that the record says with the files; needs no engine.

        `running` are tables of other pipelines that will have been written anew before this one.
        """
        code, record = CodeFiles(spec.root, spec.folders()), read_record(home, spec.name)
        files = [str(file.relative_to(spec.root)) for file in spec.files()]
        tables = {name: ran for name, ran in record.tables.items() if ran.code.keys() & set(files)}
        found = {name: list(reasons(name, ran, spec, home, code)) for name, ran in tables.items()}
        own = {name: each[-1] for name, each in found.items() if each}
        theirs = dict.fromkeys(running, "")
        stale = {n: reason for n, reason in with_readers({**theirs, **own}, tables).items() if n in tables}
        fresh = {name: FRESH.format(ran.at) for name, ran in tables.items() if name not in stale}
        new_files = [file for file in files if record.files.get(file) != code.hash_of(file)]
        return cls(spec, home, code, PipelineRecord(record.files, tables), files, stale, fresh, new_files)

    @property
    def nothing_stale(self) -> bool:
        """Whether an update has nothing to write."""
        return not self.stale and not self.new_files

    def stale_of(self, definitions: "Definitions") -> set[str]:
        """The tables that run, now that all are known that the pipeline's files define."""
        tables = definitions.targets().keys()
        never = dict.fromkeys(tables - self.record.tables.keys(), NEVER)
        return with_readers({**self.stale, **never}, self.record.tables).keys() & tables

    def look(self, table: str, inputs: Inputs, definitions: "Definitions") -> TableRecord:
        """How a table was written: the code, and the files that it read, as these are now."""
        return TableRecord(
            engine=engine_fingerprint(),
            configuration=self.spec.configuration,
            code=self._code([table, *inputs.views], definitions),
            tables=dict.fromkeys(sorted(inputs.tables), ""),
            paths=paths_fingerprint(inputs.paths),
            unknown=sorted(inputs.unknown),
        )

    def _code(self, datasets: Iterable[str], definitions: "Definitions") -> dict[str, str]:
        defining = {file for dataset in datasets for file in definitions.files.get(dataset, ())}
        files = {each for file in defining for each in self.code.files_of(file)}
        return {file: self.code.hash_of(file) for file in sorted(files)}

    def keep(self, written: dict[str, TableRecord], *, whole: bool) -> None:
        """Records the tables as written now; after a `whole` update nothing else is stale."""
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
        # Each once: a table that many read has its log read for all.
        names = {*written, *(each for ran in written.values() for each in ran.tables)}
        versions = {name: data_version(state_path(self.home, self.spec.name, name)) for name in names}
        tables = {
            name: replace(
                ran,
                at=at,
                version=versions[name],
                tables={each: versions[each] for each in ran.tables},
            )
            for name, ran in written.items()
        }
        # A file that came while the update ran was not read: the next one must find it new.
        seen = {file: self.code.hash_of(file) for file in self.files} if whole else self.record.files
        write_record(self.home, self.spec.name, PipelineRecord(seen, {**self.record.tables, **tables}))
