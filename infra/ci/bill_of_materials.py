"""All packages that the locks pin, as a bill of materials: `python -m infra.ci.bill_of_materials` prints it.

It is CycloneDX 1.6 in JSON, made from Pipfile.lock and package-lock.json alone: the same locks give the same text. What
no lock of ours pins is not in it: Python itself, Java, Terraform and its provider.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from common.checkout import REPOSITORY

Component = Mapping[str, Any]
PRODUCT = "olist-lakehouse"
# How npm's lock and CycloneDX call one algorithm.
ALGORITHMS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}


def bill_of_materials(checkout: Path = REPOSITORY) -> dict[str, Any]:
    """The document; `scope` is `required` for what runs or deploys the lakehouse, `excluded` for what only checks."""
    pip, npm = (json.loads((checkout / name).read_text()) for name in ("Pipfile.lock", "package-lock.json"))
    found = {one["purl"]: one for one in (*_python(pip), *_node(npm["packages"]))}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": PRODUCT, "bom-ref": PRODUCT}},
        "components": [found[purl] for purl in sorted(found)],
    }


def _python(lock: Mapping[str, Any]) -> Iterator[Component]:
    # The latter wins: what runs is required, whether or not a check needs it, too.
    for section, scope in (("develop", "excluded"), ("default", "required")):
        for name, pinned in lock[section].items():
            hashes = [
                {"alg": ALGORITHMS[algorithm], "content": digest}
                for algorithm, _, digest in (one.partition(":") for one in pinned["hashes"])
            ]
            version = pinned["version"].removeprefix("==")
            page = f"https://pypi.org/project/{name}/{version}/"
            yield _component("pypi", name, version, scope, page, hashes)


def _node(packages: Mapping[str, Any]) -> Iterator[Component]:
    """One package may stand at several places: required is what any of them needs, and its hash may be told by one."""
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for place, pinned in packages.items():
        if place:
            name = place.rpartition("node_modules/")[2]
            places.setdefault((name, pinned["version"]), []).append(pinned)
    for (name, version), found in places.items():
        scope = "excluded" if all(one.get("dev") for one in found) else "required"
        hashes = {one["content"]: one for pinned in found for one in _integrity(pinned)}
        page = f"https://www.npmjs.com/package/{name}/v/{version}"
        yield _component("npm", name, version, scope, page, list(hashes.values()))


def _integrity(pinned: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """None for a package that comes within another one, whose hash covers it."""
    if "integrity" in pinned:
        algorithm, _, digest = pinned["integrity"].partition("-")
        yield {"alg": ALGORITHMS[algorithm], "content": base64.b64decode(digest).hex()}


def _component(
    kind: str, name: str, version: str, scope: str, page: str, hashes: list[dict[str, str]]
) -> Component:
    purl = f"pkg:{kind}/{quote(name)}@{quote(version)}"
    # A package of Python is one of several files, each with a hash of its own: none is the component's.
    files = {"type": "distribution", "url": page, "hashes": sorted(hashes, key=lambda one: one["content"])}
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "scope": scope,
        "purl": purl,
        "externalReferences": [files],
    }


if __name__ == "__main__":
    print(json.dumps(bill_of_materials(), indent=2))
