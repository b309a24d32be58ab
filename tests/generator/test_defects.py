"""--dirty: the manifest says exactly what is in the files, and the good rows are all there."""

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from generator.defects import DEFECTS, UNKNOWN_COLUMN
from generator.spec import DATASETS, ENTITIES, KEYS
from generator.state import manifest_file
from pipelines.shared import rules
from tests.generator.worlds import World
from tests.oracle.raw import Values
from tests.oracle.silver import CLEAN, RULES

RUNS = 2
SIZES = {"orders": 1500, "customers": 400, "products": 300, "sellers": 200}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make(tmp_path_factory.mktemp("clean"), 0.0)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make(tmp_path_factory.mktemp("dirty"), 0.3)


def make(folder: Path, rate: float) -> World:
    made = World(folder)
    for _ in range(RUNS):
        made.run(**SIZES, dirty=rate)
    return made


def manifest(world: World) -> list[dict]:
    paths = [manifest_file(world.raw, run) for run in range(RUNS)]
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def of_kind(world: World, dataset: str, kind: str) -> list[dict]:
    return [entry for entry in manifest(world) if (entry["dataset"], entry["kind"]) == (dataset, kind)]


def rows(text: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]


def records(world: World) -> dict[str, Counter]:
    """The records of each file, header aside; a line of JSON as it is."""
    found = {}
    for name, content in world.files().items():
        text = content.decode()
        _, folder, file = name.split("/")
        found[f"{folder}/{file}"] = Counter(rows(text)[1:] if file.endswith(".csv") else text.splitlines())
    return found


def as_record(entry: dict) -> object:
    if entry["file"].endswith(".csv"):
        [row] = rows(entry["record"])
        return row
    return entry["record"]


def test_the_manifest_is_the_difference_between_the_files_and_the_clean_ones(
    clean: World, dirty: World
) -> None:
    """Record by record: clean + manifest - held back = dirty, for every file."""
    expected = {file: Counter(found) for file, found in records(clean).items()}
    entries = manifest(dirty)
    for entry in entries:
        if entry["kind"] != "file_again":
            expected.setdefault(entry["file"], Counter())[as_record(entry)] += 1
        if entry["kind"] in ("late", "out_of_order"):
            home = expected[entry["file"].replace("_late", "")]
            home[as_record(entry)] -= 1
            assert home[as_record(entry)] >= 0
    for entry in entries:
        if entry["kind"] == "file_again":
            expected[entry["file"]] = expected[entry["file"].replace("_again", "")]
    assert records(dirty) == {file: +found for file, found in expected.items()}


def test_no_manifest_without_defects(clean: World) -> None:
    assert not any(manifest_file(clean.raw, run).exists() for run in range(RUNS))


def test_every_kind_of_defect_is_injected(dirty: World) -> None:
    injected = {(entry["dataset"], entry["kind"]) for entry in manifest(dirty)}
    known = {(dataset, defect.kind) for dataset, defects in DEFECTS.items() for defect in defects}
    assert known <= injected


def test_the_rate_is_the_share_of_rows(clean: World, dirty: World) -> None:
    hit = sum(entry["kind"] != "file_again" for entry in manifest(dirty))
    all_rows = sum(sum(found.values()) for found in records(clean).values())
    assert abs(hit / all_rows - 0.3) < 0.02


def test_the_world_goes_on_as_if_it_were_clean(clean: World, dirty: World) -> None:
    states = [(world.raw / "_generator" / "state.json").read_bytes() for world in (clean, dirty)]
    assert states[0] == states[1]


@pytest.mark.parametrize("dataset", DEFECTS)
def test_every_expectation_named_exists(dataset: str) -> None:
    for defect in DEFECTS[dataset]:
        for name in defect.caught_by:
            layer, table, expectation = name.split(".")
            known = rules.BY_SCHEMA[layer][table]
            assert expectation in known.warn | known.drop


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_malformed_line_is_caught_by_every_rule_that_what_is_left_of_it_breaks(
    dirty: World, dataset: str
) -> None:
    for kind in ("too_few_fields", "too_many_fields", "last_field_missing"):
        for entry in of_kind(dirty, dataset, kind):
            [cells] = rows(entry["record"])
            values: Values = dict(zip(DATASETS[dataset], cells, strict=False))
            row = CLEAN[dataset](values)
            broken = {f"silver.{dataset}.{name}" for name, rule in RULES[dataset].items() if not rule(row)}
            broken |= {f"bronze.{dataset}.{key}_present" for key in KEYS[dataset] if not values.get(key)}
            always = {f"silver.{dataset}.well_formed", f"bronze.{dataset}.well_formed"}
            assert set(entry["caught_by"]) == broken | always | {f"bronze.{dataset}.nothing_rescued"}


