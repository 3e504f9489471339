"""What a page does when its window is narrow, its text is large, or movement is unwanted."""

from playwright.sync_api import Page

# What sticks out to the right, unless it lies in something that scrolls or is not there for eyes.
_STICKING_OUT = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const scrolls = (element) => {
        for (let box = element.parentElement; box; box = box.parentElement) {
            const {overflowX, position} = getComputedStyle(box);
            if (box !== document.body && ["auto", "scroll", "hidden", "clip"].includes(overflowX)) return true;
            if (position === "fixed") return false;
        }
        return false;
    };
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
        const {right, width} = element.getBoundingClientRect();
        return width && right > room + 1 && !scrolls(element);
    });
    const name = (element) => element.tagName.toLowerCase() + (element.id ? `#${element.id}` : "")
        + [...element.classList].map((each) => `.${each}`).join("");
    return [`${document.documentElement.scrollWidth} > ${room}: ${out.slice(0, 5).map(name).join(", ")}`];
}"""
_MOVING = """() => document.getAnimations()
    .filter(({playState, effect}) => {
        const {duration, iterations} = effect.getComputedTiming();
        return playState === "running" && duration * iterations > 50;
    })
    .map(({effect, animationName}) => `${animationName ?? "transition"} of ${effect.target?.className}`)"""


def too_wide(page: Page) -> list[str]:
    return list(page.evaluate(_STICKING_OUT))


def with_large_text(page: Page, factor: float) -> None:
    """As a person's setting of the browser's text size; 1 takes it back."""
    size = f"{factor * 100}%" if factor != 1 else ""
    page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)


def moving(page: Page) -> list[str]:
    """Animations that run on, while the page is asked for calm."""
    return list(page.evaluate(_MOVING))


_SMALL = """least => {
    const wanted = "a.button, a.row, button, summary, input:not([type=hidden]), select, textarea";
    return [...document.querySelectorAll(`main ${wanted.split(", ").join(", main ")}`)]
        .filter((element) => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}))
        .map((element) => {
            // A box beside its words is as large as both.
            const label = element.matches("[type=radio], [type=checkbox], [type=file]") && element.labels?.[0];
            return [element, (label || element).getBoundingClientRect()];
        })
        .filter(([element, {width, height}]) => width > 1 && (height < least - 0.5 || width < least - 0.5))
        .map(([element, {width, height}]) =>
            `${element.outerHTML.slice(0, 90)} has ${Math.round(width)} x ${Math.round(height)}`);
}"""


def smaller_than(page: Page, least: int) -> list[str]:
    """What is pressed and has fewer pixels than a finger needs."""
    return list(page.evaluate(_SMALL, least))


_AT_A_BORDER = """([tiles, least]) => {
    const texts = (tile) => {
        const found = [], walk = document.createTreeWalker(tile, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) if (walk.currentNode.data.trim()) found.push(walk.currentNode);
        return found.filter((each) => each.parentElement.checkVisibility());
    };
    return [...document.querySelectorAll(tiles)].filter((tile) => tile.checkVisibility()).flatMap((tile) => {
        const box = tile.getBoundingClientRect();
        return texts(tile).filter((text) => {
            const range = document.createRange();
            range.selectNodeContents(text);
            return [...range.getClientRects()].some(({left, right}) =>
                left - box.left - tile.clientLeft < least || box.right - tile.clientLeft - right < least);
        }).map((text) => `${tile.className || tile.tagName}: ${text.data.trim()}`);
    });
}"""


def words_at_a_border(page: Page, tiles: str, least: int) -> list[str]:
    """Words that are nearer than so many pixels to the left or right border of the tile they are in."""
    return list(page.evaluate(_AT_A_BORDER, [tiles, least]))


_CUT_OFF = """([fields, text]) => [...document.querySelectorAll(fields)]
    .filter((field) => field.checkVisibility())
    .map((field) => {
        const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
        // Not as one: with tabular figures it cannot be written so.
        pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        return [field, pen.measureText(text).width, room];
    })
    .filter(([, needed, room]) => needed > room)
    .map(([field, needed, room]) => `${field.id} has ${Math.round(room)} px for ${Math.round(needed)}`)"""


def cut_off(page: Page, fields: str, text: str) -> list[str]:
    """Visible fields in which such a text could not be read whole."""
    return list(page.evaluate(_CUT_OFF, [fields, text]))
