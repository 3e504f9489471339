"""What the pages weigh, when their largest part is painted, and how far they move, in Chromium.

A phone (390 x 844, two pixels to one) with an empty cache on a slow 4G line: 150 ms a round trip,
1.6 Mbit/s down, 0.75 up, and a processor four times slower than this one. Must hold: less than 200 kB
before photos and a layout shift below 0.05 over the whole life of each page, scrolled to its end. The
peer, in the same run, is the same site without compression and without AVIF and WebP. With `--pack`
the photos are real.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from django.test.utils import override_settings, setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, expect

from benchmarks.served import site
from tests.browser.scenes.goods import drawn_goods, packed_goods
from tests.browser.scenes.served import launched
from tests.browser.scenes.stage import ANSWERED
from tests.browser.scenes.world import World, build_world
from tests.browser.weighing import OBSERVE, SKIM, Traffic, layout_shift, shifts

MOST_BYTES, MOST_SHIFT, TIMES = 200_000, 0.05, 3
LINE = {
    "offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}  # fmt: skip
SLOWER = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """`lcp` and `answered` in ms, the latter since a photo was chosen."""

    lcp: float
    shift: float
    before: int
    photos: int
    requests: int
    answered: float | None
    shifts: list[str]


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    path: str
    is_clerk: bool = False
    asks: bool = False


def cases(world: World) -> list[Case]:
    return [
        Case("search, empty", "/"),
        Case("search, words", "/?q=no"),
        Case("search, photo", "/", asks=True),
        Case("category", world.main.category.above()[0].get_absolute_url()),
        Case("product", world.main.get_absolute_url()),
        Case("store", f"/stores/{world.store.code}/"),
        Case("clerk: store", f"/stock/{world.store.code}/", is_clerk=True),
        Case(
            "clerk: product", f"/stock/{world.store.code}/products/{world.main.sku}/", is_clerk=True
        ),
    ]


def main(pack: Path | None = None) -> None:
    old = setup_databases(verbosity=0, interactive=False)
    try:
        with TemporaryDirectory() as folder, launched() as browser:
            media = Path(folder)
            with override_settings(MEDIA_ROOT=media):
                world = build_world(packed_goods(pack) if pack else drawn_goods(), renditions=True)
            with site(media) as address:
                world.address = address
                _report(browser, world)
    finally:
        teardown_databases(old, verbosity=0)


def _report(browser: Browser, world: World) -> None:
    print(
        f"{'':16}{'LCP s':>7}{'answer s':>9}{'shift':>8}{'kB':>7}{'photos':>8}{'requests':>9}"
        f"{'peer kB':>9}{'photos':>8}{'ratio':>7}"
    )
    broken = []
    for case in cases(world):
        ours = [_see(browser, world, case) for _ in range(TIMES)]
        peer = _see(browser, world, case, plain=True)
        best = ours[0]
        shift = max(each.shift for each in ours)
        answered = [each.answered for each in ours if each.answered is not None]
        whole = (peer.before + peer.photos) / (best.before + best.photos)
        print(
            f"{case.name:16}{median(each.lcp for each in ours) / 1000:7.2f}"
            f"{f'{median(answered) / 1000:.2f}' if answered else '':>9}{shift:8.4f}"
            f"{best.before / 1000:7.1f}{best.photos / 1000:8.1f}{best.requests:9d}"
            f"{peer.before / 1000:9.1f}{peer.photos / 1000:8.1f}{whole:7.1f}"
        )
        if best.before >= MOST_BYTES or shift >= MOST_SHIFT:
            broken.append(case.name)
            print("   ", *best.shifts, sep="\n      ")
    print(f"median of {TIMES} runs; the worst shift. Broken: {', '.join(broken) or 'none'}")


def _see(browser: Browser, world: World, case: Case, *, plain: bool = False) -> Seen:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(60_000)
    if case.is_clerk:
        cookie = {"name": "sessionid", "value": world.cookie_of(world.clerk), "url": world.address}
        context.add_cookies([cookie])
    context.add_init_script(OBSERVE)
    page = context.new_page()
    traffic = Traffic.of(context, page)
    _slow_down(traffic, plain)
    try:
        page.goto(world.address + case.path, wait_until="load")
        page.wait_for_load_state("networkidle")
        lcp = float(page.evaluate("window.__seen.lcp"))
        answered = _ask(page, world) if case.asks else None
        page.evaluate(SKIM)
        return Seen(
            lcp, layout_shift(page), traffic.before_photos(), traffic.photos(), len(traffic.done),
            answered, shifts(page),
        )  # fmt: skip
    finally:
        context.close()


def _slow_down(traffic: Traffic, plain: bool) -> None:
    send: Callable[..., object] = traffic.session.send
    send("Network.emulateNetworkConditions", LINE)
    send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if plain:
        send("Network.setExtraHTTPHeaders", {"headers": {"Accept-Encoding": "identity"}})
        send("Emulation.setDisabledImageTypes", {"imageTypes": ["avif", "webp"]})


def _ask(page: Page, world: World) -> float:
    """Milliseconds from choosing a photo to the first product."""
    photo = {"name": "1.jpg", "mimeType": "image/jpeg", "buffer": world.goods.main.asked}
    started = perf_counter()
    page.get_by_test_id("photo-input").set_input_files(photo)
    expect(page.locator(ANSWERED).first).to_be_visible(timeout=60_000)
    return (perf_counter() - started) * 1000
