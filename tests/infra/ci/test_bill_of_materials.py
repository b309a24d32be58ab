"""Each package that a lock pins stands in the bill of materials, with the hashes that it is installed by."""

import base64
import json
import re
from typing import Any

import pytest

from common.checkout import REPOSITORY
from infra.ci.bill_of_materials import bill_of_materials

BILL = bill_of_materials()
BY_PURL: dict[str, dict[str, Any]] = {one["purl"]: one for one in BILL["components"]}


def hashes_of(purl: str) -> set[str]:
    (files,) = BY_PURL[purl]["externalReferences"]
    return {one["content"] for one in files["hashes"]}


@pytest.mark.parametrize("section", ["default", "develop"])
def test_each_locked_package_of_python_is_in_it(section: str) -> None:
    lock = json.loads((REPOSITORY / "Pipfile.lock").read_text())
    for name, pinned in lock[section].items():
        purl = f"pkg:pypi/{name}@{pinned['version'].removeprefix('==')}"
        assert hashes_of(purl) == {one.removeprefix("sha256:") for one in pinned["hashes"]}
        assert BY_PURL[purl]["scope"] == ("required" if name in lock["default"] else "excluded")


def test_each_locked_package_of_node_is_in_it() -> None:
    packages = json.loads((REPOSITORY / "package-lock.json").read_text())["packages"]
    for place, pinned in packages.items():
        name = place.rpartition("node_modules/")[2]
        if name:
            purl = f"pkg:npm/{name.replace('@', '%40')}@{pinned['version']}"
            digest = pinned.get("integrity", "").partition("-")[2]
            # One that comes within another package has no hash of its own.
            assert base64.b64decode(digest).hex() in hashes_of(purl) | {""}


def test_nothing_else_is_in_it_and_nothing_twice() -> None:
    assert len(BY_PURL) == len(BILL["components"])
    assert {purl.partition("/")[0] for purl in BY_PURL} == {"pkg:pypi", "pkg:npm"}
    lock = json.loads((REPOSITORY / "Pipfile.lock").read_text())
    ours = {purl for purl in BY_PURL if purl.startswith("pkg:pypi/")}
    assert len(ours) == len(lock["default"].keys() | lock["develop"].keys())


def test_it_is_cyclonedx() -> None:
    """What the specification asks of a document and of a component."""
    assert (BILL["bomFormat"], BILL["specVersion"], BILL["version"]) == ("CycloneDX", "1.6", 1)
    for one in BILL["components"]:
        assert one["type"] == "library" and one["name"] and one["version"]
        assert one["scope"] in {"required", "optional", "excluded"}
        for each in one["externalReferences"][0]["hashes"]:
            assert each["alg"] in {"SHA-1", "SHA-256", "SHA-512"}
            assert re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}", each["content"])


def test_the_same_locks_give_the_same_text() -> None:
    assert json.dumps(BILL) == json.dumps(bill_of_materials())
