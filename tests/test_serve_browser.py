"""The pages in a real browser: a headless Chromium walks through them as a reader would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.served import make_store, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("fastapi", reason="the extra serve is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; on Debian: apt install chromium"),
]

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(make_store(tmp_path_factory.mktemp("walked") / "store")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with playwright.sync_playwright() as engine:
        found = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(params=[("desk", "light"), ("desk", "dark"), ("phone", "dark")], ids="-".join)
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab; afterwards: nothing was wrong, and nothing left the machine."""
    size, scheme = request.param
    context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, base_url=address)  # type: ignore[arg-type]
    tab = context.new_page()
    wrong: list[str] = []
    tab.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None,
    )
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("requestfailed", lambda asked: wrong.append(f"failed: {asked.url}"))
    tab.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:")) else wrong.append(asked.url)
    )
    yield tab
    context.close()
    assert wrong == []


def fits(page: Page) -> bool:
    """Whether the page is no wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_from_a_search_to_the_sentence_in_its_document(page: Page) -> None:
    page.goto("/")
    page.fill("#q", "india pakistan")
    page.press("#q", "Enter")
    page.wait_for_url("**/pair/IND/PAK")
    assert page.title() == "India and Pakistan · bilateral-kg"
    assert page.locator("svg.chart polyline").count() == 2
    assert page.locator("mark", has_text="Pakistan accused India of lies").count() == 1
    assert fits(page)
    page.click("#ledger ~ .scroll a >> nth=0")
    assert "relation=" in page.url
    card = page.locator("article.card").first
    words = card.locator("mark").inner_text()
    card.locator("blockquote footer a").first.click()
    page.wait_for_url("**/id/doc/*")
    target = page.locator(":target + mark")
    assert words.startswith(target.inner_text().strip()) or target.inner_text().strip() in words
    assert fits(page)
    page.click("ol.found a >> nth=0")
    page.wait_for_url("**/id/stmt/*")
    assert page.locator("h1").inner_text()


def test_a_query_is_written_run_and_downloaded(page: Page, tmp_path: Path) -> None:
    page.goto("/query")
    page.wait_for_selector(".CodeMirror")
    page.click(".CodeMirror")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(
        "SELECT ?who (COUNT(*) AS ?n) { ?who rel:accuse ?whom } GROUP BY ?who ORDER BY ?who"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/query?query=*")
    assert page.locator("table.result tbody tr").count() == 2
    assert page.locator(".bars tbody tr").count() == 2
    with page.expect_download() as waiting:
        page.click("a[download='result.csv']")
    held = tmp_path / "result.csv"
    waiting.value.save_as(held)
    assert held.read_text().split() == [
        "who,n",
        "https://w3id.org/bilateral-kg/actor/IND,1",
        "https://w3id.org/bilateral-kg/actor/PAK,1",
    ]
    assert fits(page)


def test_the_keyboard_reaches_everything(page: Page) -> None:
    page.goto("/query")
    page.wait_for_selector(".CodeMirror")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.innerText")
        )
    assert "BUTTON Run" in reached  # the editor lets the reader out again
    assert any(item.startswith("SELECT") for item in reached)


CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const part = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const lum = c => { const [r, g, b] = c.map(v => part(v / 255)); return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c[3] > .99) return c;
    }
    return [255, 255, 255, 1];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.textContent.trim() || e.closest('svg, script, .hidden, .skip, textarea')) continue;
    const style = getComputedStyle(e);
    if (style.visibility === 'hidden' || style.display === 'none') continue;
    const a = lum(parse(style.color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) bad.push(node.textContent.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return [...new Set(bad)];
}"""


@pytest.mark.parametrize(
    "path", ["/", "/pair/IND/PAK", "/actor/IND", "/documents", "/query?name=talks", "/help", "/api"]
)
def test_pages_can_be_read_by_all(page: Page, path: str) -> None:
    """Contrast of WCAG AA, one heading of the first rank, names for fields and pictures, a language."""
    page.goto(path)
    if "query" in path:
        page.wait_for_selector(".CodeMirror")
    assert page.evaluate(CONTRAST) == []
    assert fits(page)
    assert page.locator("h1").count() == 1
    assert page.locator("html[lang=en]").count() == 1
    unnamed: Any = page.evaluate(
        """() => [...document.querySelectorAll('input, select, textarea, button')].filter(e =>
            !e.labels?.length && !e.ariaLabel && !e.getAttribute('aria-label') && !e.innerText.trim()
            && e.offsetParent).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert unnamed == []
    assert page.locator("svg:not([aria-hidden=true]):not([role=img])").count() == 0
    doubled: Any = page.evaluate(
        "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        " return ids.filter((id, i) => ids.indexOf(id) !== i) }"
    )
    assert doubled == []
