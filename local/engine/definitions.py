"""What a pipeline's files define, collected before anything reaches Spark."""

import importlib.util
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from pyspark.errors import PySparkException
from pyspark.pipelines.block_session_mutations import block_session_mutations
from pyspark.pipelines.flow import AutoCdcFlow, Flow
from pyspark.pipelines.graph_element_registry import GraphElementRegistry, graph_element_registration_context
from pyspark.pipelines.output import MaterializedView, Output, StreamingTable, Table, TemporaryView
from pyspark.sql import SparkSession

from common.errors import UserError
from local.engine.auto_cdc import AutoCdc
from local.engine.events import spark_message
from local.engine.expectations import Expectation, attached
from local.engine.spec import PipelineSpec

_REPOSITORY = Path(__file__).parents[2]
OURS = tuple(_REPOSITORY / name for name in ("common", "lakehouse", "local"))
# SQL that Databricks takes and open-source Spark Declarative Pipelines does not.
UNSUPPLIED_SQL = {
    r"\bCONSTRAINT\s+\S+\s+EXPECT\b": "CONSTRAINT ... EXPECT (write the dataset in Python)",
    r"\bAUTO\s+CDC\b": "AUTO CDC (write the flow in Python: dp.create_auto_cdc_flow)",
    r"\bAPPLY\s+CHANGES\b": "APPLY CHANGES (write the flow in Python: dp.create_auto_cdc_flow)",
    r"\bread_files\s*\(": "read_files (write the dataset in Python: the source cloudFiles)",
    r"\bLIVE\.": "the schema LIVE (write the table's own name)",
}


@dataclass
class Definitions(GraphElementRegistry):
    """The outputs, flows and SQL of a pipeline, in the order of its files.

    `cdc` maps the target of each AUTO CDC flow to the flow, `expectations` a dataset to what is expected of it
    beside what its query function carries, `files` a dataset to the files that define it or a flow into it.
    """

    schema: str
    outputs: dict[str, Output] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    cdc: dict[str, AutoCdc] = field(default_factory=dict)
    sql: list[tuple[str, Path]] = field(default_factory=list)
    expectations: dict[str, list[Expectation]] = field(default_factory=dict)
    files: dict[str, set[Path]] = field(default_factory=dict)
    _file: Path = Path()

    @contextmanager
    def reading(self, file: Path) -> Iterator[None]:
        """What is registered in this context comes from `file`."""
        self._file = file
        yield

    def full_name(self, name: str) -> str:
        """`schema.table`, of a name with or without a catalog or schema."""
        parts = name.replace("`", "").split(".")
        return ".".join(parts[-2:]) if len(parts) > 1 else f"{self.schema}.{name}"

    def register_output(self, output: Output) -> None:
        """Keeps a table, view or sink; a second definition of one name is refused."""
        name = output.name if isinstance(output, TemporaryView) else self.full_name(output.name)
        if name in self.outputs:
            raise UserError(f"{name} is defined twice: {_place(self.outputs[name])} and {_place(output)}")
        self.outputs[name] = replace(output, name=name)
        self._note_file(name)

    def register_flow(self, flow: Flow) -> None:
        """Keeps a flow."""
        target = flow.target if flow.target in self.outputs else self.full_name(flow.target)
        name = target if flow.name == flow.target else flow.name
        self.flows.append(replace(flow, name=name, target=target))
        self._note_file(target)

    def add_cdc(self, flow: AutoCdc) -> None:
        """Keeps an AUTO CDC flow; a second one into the same target is refused."""
        target = self.full_name(flow.target)
        if target in self.cdc:
            raise UserError(
                f"AUTO CDC into {target}: a second flow into one target is not supplied on one machine"
            )
        self.cdc[target] = flow
        self._note_file(target)

    def _note_file(self, dataset: str) -> None:
        self.files.setdefault(dataset, set()).add(self._file)

    def register_auto_cdc_flow(self, flow: AutoCdcFlow) -> None:
        """Never called: AUTO CDC is supplied (see auto_cdc)."""
        raise UserError(f"AUTO CDC into {flow.target}: Delta takes Spark's own from no release yet")

    def register_sql(self, sql_text: str, file_path: Path) -> None:
        """Keeps a SQL file; raises UserError for a statement that open source lacks."""
        for pattern, feature in UNSUPPLIED_SQL.items():
            found = re.search(pattern, sql_text, re.IGNORECASE)
            if found:
                line = sql_text.count("\n", 0, found.start()) + 1
                raise UserError(f"{file_path}:{line}: {feature} is not supplied on one machine")
        self.sql.append((sql_text, file_path))

    def tables(self) -> dict[str, Table]:
        """The tables and materialized views that Python files define."""
        return {name: output for name, output in self.outputs.items() if isinstance(output, Table)}

    def followed(self) -> bool:
        """Whether it is known of all that is defined what it reads and writes: not of SQL files and of sinks."""
        kinds = (Table, TemporaryView)
        return not self.sql and all(isinstance(output, kinds) for output in self.outputs.values())

    def rewritten(self) -> set[str]:
        """The tables that an update writes anew: materialized views, and targets of AUTO CDC."""
        views = {name for name, output in self.outputs.items() if isinstance(output, MaterializedView)}
        return views | set(self.cdc)

    def expected_of(self, flow: Flow) -> list[Expectation]:
        """The expectations of the rows that a flow gives."""
        return [*attached(flow.func), *self.expectations.get(flow.target, [])]


