"""The page in a real browser: Debian's Chromium, driven by playwright."""

import re
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pyarrow as pa
import pytest
from axe_playwright_python.sync_playwright import Axe
from deltalake import write_deltalake
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from lakehouse.page.export import exported_page
from lakehouse.page.reading.traced import where_of
from local.engine.running.events import Event
from local.engine.storage.kept_lineage import TableLineage, keep_lineage
from local.engine.storage.log import table_path
from tests.e2e.lakehouses import Lakehouse
from tests.lakehouse.page.conftest import Served, page_of
from tests.waiting import PATIENCE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")

VIEWS = (
    "/figures", "/figures?page=customers", "/figures?page=sellers", "/figures?page=quality", "/graph",
    "/columns", "/columns/silver.orders_enriched", "/columns/bronze.orders?column=order_status",
    "/dataset/gold.sales_performance", "/dataset/silver.customers", "/quality", "/runs", "/data",
    "/data/silver.orders", "/sql?query=select+1+as+one", "/trace?table=silver.order_items&limit=2",
)  # fmt: skip
HOSTILE = "<script>document.title='owned'</script>\"'`&<img src=x onerror=alert(1)>\u202etxt.exe"
AT = "2026-11-27T12:00:00+00:00"
MILLION = 1_000_000
MILLISECONDS = PATIENCE * 1_000
expect.set_options(timeout=MILLISECONDS)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Pixels that WCAG 2.2 asks of what is clicked.
TARGET = 24
SMALL: ViewportSize = {"width": 400, "height": 800}


