"""What the tests of the scenes look with finds what is wrong: a page for each defect, and one without."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessibility.axe import (
    violations,
    violations_of_colour,
    violations_of_words,
    with_scripts_again,
)
from tests.browser.accessibility.focus import lost_focus, reached
from tests.browser.accessibility.layout import moving, smaller_than, too_wide, with_large_text
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

_PAGE = """<!doctype html><html lang="en"><head><title>Page</title><meta name="viewport"
content="width=device-width"><style>
body {{ background: #fff; color: #111 }} main {{ padding: 1rem }} button {{ min-width: 48px; min-height: 48px }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} }}
{style}</style></head><body><main><h1>Page</h1>{main}</main></body></html>"""


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def page(shared: Page) -> Page:
    shared.set_viewport_size(PHONE)
    shared.emulate_media(color_scheme="light", reduced_motion="reduce")
    return shared


def show(page: Page, main: str, style: str = "") -> None:
    page.set_content(_PAGE.format(main=main, style=style))


def rules(page: Page) -> set[tuple[str, str]]:
    return {(each.rule, each.impact) for each in violations(page)}


def test_a_good_page_passes(page: Page) -> None:
    show(page, "<p>Words</p><button>Press</button><a href='#x'>Way</a>")
    assert violations(page) == []
    assert too_wide(page) == moving(page) == smaller_than(page, 24) == lost_focus(page) == []
    assert reached(page) == 2


@pytest.mark.parametrize(
    ("main", "rule"),
    [
        ("<img src='data:,'>", ("image-alt", "critical")),
        ("<button></button>", ("button-name", "critical")),
        ("<input>", ("label", "critical")),
        ("<p style='color: #aaa'>Words</p>", ("color-contrast", "serious")),
        ("<h4>Words</h4>", ("heading-order", "moderate")),
        (
            "<button class='tiny' aria-label='a'></button><button class='tiny' aria-label='b'></button>",
            ("target-size", "serious"),
        ),
    ],
)  # fmt: skip
def test_axe_finds(page: Page, main: str, rule: tuple[str, str]) -> None:
    tiny = ".tiny { all: unset; display: inline-block; width: 9px; height: 9px; background: #111 }"
    show(page, main, tiny)
    assert rule in rules(page)
    # A language changes all but colours.
    found = {(each.rule, each.impact) for each in violations_of_words(page)}
    assert (rule in found) == (rule[0] != "color-contrast")


def test_axe_finds_what_is_wrong_without_scripts_and_wakes_none(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    mends = "<script>document.querySelector('img').remove()</script>"
    main = f"<img src='data:,'><p style='color: #aaa'>Words</p>{mends}"
    page.goto(f"data:text/html,{quote(_PAGE.format(main=main, style=''))}")
    with_scripts_again(page)
    assert {each.rule for each in violations(page)} == {"image-alt", "color-contrast"}
    assert page.locator("img").count() == 1
    context.close()


def test_what_is_wrong_in_the_dark_alone_is_found_there(page: Page) -> None:
    show(page, "<p>Words</p>", "p { color: #444 }")
    assert violations_of_colour(page) == []
    page.emulate_media(color_scheme="dark")
    assert [each.rule for each in violations_of_colour(page)] == ["color-contrast"]


def test_what_is_wider_than_the_window_is_found(page: Page) -> None:
    show(page, "<div class='wide'>Words</div>", ".wide { width: 30rem }")
    (found,) = too_wide(page)
    assert "div.wide" in found
    show(page, "<div class='wide'>Words</div>", ".wide { width: 20rem }")
    assert too_wide(page) == []
    with_large_text(page, 2)
    assert too_wide(page)


def test_what_goes_on_moving_is_found(page: Page) -> None:
    style = "@keyframes turn { to { rotate: 1turn } } p { animation: turn 1s linear infinite }"
    show(page, "<p>Words</p>", style)
    page.wait_for_function("document.getAnimations().some(each => each.playState === 'running')")
    assert moving(page) == ["turn of "]


def test_small_things_to_press_are_found(page: Page) -> None:
    show(page, "<button>Press</button><a class='button' href='#x'>Way</a>")
    (found,) = smaller_than(page, 44)
    assert found.startswith("<a class")


@pytest.mark.parametrize(
    "style",
    [
        "a:focus { outline: none }",
        "a { outline: 2px solid red } a:focus { outline: 2px solid red }",
    ],
)
def test_a_focus_that_cannot_be_seen_is_found(page: Page, style: str) -> None:
    show(page, "<button>Press</button><a href='#x'>Way</a>", style)
    (found,) = lost_focus(page)
    assert found.startswith("focus cannot be seen: <a")


def test_a_focus_that_is_covered_is_found(page: Page) -> None:
    style = (
        ".bar { position: fixed; inset: auto 0 0; height: 40%; background: #ddd }"
        "p { height: 150vh } a { display: block }"
    )
    show(page, "<p>Words</p><a href='#x'>Way</a><div class='bar'>Bar</div>", style)
    (found,) = lost_focus(page)
    assert found.startswith("focus is covered: <a")
