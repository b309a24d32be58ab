"""Only who has the link gets in, only by loopback's own names, and only to read."""

import httpx
import pytest

from tests.lakehouse.page.conftest import Served
from tests.waiting import PATIENCE

VIEWS = (
    "/graph",
    "/quality",
    "/runs",
    "/data",
    "/sql",
    "/dataset/silver.orders",
    "/static/page.css",
    "/live",
)


@pytest.mark.parametrize("view", VIEWS)
def test_without_the_token_nothing_is_shown(served: Served, view: str) -> None:
    answer = httpx.get(served.address + view, timeout=PATIENCE)
    assert (answer.status_code, "lakehouse ui" in answer.text) == (403, True)
    assert httpx.get(f"{served.address}{view}?token=guessed", timeout=PATIENCE).status_code == 403


def test_the_link_leaves_a_cookie_that_no_other_site_can_use(served: Served) -> None:
    answer = httpx.get(served.link, timeout=PATIENCE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_name_that_leads_to_loopback_is_refused(served: Served) -> None:
    with served.client() as client:
        assert client.get("/graph", headers={"host": "evil.example:80"}).status_code == 421
        port = served.address.rpartition(":")[2]
        token = served.link.rpartition("=")[2]
        assert client.get(f"/graph?token={token}", headers={"host": f"localhost:{port}"}).status_code in {
            200,
            303,
        }


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_changed(served: Served, method: str) -> None:
    with served.client() as client:
        assert client.request(method, "/sql").status_code == 405


def test_the_browser_is_told_to_load_nothing_of_others(served: Served) -> None:
    with served.client() as client:
        policy = client.get("/graph").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
