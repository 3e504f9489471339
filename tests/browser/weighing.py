"""What a page weighs and how it moves, as the browser itself tells it."""

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page

# Largest contentful paint; and layout shift, as the web vitals count it: the worst window of shifts
# with less than a second between them and at most five seconds long.
OBSERVE = """(() => {
    const seen = window.__seen = {lcp: 0, what: "", cls: 0, shifts: []};
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            seen.lcp = entry.startTime;
            seen.what = entry.element ? entry.element.tagName.toLowerCase() + "." + entry.element.className : "";
        }
    }).observe({type: "largest-contentful-paint", buffered: true});
    let from = 0, last = 0, sum = 0;
    new PerformanceObserver((list) => {
        for (const {startTime, value, hadRecentInput, sources} of list.getEntries()) {
            if (hadRecentInput) continue;
            if (startTime - last > 1000 || startTime - from > 5000) [from, sum] = [startTime, 0];
            last = startTime;
            sum += value;
            seen.cls = Math.max(seen.cls, sum);
            const names = sources.map(({node}) => node?.nodeType === 1 ? `${node.tagName}.${node.className}` : node?.nodeName);
            seen.shifts.push(`${value.toFixed(4)} ${names.join(", ")}`);
        }
    }).observe({type: "layout-shift", buffered: true});
})();"""
# Lazy photos load as they come near, at the speed of somebody who skims.
SKIM = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
        scrollTo({top: y, behavior: "instant"});
        await new Promise((done) => setTimeout(done, 120));
    }
    await Promise.all([...document.images].map((each) => each.complete
        || new Promise((done) => { each.onload = each.onerror = done; setTimeout(done, 8000); })));
    await new Promise((done) => setTimeout(done, 300));
}"""


@dataclass(frozen=True, slots=True)
class Request:
    """`bytes`: as they came over the network, with their headers."""

    url: str
    kind: str
    bytes: int

    @property
    def is_photo(self) -> bool:
        return "/media/" in self.url


@dataclass
class Traffic:
    """The requests of a page, from now on."""

    session: CDPSession
    done: list[Request] = field(default_factory=list)
    _open: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, context: BrowserContext, page: Page) -> "Traffic":
        traffic = cls(context.new_cdp_session(page))
        traffic.session.on("Network.responseReceived", traffic._answered)
        traffic.session.on("Network.loadingFinished", traffic._finished)
        traffic.session.send("Network.enable")
        return traffic

    def _answered(self, event: dict[str, Any]) -> None:
        url = event["response"]["url"]
        if url.startswith("http"):
            self._open[event["requestId"]] = (url, event["type"])

    def _finished(self, event: dict[str, Any]) -> None:
        asked = self._open.pop(event["requestId"], None)
        if asked is not None:
            self.done.append(Request(*asked, int(event["encodedDataLength"])))

    def before_photos(self) -> int:
        return sum(each.bytes for each in self.done if not each.is_photo)

    def photos(self) -> int:
        return sum(each.bytes for each in self.done if each.is_photo)


def layout_shift(page: Page) -> float:
    return float(page.evaluate("window.__seen.cls"))


def shifts(page: Page) -> list[str]:
    return list(page.evaluate("window.__seen.shifts"))