class Watched:
    """A page of a browser, with all that goes wrong and all that is asked."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.set_default_timeout(MILLISECONDS)
        self.problems: list[str] = []
        self.asked: set[str] = set()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: self.problems.append(f"a dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked.add(request.url))

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(message.text)

    def open(self, address: str) -> Page:
        """The page at an address, when all of its parts have come."""
        self.page.goto(address)
        expect(self.page.locator("[data-load], [aria-busy]")).to_have_count(self._closed())
        return self.page

    def _closed(self) -> int:
        """Parts in what is not open are not asked for."""
        return self.page.locator("details:not([open]) [data-load]").count()

    def is_clean(self, address: str) -> None:
        assert self.problems == []
        foreign = {url for url in self.asked if not url.startswith((address, "data:", "file:"))}
        assert foreign == set()


def entered(browser: Browser, served: Served, **settings: Any) -> BrowserContext:
    """A context of the browser that has entered by the link; `settings` as those of `new_context`."""
    context = browser.new_context(**settings)
    context.request.get(served.link, timeout=MILLISECONDS)
    return context


def violations(page: Page, rules: list[str]) -> str:
    """What axe finds against the rules or sets of rules, empty where it finds nothing."""
    # What passes is counted only: to name each element of it takes most of the time.
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    return found.generate_report() if found.violations_count else ""


def width(page: Page) -> int:
    """Pixels that the page takes, with what would have to be scrolled to."""
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=MILLISECONDS
        )
        yield started
        started.close()


@pytest.fixture
def watched(browser: Browser, served: Served) -> Iterator[Watched]:
    context = entered(browser, served)
    yield Watched(context)
    context.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_clean_and_accessible_and_a_small_screen_scrolls_it_down_only(
    watched: Watched, served: Served, view: str
) -> None:
    page = watched.open(served.address + view)
    expect(page.locator("main h1").first).to_be_visible()
    assert page.locator(".problem").all_inner_texts() == []
    assert violations(page, WCAG) == ""
    page.set_viewport_size(SMALL)
    assert width(page) <= SMALL["width"]
    watched.is_clean(served.address)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_and_the_switch(browser: Browser, served: Served, scheme: Any) -> None:
    context = entered(browser, served, color_scheme=scheme)
    watched = Watched(context)
    page = watched.open(f"{served.address}/quality")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    assert (before == "rgb(19, 22, 24)") is (scheme == "dark")
    if scheme == "dark":
        # Each view was looked at in the light.
        assert violations(page, ["color-contrast"]) == ""
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(colour) != before
    page.reload()
    assert page.evaluate(colour) != before
    watched.is_clean(served.address)
    context.close()


def test_a_column_is_found_by_a_part_of_its_name(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/columns")
    box, names = page.get_by_label("Find a column"), page.locator("section.of li:visible")
    whole = names.count()
    box.fill("Order_STATUS")
    expect(page.get_by_role("status")).to_have_text(f"{names.count()} found")
    assert {*names.all_inner_texts()} == {"order_status"}
    expect(page.get_by_role("heading", name="gold.seller_quality")).to_be_hidden()
    box.fill("silver.sellers")
    expect(page.get_by_role("heading", name="silver.sellers")).to_be_visible()
    expect(page.get_by_role("heading", name="silver.orders", exact=True)).to_be_hidden()
    box.fill("")
    assert names.count() == whole
    watched.is_clean(served.address)


# How much of its size a chart has on the screen; and the labels of its axes that lie on another.
SHRUNK = """charts => charts.filter(one => one.checkVisibility())
  .map(one => one.getBoundingClientRect().width / one.viewBox.baseVal.width)"""
OVERLAPPING = """charts => charts.filter(one => one.checkVisibility()).flatMap(chart =>
  [...chart.querySelectorAll(".role-axis-label")].flatMap(axis => {
    const seen = [...axis.querySelectorAll("text")].filter(one => getComputedStyle(one).opacity !== "0");
    const places = seen.map(one => [one.textContent, one.getBoundingClientRect()]);
    return places.slice(1).filter(([_, one], n) => {
      const [, other] = places[n];
      return one.left < other.right - 1 && other.left < one.right - 1
        && one.top < other.bottom - 3 && other.top < one.bottom - 3;
    }).map(([text]) => text);
  }))"""


@pytest.mark.parametrize("dashboard", ["sales", "customers", "payments", "quality"])
def test_charts_can_be_read_on_a_large_and_on_a_small_screen(
    watched: Watched, served: Served, dashboard: str
) -> None:
    page = watched.open(f"{served.address}/figures?page={dashboard}")
    charts = page.locator(".chart svg")
    shown = charts.evaluate_all(SHRUNK)
    assert shown
    assert charts.evaluate_all(OVERLAPPING) == []
    page.set_viewport_size(SMALL)
    expect(page.locator(".chart .narrow").first).to_be_visible()
    small = charts.evaluate_all(SHRUNK)
    assert len(small) == len(shown)
    assert min(small) > 0.9
    assert charts.evaluate_all(OVERLAPPING) == []


def test_every_view_can_be_reached_on_a_small_screen(watched: Watched, served: Served) -> None:
    watched.page.set_viewport_size(SMALL)
    page = watched.open(f"{served.address}/figures")
    for link in page.locator("nav a").all():
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= SMALL["width"]


def test_a_long_path_in_a_cause_scrolls_no_page_sideways(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/runs")
    page.set_viewport_size(SMALL)
    page.evaluate("document.querySelector('summary .why').textContent = '/' + 'folder'.repeat(40)")
    assert width(page) <= SMALL["width"]


def test_the_keyboard_reaches_the_graph(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/graph")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.locator("[data-node='gold.sales_performance']").focus()
    expect(page.locator(".edges path.near")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("gold.sales_performance")
    watched.is_clean(served.address)


def test_a_filter_of_the_dashboard_chooses(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/figures?page=sellers")
    sellers = page.locator(".widget.counter").first.locator(".counted")
    before = int(sellers.inner_text().replace(",", ""))
    page.get_by_label("Least reviews").fill("1000")
    page.get_by_label("Least reviews").press("Enter")
    page.wait_for_url("**f.*=1000**")
    expect(sellers).to_have_text("0")
    assert before > 0
    watched.is_clean(served.address)


def test_a_run_is_shown_while_it_works(watched: Watched, served: Served, lakehouse: Lakehouse) -> None:
    """The run ends when the page has shown what it tells; then the page loads itself anew."""
    page = watched.open(f"{served.address}/runs")
    before = page.locator("details.run").count()
    lakehouse.generate(5)
    shown = threading.Event()

    def wait(event: Event) -> None:
        if (event.dataset, event.state) == ("silver.orders_enriched", "COMPLETED"):
            shown.wait(PATIENCE)

    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(lakehouse.run, "medallion", on_event=wait)
        try:
            for name in ("bronze.orders", "silver.orders", "silver.orders_enriched"):
                row = page.locator(f"[data-live-table] tr:has(td:text-is('{name}'))")
                expect(row).to_contain_text("completed")
        finally:
            shown.set()
        run.result()
    # A function that waits is refused by the page's policy when it has to be asked again.
    expect(page.locator("details.run").nth(before)).to_be_attached()
    watched.is_clean(served.address)


def test_sql_is_completed_by_the_keyboard(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/sql")
    box = page.get_by_role("textbox")
    box.fill("")
    box.press_sequentially("select count(*) as orders from silver.order_it")
    expect(page.get_by_role("option").first).to_have_text("silver.order_items")
    box.press("Tab")
    expect(box).to_have_value(re.compile("from silver.order_items$"))
    box.press("Control+Enter")
    expect(page.locator("table.rows tbody tr")).to_have_count(1)
    watched.is_clean(served.address)


def test_a_query_that_ends_in_a_keyword_is_run_by_a_click(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/sql")
    box = page.get_by_role("textbox")
    box.fill("")
    box.press_sequentially("select 1 order by 1 desc")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("table.rows tbody td")).to_have_text("1")
    watched.is_clean(served.address)


def test_completions_are_what_begins_so_and_leave_the_run_button_free(
    watched: Watched, served: Served
) -> None:
    page = watched.open(f"{served.address}/sql")
    box, words, run = (
        page.get_by_role("textbox"),
        page.get_by_role("listbox"),
        page.get_by_role("button", name="Run"),
    )
    for close in (
        lambda: box.press("Escape"),
        lambda: page.locator("h1").click(),
        lambda: box.press("ArrowLeft"),
    ):
        box.fill("")
        box.press_sequentially("select 1 as one, GOLD.S")
        expect(words).to_be_visible()
        assert {name.partition("s")[0] for name in page.get_by_role("option").all_inner_texts()} == {"gold."}
        listed, button = words.bounding_box(), run.bounding_box()
        assert listed
        assert button
        assert listed["y"] >= button["y"] + button["height"]
        close()
        expect(words).to_be_hidden()
    watched.is_clean(served.address)


def test_a_value_leads_to_the_lines_that_it_comes_from(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/data/gold.sales_performance")
    first = page.locator("tbody tr").first
    number = (
        page.locator("thead tr")
        .first.locator("th", has_text="total_revenue")
        .evaluate("one => one.cellIndex")
    )
    size = first.locator("a").nth(number).bounding_box()
    assert size
    assert min(size["width"], size["height"]) >= TARGET
    # The Tab key stops at one value, arrows lead to the others.
    assert page.locator("tbody a:not([tabindex='-1'])").count() == 1
    first.locator("a").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tbody tr").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    for _ in range(number):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where does total_revenue come from?")
    items = page.get_by_role("region", name="Rows of silver.order_items behind gold.sales_performance")
    expect(items.locator("thead th").first).to_have_text("item_total comes in")
    expect(items.locator("tbody td").first).to_have_css("text-align", "right")
    expect(page.locator("main")).to_contain_text("all rows keep all ")
    lines = page.get_by_role("region", name="Rows of bronze.order_items behind silver.order_items")
    expect(lines).to_contain_text("kept")
    expect(lines).to_contain_text("volumes/raw/olist/order_items/order_items_run")
    assert violations(page, WCAG) == ""
    page.get_by_role("link", name="The whole row").click()
    expect(page.get_by_role("region", name="Rows of silver.orders_enriched behind")).to_be_visible()
    page.get_by_label("Rows, in SQL").fill("nothing = 1")
    page.get_by_role("button", name="Trace").click()
    expect(page.locator("main .problem")).to_contain_text(
        "the condition nothing = 1: there is no column nothing"
    )
    watched.is_clean(served.address)


def test_a_trace_opens_on_a_figure_with_a_condition_that_holds(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/trace")
    assert page.get_by_label("Table").input_value().startswith("gold.")
    assert page.get_by_label("Rows, in SQL").input_value()
    page.get_by_role("button", name="Trace").click()
    expect(page.locator(".traced").first).to_contain_text("1 row")
    page.get_by_label("Table").select_option("silver.orders")
    expect(page.get_by_label("Rows, in SQL")).to_have_value("")
    watched.is_clean(served.address)


def test_a_figure_leads_to_where_it_comes_from(watched: Watched, served: Served) -> None:
    for view, link, table, column in (
        ("sales", ".counted a", "gold.sales_performance", "total_revenue"),
        ("customers", ".widget.pie .chart a", "gold.customer_segment_counts", "persons"),
        ("logistics", ".widget.table td:nth-child(2) a", "gold.logistics_efficiency", "total_deliveries"),
        ("logistics", ".widget.table td:first-child a", "gold.logistics_efficiency", None),
        ("sellers", ".widget.scatter .chart a", "gold.seller_quality", None),
    ):
        page = watched.open(f"{served.address}/figures?page={view}")
        found = page.locator(link).first
        assert found.get_attribute("aria-label") or found.inner_text()
        address = urlsplit(found.get_attribute("href") or "")
        asked = dict(parse_qsl(address.query))
        assert (address.path, asked["table"], asked.get("column")) == ("/trace", table, column)
    page = watched.open(f"{served.address}/figures?page=sales")
    page.locator(".widget.bar .chart a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where does total_revenue come from?")
    expect(page.locator(".traced").first).to_contain_text("gold.sales_performance")
    expect(page.locator(".formula")).to_contain_text("Revenue by state: SUM(total_revenue) over the")
    watched.is_clean(served.address)


def test_a_figure_of_several_queries_says_where_to_look(watched: Watched, served: Served) -> None:
    page = watched.open(f"{served.address}/figures?page=quality")
    hint = page.locator(".widget.bar", has_text="Where it comes from:")
    expect(hint.get_by_role("link", name="utils.reconciliation")).to_have_attribute(
        "href", "/data/utils.reconciliation"
    )


def test_hostile_names_and_values_stay_text(browser: Browser, tmp_path: Path) -> None:
    home = Lakehouse(tmp_path / "home").home
    rows = pa.table({HOSTILE: [HOSTILE, "plain"], "n": [1, 2]})
    write_deltalake(table_path(home.warehouse, "odd.values"), rows, description=HOSTILE)
    keyed = pa.table({"segment": [HOSTILE, ""], "persons": [1, 2]})
    write_deltalake(table_path(home.warehouse, "gold.customer_segment_counts"), keyed)
    value = {"uses": {f"/files/{HOSTILE}": {HOSTILE: ["IDENTITY"]}}, "unknown": [HOSTILE]}
    flow = {"columns": {HOSTILE: value}, "rows": value, "sources": [HOSTILE]}
    keep_lineage(
        home, "odd", [TableLineage("odd.values", "odd", "1", AT, {"odd.values": flow})], ["odd.values"]
    )
    with page_of(home) as page_served:
        context = entered(browser, page_served)
        watched = Watched(context)
        for view in (
            "/graph",
            "/data",
            "/data/odd.values",
            "/dataset/odd.values",
            "/data/odd.values?where.n=1&sort=n",
            "/columns",
            "/columns/odd.values",
            f"/columns/odd.values?column={quote(HOSTILE)}",
            f"/columns/{quote(f'/files/{HOSTILE}', safe='')}?column={quote(HOSTILE)}",
        ):
            page = watched.open(page_served.address + view)
            assert page.locator("img").count() == 0
            assert page.title() != "owned"
        page = watched.open(f"{page_served.address}/data/odd.values")
        expect(page.locator("tbody td").first).to_have_text(HOSTILE)
        page.get_by_role("button", name="Profile of").first.click()
        expect(page.get_by_role("dialog").locator("td").first).to_be_visible()
        page = watched.open(f"{page_served.address}/data/gold.customer_segment_counts")
        links = page.locator("tbody a")
        expect(links.first).to_have_text(HOSTILE)
        asked = dict(parse_qsl(urlsplit(links.first.get_attribute("href") or "").query))
        assert asked["where"] == where_of(["segment"], [HOSTILE], ["segment"])
        expect(links.nth(2)).to_have_accessible_name("empty text")
        watched.is_clean(page_served.address)
        context.close()


def test_a_table_of_a_million_rows(browser: Browser, tmp_path: Path) -> None:
    home = Lakehouse(tmp_path / "home").home
    numbers = pa.array(range(MILLION), pa.int64())
    words = pa.array([f"word {number % 997}" for number in range(MILLION)])
    write_deltalake(table_path(home.warehouse, "big.numbers"), pa.table({"n": numbers, "word": words}))
    with page_of(home) as page_served:
        context = entered(browser, page_served)
        watched = Watched(context)
        page = watched.open(f"{page_served.address}/data/big.numbers")
        expect(page.locator("tbody tr")).to_have_count(100)
        page.get_by_role("link", name="n", exact=True).click()
        page.get_by_role("link", name="n ↑").click()
        expect(page.locator("tbody td").first).to_have_text("999999")
        page.get_by_label("Filter of word").fill("= word 7")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_text("1,004 rows of 1,000,000")).to_be_visible()
        page.get_by_role("button", name="Profile of n").click()
        expect(page.get_by_role("dialog")).to_contain_text("1,000,000")
        watched.is_clean(page_served.address)
        context.close()


def test_an_export_works_from_disk(browser: Browser, lakehouse: Lakehouse, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(exported_page(lakehouse.home), encoding="utf-8")
    context = browser.new_context(offline=True)
    watched = Watched(context)
    page = watched.open(file.as_uri())
    expect(page.get_by_role("heading", name="Sales", exact=True)).to_be_visible()
    page.get_by_role("link", name="Graph", exact=True).click()
    page.locator("[data-node='silver.orders']").click()
    expect(page.locator("section:target h1")).to_contain_text("silver.orders")
    page.locator("section:target").get_by_role("link", name="order_status").click()
    page.locator("section:target").get_by_role(
        "link", name="silver.orders_enriched.order_status"
    ).first.click()
    expect(page.locator("section:target h1")).to_contain_text("silver.orders_enriched.order_status")
    page.get_by_role("button", name="Light or dark").click()
    watched.is_clean("file:")
    context.close()