def _place(output: Output) -> str:
    return f"{output.source_code_location.filename}:{output.source_code_location.line_number}"


def load(spec: PipelineSpec, session: SparkSession) -> Definitions:
    """What the pipeline's files define, run with its configuration. Raises UserError that names file and line."""
    into = Definitions(spec.schema)
    for key, value in spec.configuration.items():
        session.conf.set(key, value)
    with graph_element_registration_context(into), importable(spec.root), block_session_mutations():
        for file in spec.files():
            if file.suffix == ".sql":
                into.register_sql(file.read_text(encoding="utf-8"), file.relative_to(spec.root))
            else:
                with into.reading(file):
                    _run_file(file, spec.root, session)
    _check_targets(into)
    return into


def _run_file(file: Path, root: Path, session: SparkSession) -> None:
    name = ".".join(file.relative_to(root).with_suffix("").parts)
    module_spec = importlib.util.spec_from_file_location(name, file)
    assert module_spec and module_spec.loader
    module: ModuleType = importlib.util.module_from_spec(module_spec)
    module.__dict__["spark"] = session
    try:
        module_spec.loader.exec_module(module)
    except UserError as error:
        raise UserError(f"{place_of(error, root, file)}: {error}") from None
    except PySparkException as error:
        raise UserError(f"{place_of(error, root, file)}: {spark_message(error)}") from None
    except Exception as error:
        raise UserError(f"{place_of(error, root, file)}: {type(error).__name__}: {error}") from None


def place_of(error: BaseException, root: Path, otherwise: Path) -> str:
    """`file:line`, relative to `root`, of the pipeline's own code that an error came from."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_file(Path(error.filename), root)}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(root)]
    own = [f for f in frames if not _is_engine(f.filename)]
    return (
        f"{shown_file(Path(own[-1].filename), root)}:{own[-1].lineno}" if own else shown_file(otherwise, root)
    )


def _is_engine(filename: str) -> bool:
    return Path(filename).is_relative_to(Path(__file__).parent) or "site-packages" in filename


def shown_file(file: Path, root: Path) -> str:
    """The file as errors name it: relative to the pipeline's `root` where it lies below."""
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def _check_targets(definitions: Definitions) -> None:
    for target in definitions.cdc:
        if not isinstance(definitions.outputs.get(target), StreamingTable):
            raise UserError(f"AUTO CDC into {target}: create the table first (dp.create_streaming_table)")
    for flow in definitions.flows:
        if flow.target in definitions.cdc:
            raise UserError(f"{flow.target} takes an AUTO CDC flow or append flows, not both")


@contextmanager
def importable(root: Path) -> Iterator[None]:
    """`root` on the import path first, as Databricks puts a pipeline's root folder there.

    Modules below it are read anew, since they may have been edited, and gone afterwards: whoever imported them
    before, as this repository does with its own, keeps the ones it has.
    """
    kept = _modules_below(root)
    _forget(kept)
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        _forget(_modules_below(root))
        sys.modules.update(kept)


def _modules_below(root: Path) -> dict[str, ModuleType]:
    return {name: module for name, module in list(sys.modules.items()) if _is_below(module, root)}


def _is_below(module: ModuleType, root: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not file or "site-packages" in file or not Path(file).is_relative_to(root):
        return False
    return not any(Path(file).is_relative_to(own) for own in OURS)


def _forget(modules: Iterable[str]) -> None:
    for name in modules:
        sys.modules.pop(name, None)
