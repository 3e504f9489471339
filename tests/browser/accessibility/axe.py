"""axe-core on a page that stands open."""

from collections.abc import Iterable
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_COLOUR = ["color-contrast", "link-in-text-block"]
_RUN = """async ([runOnly, rules]) => {
    const run = async (context, options) =>
        (await axe.run(context, {...options, resultTypes: ["violations"]})).violations.flatMap(
            ({id, impact, help, nodes}) => nodes.map(({target, html, failureSummary}) =>
                ({rule: id, impact, help, target: target.flat().join(" "), html, why: failureSummary}))
        );
    const found = [];
    for (const each of await run(document, {runOnly, rules})) {
        // What lies under a bar that sticks is as large as it is where a person scrolls it to.
        if (each.rule === "target-size") {
            document.querySelector(each.target)?.scrollIntoView({block: "center", behavior: "instant"});
            const again = await run(document, {runOnly: {type: "rule", values: ["target-size"]}});
            if (!again.some(({target}) => target === each.target)) continue;
        }
        found.push(each);
    }
    return found;
}"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that an element breaks."""

    rule: str
    impact: str
    help: str
    target: str
    html: str
    why: str

    def __str__(self) -> str:
        why = " ".join(self.why.split()[4:])
        return f"{self.rule} ({self.impact}): {self.target}: {why} {self.html[:200]}"


def violations(page: Page) -> list[Violation]:
    return _run(page, _TAGS)


def violations_of_words(page: Page) -> list[Violation]:
    """All that another language can change. Colours are the same in each, and cost as much as all the
    rest: for each text axe-core looks up what lies behind it.
    """
    return _run(page, _TAGS, without=_COLOUR)


def violations_of_colour(page: Page) -> list[Violation]:
    """All that the choice of light or dark can change."""
    return _run(page, {"type": "rule", "values": _COLOUR})


def with_scripts_again(page: Page) -> None:
    """From now on scripts may run, such as axe-core; those of the page had their turn and are not
    asked again, so that the document stays as it is for whoever has none. Style sheets that ask whether
    there is scripting are told so from now on.
    """
    session = page.context.new_cdp_session(page)
    # A session of its own takes scripts for enabled, and what is so already it does not change.
    for is_disabled in (True, False):
        session.send("Emulation.setScriptExecutionDisabled", {"value": is_disabled})


def _run(page: Page, run_only: object, without: Iterable[str] = ()) -> list[Violation]:
    # By the debugger's way in, which the page's content security policy does not bind.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    rules = {rule: {"enabled": False} for rule in without}
    return [Violation(**found) for found in page.evaluate(_RUN, [run_only, rules])]
