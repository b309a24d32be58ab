"""The Files API, over the home's folders of volumes."""

import io

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceConflict

from common.home import Home


def test_a_file_goes_up_and_comes_down(client: WorkspaceClient, volume: str, home: Home) -> None:
    path = f"{volume}/orders/part 1.csv"
    client.files.upload(path, io.BytesIO(b"a,b\n1,2\n"), overwrite=True)
    answer = client.files.download(path)
    assert answer.contents and answer.contents.read() == b"a,b\n1,2\n"
    assert client.files.get_metadata(path).content_length == 8
    schema = volume.split("/")[3]
    assert (home.volumes / schema / "files" / "orders" / "part 1.csv").read_bytes() == b"a,b\n1,2\n"


def test_a_file_is_not_overwritten_unless_asked(client: WorkspaceClient, volume: str) -> None:
    client.files.upload(f"{volume}/a", io.BytesIO(b"1"), overwrite=True)
    with pytest.raises(ResourceConflict):
        client.files.upload(f"{volume}/a", io.BytesIO(b"2"), overwrite=False)
    client.files.upload(f"{volume}/a", io.BytesIO(b"22"), overwrite=True)
    assert client.files.get_metadata(f"{volume}/a").content_length == 2


def test_folders_are_listed_page_by_page(client: WorkspaceClient, volume: str) -> None:
    for number in range(5):
        client.files.upload(f"{volume}/d/{number}", io.BytesIO(b"x"), overwrite=True)
    client.files.create_directory(f"{volume}/d/sub")
    entries = list(client.files.list_directory_contents(f"{volume}/d", page_size=2))
    assert [(entry.name, entry.is_directory) for entry in entries] == [
        *((str(number), False) for number in range(5)),
        ("sub", True),
    ]
    assert entries[0].path == f"{volume}/d/0"
    client.files.get_directory_metadata(f"{volume}/d/sub")


def test_only_empty_folders_are_deleted(client: WorkspaceClient, volume: str) -> None:
    client.files.upload(f"{volume}/d/a", io.BytesIO(b"x"), overwrite=True)
    with pytest.raises(BadRequest):
        client.files.delete_directory(f"{volume}/d")
    client.files.delete(f"{volume}/d/a")
    client.files.delete_directory(f"{volume}/d")
    with pytest.raises(NotFound):
        client.files.get_directory_metadata(f"{volume}/d")
    with pytest.raises(BadRequest):
        client.files.delete_directory(volume)


def test_a_volume_that_nobody_created_has_no_files(client: WorkspaceClient, volume: str) -> None:
    with pytest.raises(NotFound):
        client.files.upload(f"{volume}_other/a", io.BytesIO(b"x"), overwrite=True)
    with pytest.raises(NotFound):
        client.files.download(f"{volume}/none")
