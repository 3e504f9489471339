"""`python -m tests.browser.shots OUT [NAME ...] [--photos DIR]`: every scene as pictures, to be looked at.

Phone and desktop, light and dark, each language, with scripts and without; NAMEs (or parts of them)
choose scenes. `OUT/index.html` shows all of them. `--photos` is a folder of real photos as the
benchmarks' `--pack` has it; without it products are drawn.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.scenes import Scene, World
    from tests.browser.scenes.stage import Look

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# A page that is longer is cut: nobody looks further, and the picture would grow without end.
_LONGEST = 6000
_ALL_PHOTOS = """() => Promise.all([...document.images].map((each) => each.complete
    || new Promise((done) => { each.onload = each.onerror = done; setTimeout(done, 3000); })))"""
_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem; background: #888; color: #111 }
section { background: #fff; margin-bottom: 1rem; padding: .5rem 1rem; border-radius: .5rem }
div { display: flex; gap: .75rem; overflow-x: auto; align-items: start }
figure { margin: 0 } figcaption { font-size: 12px }
img { height: 24rem; border: 1px solid #999; object-fit: contain; object-position: top left }
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.shots")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--photos", type=Path, metavar="DIR")
    parser.add_argument("--language", action="append", metavar="CODE")
    parser.add_argument("--forced-colors", action="store_true", help="as with high contrast on")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from tests.browser.scenes import SCENES
    from tests.browser.scenes.goods import drawn_goods, packed_goods
    from tests.browser.scenes.served import launched, served

    wanted = [
        each for each in SCENES
        if not options.names or any(part in each.name for part in options.names)
    ]  # fmt: skip
    if not wanted:
        parser.error("No scene has such a name.")
    goods = packed_goods(options.photos) if options.photos else drawn_goods()
    options.out.mkdir(parents=True, exist_ok=True)
    # Real photos are told apart by a real network only.
    encoder = "packaged" if options.photos else "pixel"
    with served(goods, encoder=encoder) as world, launched() as browser:
        for look in _looks(options.language):
            pictures = Pictures(world, look, options.out, options.forced_colors)
            pictures.take(browser, wanted)
    _write_index(wanted, options.out)


def _looks(languages: list[str] | None) -> Iterator["Look"]:
    from django.conf import settings

    from tests.browser.scenes.stage import DESKTOP, PHONE

    for code in languages or [code for code, _name in settings.LANGUAGES]:
        for size in (PHONE, DESKTOP):
            yield replace(size, language=code)
        if code == "en":
            yield replace(PHONE, javascript=False)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Those of one kind of browser."""

    world: "World"
    look: "Look"
    out: Path
    forced_colors: bool

    def take(self, browser: "Browser", scenes: "list[Scene]") -> None:
        from tests.browser.scenes.stage import context_of

        context = context_of(browser, self.world, self.look)
        for scene in scenes:
            if not self.look.javascript and not scene.plain:
                continue
            try:
                self._take_both(context, scene)
            except Exception as error:  # noqa: BLE001  the other pictures are wanted all the same
                print(f"{scene.name}, {self.look.name}: {str(error).splitlines()[0]}")  # noqa: T201
        context.close()

    def _take_both(self, context: "BrowserContext", scene: "Scene") -> None:
        from tests.browser.scenes.stage import open_stage

        colors: Any = "active" if self.forced_colors else "none"
        with open_stage(context, scene, self.world, javascript=self.look.javascript) as stage:
            for scheme in SCHEMES:
                stage.page.emulate_media(
                    color_scheme=scheme, reduced_motion="reduce", forced_colors=colors
                )
                self._take(stage.page, self.out / f"{scene.name}.{self.look.name}.{scheme}.png")

    def _take(self, page: "Page", path: Path) -> None:
        """What is seen at first, and the whole page as in a window that is as high."""
        size = page.viewport_size
        assert size is not None
        page.screenshot(path=path.with_suffix(".first.png"), animations="disabled")
        height = page.evaluate("document.documentElement.scrollHeight")
        if height <= size["height"]:
            return
        page.set_viewport_size({"width": size["width"], "height": min(height, _LONGEST)})
        if self.look.javascript:  # without it no photo is lazy, and no promise is ever kept
            page.evaluate(_ALL_PHOTOS)
        page.screenshot(path=path, animations="disabled")
        page.set_viewport_size(size)


def _write_index(scenes: "list[Scene]", out: Path) -> None:
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Scenes</title>"]
    parts.append(f"<style>{_STYLE}</style>")
    for scene in scenes:
        parts.append(f"<section><h2 id={escape(scene.name)}>{escape(scene.name)}</h2><div>")
        for path in sorted(out.glob(f"{scene.name}.*.png")):
            name = escape(path.name)
            caption = escape(path.stem.removeprefix(scene.name + "."))
            parts.append(
                f'<figure><a href="{name}"><img src="{name}" loading=lazy alt=""></a>'
                f"<figcaption>{caption}</figcaption></figure>"
            )
        parts.append("</div></section>")
    (out / "index.html").write_text("\n".join(parts), encoding="utf-8")
    print(f"{len(list(out.glob('*.png')))} pictures: {out / 'index.html'}")  # noqa: T201


if __name__ == "__main__":
    main()
