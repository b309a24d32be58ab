"""Wrong settings, damaged or foreign states: one clear error before a row is written."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import state
from generator.cli import main
from generator.engine import generate
from generator.errors import GeneratorError
from generator.spec import Settings
from tests.generator.worlds import World, small


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"orders": -1}, "--orders -1: give a whole number from 0"),
        ({"orders": 2.5}, "--orders 2.5: give a whole number"),
        ({"orders": True}, "--orders True: give a whole number"),
        ({"customers": 0}, "--customers 0: give a whole number from 1"),
        ({"products": 10**9}, "--products 1000000000: give a whole number from 1 to 100000000"),
        ({"sellers": "many"}, "--sellers many: give a whole number"),
        ({"change_batches": 10_000}, "--change-batches 10000: give a whole number from 0 to 9999"),
        ({"seed": -7}, "--seed -7: give a whole number from 0"),
        ({"dirty": 1.5}, "--dirty 1.5: the share of bad rows is a number from 0 to 1"),
        ({"dirty": -0.1}, "--dirty -0.1: the share"),
        ({"dirty": float("nan")}, "--dirty nan: the share"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict, message: str) -> None:
    with pytest.raises(GeneratorError, match=message):
        Settings(**settings)


def refused(world: World, message: str, **settings: Any) -> None:
    before = world.files()
    with pytest.raises(GeneratorError, match=message):
        world.run(**small(**settings))
    assert world.files() == before


def edit(world: World, change: Callable[[dict], None]) -> None:
    path = state.state_file(world.raw)
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def sign(document: dict) -> None:
    document["checksum"] = state._checksum(document["world"])


@pytest.mark.parametrize("keep", [0, 1, 200, -5])
def test_a_state_cut_short_is_an_error(world: World, keep: int) -> None:
    world.run(**small())
    path = state.state_file(world.raw)
    path.write_bytes(path.read_bytes()[:keep])
    refused(world, "state.json is damaged .* put back a good copy")


@pytest.mark.parametrize("text", ["[]", "null", "{}", '{"format": 1}', "\x00", "not json"])
def test_a_state_that_is_none_is_an_error(world: World, text: str) -> None:
    world.run(**small())
    state.state_file(world.raw).write_text(text)
    refused(world, "state.json is damaged")


def test_a_state_that_is_no_text_is_an_error(world: World) -> None:
    world.run(**small())
    state.state_file(world.raw).write_bytes(b"\xff\xfe\xff")
    refused(world, "state.json is damaged")


def test_an_edited_state_is_an_error(world: World) -> None:
    world.run(**small())
    edit(world, lambda document: document["world"]["entities"]["customers"].update(next_sequence=1))
    refused(world, "state.json is damaged")


def test_a_state_of_another_format_is_an_error(world: World) -> None:
    world.run(**small())
    edit(world, lambda document: document.update(format=state.FORMAT + 1))
    refused(world, "not written by this version")


def test_a_world_of_another_seed_is_an_error(world: World) -> None:
    world.run(**small(seed=1))
    refused(world, "--seed 2: the world here was made with seed 1; leave --seed out", seed=2)


def test_a_world_of_other_names_is_an_error(world: World) -> None:
    world.run(**small())

    def rename(document: dict) -> None:
        document["world"]["pools"] = "another"
        sign(document)

    edit(world, rename)
    refused(world, "another version of Faker")


def test_files_without_their_state_are_an_error(world: World) -> None:
    world.run(**small())
    state.state_file(world.raw).unlink()
    refused(world, "is there but .*state.json is not")


def test_events_without_a_state_are_an_error(world: World) -> None:
    stray = world.cdc / "sellers" / "old.jsonl"
    stray.parent.mkdir(parents=True)
    stray.write_text("{}\n")
    refused(world, "old.jsonl is there but")


def test_one_folder_for_both_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="a folder each"):
        generate(Settings(), tmp_path, tmp_path)


def test_a_file_where_a_folder_must_be_is_an_error(world: World) -> None:
    world.raw.parent.mkdir(exist_ok=True)
    world.raw.write_text("")
    with pytest.raises(GeneratorError, match="see that the folder is writable"):
        world.run(**small())


def test_the_command_line_ends_with_one_line_and_no_trace(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="error: --orders -5: give a whole number"):
        main(["--raw-path", str(world.raw), "--cdc-path", str(world.cdc), "--orders", "-5"])
    assert not world.raw.exists()
    main(["--raw-path", str(world.raw), "--cdc-path", str(world.cdc), "--orders", "5", "--dirty", "0.01"])
    printed = capsys.readouterr().out
    assert "run 0: " in printed
    assert "manifest_run00000.jsonl" in printed
