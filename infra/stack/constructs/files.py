"""The uploaded code: every file of pipelines/ and generator/ as a workspace file, below one folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf import AssetType, Fn, TerraformAsset
from cdktf_cdktf_provider_databricks.directory import Directory
from cdktf_cdktf_provider_databricks.workspace_file import WorkspaceFile
from constructs import Construct

from common.errors import UserError
from infra.stack.settings import Environment
from infra.stack.sources import folders_of


@dataclass(frozen=True)
class UploadedCode:
    """The uploaded tree; `folders` and `files` are keyed by their path in the repository."""

    root: Directory
    folders: dict[Path, Directory]
    files: dict[Path, WorkspaceFile]

    def file(self, path: Path) -> WorkspaceFile:
        """The uploaded file that stands at `path` in the repository; UserError when there is none."""
        if path not in self.files:
            raise UserError(f"the stack runs {path}, which is not in the checkout")
        return self.files[path]

    def folder(self, path: Path) -> Directory:
        """The uploaded folder that stands at `path` in the repository; UserError when there is none."""
        if path not in self.folders:
            raise UserError(f"the stack runs the files of {path}/, which the checkout does not have")
        return self.folders[path]


def declare_files(
    scope: Construct, environment: Environment, checkout: Path, files: Sequence[Path]
) -> UploadedCode:
    """Upload `files` (relative to `checkout`) to the same places below the environment's workspace root.

    The md5 of each file is declared, so an edited file plans one change that shows the old and the new md5.
    """
    root = Directory(
        scope, "root", path=environment.workspace_root, delete_recursive=environment.force_destroy
    )
    folders: dict[Path, Directory] = {Path(): root}
    for folder in folders_of(files):
        parent = folders[folder.parent]
        folders[folder] = Directory(scope, f"dir_{slug(folder)}", path=f"{parent.path}/{folder.name}")
    uploads = {file: _upload(scope, checkout, file, folders[file.parent]) for file in files}
    return UploadedCode(root, folders, uploads)


def _upload(scope: Construct, checkout: Path, file: Path, folder: Directory) -> WorkspaceFile:
    asset = TerraformAsset(scope, f"asset_{slug(file)}", path=str(checkout / file), type=AssetType.FILE)
    return WorkspaceFile(
        scope,
        f"file_{slug(file)}",
        path=f"{folder.path}/{file.name}",
        source=asset.path,
        md5=Fn.filemd5(asset.path),
    )


def slug(path: Path) -> str:
    """The repository path as part of a resource name: `pipelines/shared/rules.py` is `pipelines_shared_rules_py`."""
    return "_".join(path.parts).replace(".", "_")
