"""Takes the README's pictures of the page (`make pictures`). It stands here since playwright is for tests only."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from common.checkout import REPOSITORY
from tests.e2e.lakehouses import Lakehouse
from tests.lakehouse.page.conftest import page_of
from tests.lakehouse.page.test_browser import CHROMIUM, Watched

PICTURES = REPOSITORY / "docs" / "pictures"
VIEWS = {"figures": "/figures", "graph": "/graph", "quality": "/quality"}


def main() -> None:
    """Make a world of two runs, the second with broken rows, and take a picture of each view of it."""
    if not CHROMIUM:
        raise SystemExit("pictures need Chromium: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        shop = Lakehouse(Path(folder))
        for dirty in (0.0, 0.02):
            shop.generate(orders=3_000, dirty=dirty)
            shop.run()
        with page_of(shop.home) as served, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
            context.request.get(served.link)
            for name, view in VIEWS.items():
                page = Watched(context).open(served.address + view)
                # The folder of the home is another one each time.
                page.locator(".home").evaluate("place => place.replaceChildren()")
                page.screenshot(path=PICTURES / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main()
