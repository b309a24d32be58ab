"""Folders, files and notebooks, as the SDK and the provider upload them."""

import base64
import io

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceAlreadyExists
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType

NOTEBOOK = b"# Databricks notebook source\nprint(1)\n"


def upload(client: WorkspaceClient, path: str, content: bytes, *, overwrite: bool = True) -> None:
    client.workspace.upload(path, io.BytesIO(content), format=ImportFormat.RAW, overwrite=overwrite)


def test_a_file_comes_back_as_it_went(client: WorkspaceClient, folder: str) -> None:
    for content in (b"", b"print(1)\n", bytes(range(256)) * 40):
        upload(client, f"{folder}/a.py", content)
        assert client.workspace.download(f"{folder}/a.py").read() == content
        exported = client.workspace.export(f"{folder}/a.py", format=ExportFormat.SOURCE).content or ""
        assert base64.b64decode(exported) == content


def test_overwriting_keeps_the_id_and_recreating_does_not(client: WorkspaceClient, folder: str) -> None:
    path = f"{folder}/a.py"
    upload(client, path, b"1")
    first = client.workspace.get_status(path).object_id
    upload(client, path, b"2")
    assert client.workspace.get_status(path).object_id == first
    client.workspace.delete(path)
    upload(client, path, b"2")
    assert client.workspace.get_status(path).object_id != first


def test_a_file_is_not_overwritten_unless_asked(client: WorkspaceClient, folder: str) -> None:
    upload(client, f"{folder}/a.py", b"1")
    with pytest.raises(ResourceAlreadyExists):
        upload(client, f"{folder}/a.py", b"2", overwrite=False)
    assert client.workspace.download(f"{folder}/a.py").read() == b"1"


def test_a_file_without_its_folder_is_refused(client: WorkspaceClient, folder: str) -> None:
    with pytest.raises(NotFound):
        upload(client, f"{folder}/none/a.py", b"1")


def test_both_names_of_an_object_are_one(client: WorkspaceClient, folder: str) -> None:
    upload(client, f"{folder}/a.py", b"1")
    short = folder.removeprefix("/Workspace")
    assert client.workspace.get_status(f"{short}/a.py").path == f"{short}/a.py"
    assert client.workspace.get_status(f"{folder}/a.py").path == f"{folder}/a.py"
    assert client.workspace.download(f"{short}/a.py").read() == b"1"


def test_formats_decide_between_file_and_notebook(client: WorkspaceClient, folder: str) -> None:
    client.workspace.upload(
        f"{folder}/n", io.BytesIO(NOTEBOOK), format=ImportFormat.SOURCE, language=Language.PYTHON
    )
    client.workspace.upload(f"{folder}/auto.py", io.BytesIO(NOTEBOOK), format=ImportFormat.AUTO)
    client.workspace.upload(f"{folder}/plain.py", io.BytesIO(b"print(1)"), format=ImportFormat.AUTO)
    kinds = {
        str(o.path).rpartition("/")[2]: (o.object_type, o.language) for o in client.workspace.list(folder)
    }
    assert kinds == {
        "n": (ObjectType.NOTEBOOK, Language.PYTHON),
        "auto": (ObjectType.NOTEBOOK, Language.PYTHON),
        "plain.py": (ObjectType.FILE, None),
    }


def test_json_import_answers_with_the_id(client: WorkspaceClient, folder: str) -> None:
    body = {"path": f"{folder}/n", "content": base64.b64encode(NOTEBOOK).decode(), "language": "PYTHON"}
    answer = client.api_client.do("POST", "/api/2.0/workspace/import", body=body | {"format": "SOURCE"})
    assert answer == {"object_id": client.workspace.get_status(f"{folder}/n").object_id}


def test_folders_are_listed_and_deleted_whole(client: WorkspaceClient, folder: str) -> None:
    client.workspace.mkdirs(f"{folder}/a/b")
    upload(client, f"{folder}/a/b/c.py", b"1")
    upload(client, f"{folder}/a0.py", b"beside")
    with pytest.raises(BadRequest):
        client.workspace.delete(f"{folder}/a")
    client.workspace.delete(f"{folder}/a", recursive=True)
    assert [o.path for o in client.workspace.list(folder)] == [f"{folder}/a0.py"]
    with pytest.raises(NotFound):
        client.workspace.get_status(f"{folder}/a/b/c.py")


def test_a_file_is_not_made_a_folder(client: WorkspaceClient, folder: str) -> None:
    upload(client, f"{folder}/a", b"1")
    with pytest.raises(ResourceAlreadyExists):
        client.workspace.mkdirs(f"{folder}/a/b")


def test_the_cli_way_to_upload_and_read(client: WorkspaceClient, folder: str) -> None:
    path = folder.removeprefix("/")
    route = f"/api/2.0/workspace-files/import-file/{path}/deep/state.json?overwrite=true"
    client.api_client.do("POST", route, data=io.BytesIO(b"{}"))
    assert client.workspace.download(f"{folder}/deep/state.json").read() == b"{}"
