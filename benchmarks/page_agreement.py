"""Whether a person who asks by the page sees what `evaluate_search` counts: 60 real photos, `--pack DIR`.

The catalogue of the pack is imported, embedded by the packaged encoder and calibrated on its own
photos. Then one photo each of 60 products (a fixed draw) is chosen on the search page in Chromium, with
scripts and without, and once more as a phone would send it: 12 megapixels, turned by EXIF, so that the
page's script makes it smaller. Compared with the peer, the search itself on the same file: the first
product, what kind of answer it is, and which product a match names. Must hold: as `evaluate_search`
has it on all 60, with and without scripts.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from django.core.management import call_command
from django.test.utils import override_settings, setup_databases, teardown_databases
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from benchmarks import pack
from benchmarks.served import site
from recognition.evaluation import LabelledQuery, evaluate
from recognition.query_photos import read_query_photo
from recognition.search import Query, search
from recognition.versions import settle_encoder
from tests.browser.scenes.served import launched

PHOTOS, SEED = 60, 7
PHONE_SIDE, SIDEWAYS = 4032, 6


@dataclass(frozen=True, slots=True)
class Told:
    """First product and, of a verdict, its kind and the product that a match names."""

    first: str
    kind: str
    named: str


def main() -> None:
    photos_of = pack.folder()
    old = setup_databases(verbosity=0, interactive=False)
    try:
        with TemporaryDirectory() as folder, launched() as browser:
            media = Path(folder) / "media"
            with override_settings(MEDIA_ROOT=media, ENCODER="packaged"):
                _fill(photos_of)
                asked = drawn()
                photos = {each.file: (photos_of / each.file).read_bytes() for each in asked}
                large = {file: as_by_phone(data) for file, data in photos.items()}
                with site(media, "packaged") as address:
                    for label, files, scripts in (
                        ("with scripts", photos, True),
                        ("without scripts", photos, False),
                        ("12 megapixels, made smaller by the page", large, True),
                    ):
                        _compare(browser, address, asked, files, label=label, scripts=scripts)
    finally:
        teardown_databases(old, verbosity=0)


def _fill(folder: Path) -> None:
    settle_encoder()
    call_command("import_catalogue", folder / "catalogue_full.csv", images=folder, verbosity=0)
    call_command("embed", verbosity=0)
    call_command("calibrate")


def drawn() -> list[LabelledQuery]:
    """One photo each of 60 products."""
    rng = np.random.default_rng(SEED)
    by_sku: dict[str, list[str]] = {}
    for file, sku in pack.queries("queries.csv"):
        by_sku.setdefault(sku, []).append(file)
    skus = rng.permutation(sorted(by_sku))[:PHOTOS]
    return [LabelledQuery(str(rng.choice(by_sku[sku])), str(sku)) for sku in skus]


def as_by_phone(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        image = opened.convert("RGB")
    factor = PHONE_SIDE / max(image.size)
    large = image.resize(
        (round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS
    )
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    out = io.BytesIO()
    large.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def _compare(
    browser: Browser, address: str, asked: list[LabelledQuery], files: dict[str, bytes], *,
    label: str, scripts: bool,
) -> None:  # fmt: skip
    evaluated = [outcome.first for outcome in evaluate(asked, files.__getitem__)]
    searched = [_searched(files[each.file]) for each in asked]
    context = browser.new_context(
        java_script_enabled=scripts, viewport={"width": 390, "height": 844}
    )
    seen = [_on_the_page(context, address, files[each.file], scripts=scripts) for each in asked]
    context.close()
    first = sum(one.first == sku for one, sku in zip(seen, evaluated, strict=True))
    whole = sum(one == other for one, other in zip(seen, searched, strict=True))
    right = sum(one.first == each.sku for one, each in zip(seen, asked, strict=True))
    print(
        f"{label}: first product as evaluate_search {first} of {len(asked)},"
        f" verdict too {whole} of {len(asked)}; right {right}"
    )
    for each, one, other in zip(asked, seen, searched, strict=True):
        if one != other:
            print(f"  {each.file}: the page {one}, the search {other}")


def _searched(data: bytes) -> Told:
    answer = search(Query(photo=read_query_photo(data)))
    verdict = answer.verdict
    named = verdict.product.sku if verdict and verdict.product else ""
    return Told(answer.results[0].product.sku, verdict.kind if verdict else "", named)


def _on_the_page(context: BrowserContext, address: str, data: bytes, *, scripts: bool) -> Told:
    # A tab for each: one that is loaded anew shows the answer that it showed before.
    page = context.new_page()
    page.goto(address)
    photo = {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": data}
    page.get_by_test_id("photo-input").set_input_files(photo)
    if not scripts:
        page.get_by_test_id("search-submit").click()
    card = page.get_by_test_id("result-card").first
    expect(card).to_be_visible(timeout=60_000)
    expect(page.locator("#results:not([aria-busy])")).to_be_attached()
    told = _read(page)
    page.close()
    return told


def _read(page: Page) -> Told:
    card = page.get_by_test_id("result-card").first
    kind, named = "", ""
    if page.get_by_test_id("verdict").count():
        verdict = page.get_by_test_id("verdict")
        kind = verdict.get_attribute("data-kind") or ""
        if kind == "match":
            link = verdict.locator(".verdict-says a").get_attribute("href") or ""
            named = link.removeprefix("/products/").rstrip("/")
    return Told(card.get_attribute("data-sku") or "", kind, named)