def test_a_broken_event_is_caught_by_every_drop_rule() -> None:
    for entity in ENTITIES:
        dataset = f"{entity}_changes"
        [broken] = [defect for defect in DEFECTS[dataset] if defect.action == "broken"]
        assert set(broken.caught_by) == {f"cdc.{dataset}.{name}" for name in rules.CDC_RULES[dataset].drop}


def test_every_rule_that_a_raw_row_can_break_has_a_defect() -> None:
    """A rule that is added to the pipelines needs a defect here."""
    caught = {name for defects in DEFECTS.values() for defect in defects for name in defect.caught_by}
    all_rules = {
        f"{schema}.{table}.{name}"
        for schema in ("silver", "cdc")
        for table, known in rules.BY_SCHEMA[schema].items()
        for name in known.warn | known.drop
    }
    assert all_rules - caught == set()


def test_bad_ids_are_ids_no_more(dirty: World) -> None:
    for dataset in ("customers", "products", "sellers", "orders"):
        key = KEYS[dataset][0]
        for kind, length in ((f"broken_{key}", 31), (f"missing_{key}", 0)):
            for entry in of_kind(dirty, dataset, kind):
                assert len(entry["key"][key] or "") == length


def test_copies_that_are_kept_have_a_key_that_no_other_row_names(clean: World, dirty: World) -> None:
    known = {
        cell for found in records(clean).values() for row in found if isinstance(row, tuple) for cell in row
    }
    for dataset, kind in (
        ("products", "missing_category"),
        ("orders", "order_without_items"),
        ("orders", "delivered_before_purchase"),
        ("order_reviews", "review_before_purchase"),
    ):
        keys = [entry["key"][KEYS[dataset][0]] for entry in of_kind(dirty, dataset, kind)]
        assert keys
        assert not set(keys) & known
        assert len(set(keys)) == len(keys)


def test_orders_and_reviews_that_are_kept_belong_to_no_gold_figure(clean: World, dirty: World) -> None:
    status = {row["order_id"]: row["order_status"] for row in clean.rows("orders")}
    for entry in of_kind(dirty, "order_reviews", "review_before_purchase"):
        assert status[entry["key"]["order_id"]] == "canceled"
    for kind in ("order_without_items", "delivered_before_purchase"):
        assert all(",canceled," in entry["record"] for entry in of_kind(dirty, "orders", kind))


def test_late_rows_come_in_a_file_behind_all_others_of_the_run(dirty: World) -> None:
    for dataset in DATASETS:
        for run in range(RUNS):
            late = dirty.raw / dataset / f"{dataset}_run{run:05d}_late.csv"
            if late.exists():
                others = dirty.raw.glob(f"*/*_run{run:05d}.csv")
                assert late.stat().st_mtime_ns >= max(path.stat().st_mtime_ns for path in others)
    for entity in ENTITIES:
        names = [path.name for path in (dirty.cdc / entity).glob(f"{entity}_run00001_*.jsonl")]
        late = [name for name in names if "_late_" in name]
        assert late
        assert min(late) > max(
            name for name in names if re.fullmatch(rf"{entity}_run00001_\d+_\w+\.jsonl", name)
        )


def test_unknown_columns_stand_in_files_of_their_own(dirty: World) -> None:
    for path in dirty.raw.glob("*/*_extra.csv"):
        header = path.read_text("utf-8").split("\n", 1)[0].split(",")
        assert header == [*DATASETS[path.parent.name], UNKNOWN_COLUMN]
    assert all(
        UNKNOWN_COLUMN in json.loads(line)
        for path in dirty.cdc.glob("*/*_extra_*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    )


def test_malformed_lines_have_too_few_or_too_many_fields_and_swallow_nothing(dirty: World) -> None:
    for dataset, columns in DATASETS.items():
        for path in (dirty.raw / dataset).glob("*_run0000[01].csv"):
            lengths = Counter(len(row) for row in rows(path.read_text("utf-8")))
            assert set(lengths) <= {1, len(columns) - 1, len(columns), len(columns) + 2}
    for entry in manifest(dirty):
        if entry["kind"] == "broken_json":
            with pytest.raises(json.JSONDecodeError):
                json.loads(entry["record"])


def test_geolocation_samples_are_never_repeated(dirty: World) -> None:
    kinds = {entry["kind"] for entry in manifest(dirty) if entry["dataset"] == "geolocation"}
    assert not kinds & {"duplicate", "unknown_column", "file_again"}
