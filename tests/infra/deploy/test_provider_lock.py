"""With committed hashes Terraform installs no other package: real Terraform, with packages in a provider's place."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from common.checkout import REPOSITORY
from common.errors import UserError
from infra.deploy import terraform
from infra.deploy.terraform import Terraform
from infra.stack import synthesis
from infra.stack.environments import find_environment
from infra.stack.lakehouse_stack import PROVIDER_VERSION
from infra.stack.synthesis import TERRAFORMS_LOCK, load_stack

PLATFORM = "linux_amd64"
MIRROR = """provider_installation {{
  filesystem_mirror {{
    path = "{}"
  }}
}}
"""


def package(folder: Path, content: str) -> None:
    """What Terraform unpacks as the provider; it runs nothing of it before a plan."""
    place = folder / "registry.terraform.io/databricks/databricks"
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"terraform-provider-databricks_{PROVIDER_VERSION}_{PLATFORM}.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"terraform-provider-databricks_v{PROVIDER_VERSION}", content)


def this_platform() -> bool:
    if shutil.which("terraform") is None:
        return False
    done = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["platform"] == PLATFORM


@pytest.mark.skipif(not this_platform(), reason=f"terraform for {PLATFORM} is not installed")
def test_another_package_than_the_locked_one_is_not_installed(
    stack_folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    mirror, folder = tmp_path / "mirror", tmp_path / "stack"
    (tmp_path / "terraformrc").write_text(MIRROR.format(mirror))
    package(mirror, "the provider")
    folder.mkdir()
    required = load_stack(stack_folders["dev"])["terraform"]["required_providers"]
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(tmp_path / "terraformrc")}
    lock = [
        "terraform",
        f"-chdir={folder}",
        "providers",
        "lock",
        f"-fs-mirror={mirror}",
        f"-platform={PLATFORM}",
    ]
    subprocess.run(lock, check=True, capture_output=True, env=environment)

    monkeypatch.setattr(terraform, "PROVIDER_LOCK", folder / TERRAFORMS_LOCK)
    Terraform(folder, environment).init()
    shutil.rmtree(folder / ".terraform")
    package(mirror, "another one")
    with pytest.raises(UserError, match="terraform init failed"):
        Terraform(folder, environment).init()
    assert "checksum" in capfd.readouterr().err


def test_the_committed_hashes_go_with_every_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").write_text("# hashes")
    monkeypatch.setattr(synthesis, "PROVIDER_LOCK", tmp_path / "lock")
    folder = synthesis.synthesize(find_environment("dev"), tmp_path / "cdktf.out")
    assert (folder / TERRAFORMS_LOCK).read_text() == "# hashes"


@pytest.mark.skipif(not synthesis.PROVIDER_LOCK.exists(), reason="the provider's hashes are not committed")
def test_the_committed_hashes_are_of_this_provider_for_every_platform() -> None:
    """One `h1:` a platform; a lock that `terraform init` wrote has that of one machine only."""
    text = synthesis.PROVIDER_LOCK.read_text()
    (platforms,) = re.findall(
        r"^PLATFORMS := (.*)$", (REPOSITORY / "infra/infra.mk").read_text(), re.MULTILINE
    )
    assert re.findall(r'^  version\s+= "(.*)"$', text, re.MULTILINE) == [PROVIDER_VERSION]
    assert text.count('"h1:') == len(platforms.split())
