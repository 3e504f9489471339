"""Whether a person who uses the keyboard sees where they are, by walking through the page with Tab."""

from playwright.sync_api import Page

# The look of an element and of what may show its focus in its place: its label, what stands around it.
_REMEMBER = """() => {
    const look = (element) => {
        const near = [element, ...(element.labels ?? []), element.nextElementSibling];
        for (let box = element.parentElement, n = 0; box && n < 3; box = box.parentElement, n++) near.push(box);
        return near.filter(Boolean).flatMap((each) => ["", "::before", "::after"].map((part) => {
            const s = getComputedStyle(each, part || null);
            return [s.outlineStyle === "none" ? "" : s.outline, s.boxShadow, s.borderColor, s.backgroundColor,
                s.textDecorationLine, s.opacity, s.filter].join("|");
        })).join("\\n");
    };
    const wanted = "a[href], button, input, select, textarea, summary, [tabindex]";
    window.looks = new Map([...document.querySelectorAll(wanted)].map((each) => [each, look(each)]));
    window.lookOf = look;
    window.passed = new Set();
}"""
_HERE = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return {end: true};
    const again = window.passed.has(element);
    window.passed.add(element);
    const name = element.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
    const seen = !window.looks.has(element) || window.looks.get(element) !== window.lookOf(element);
    // Of what is hidden for eyes, its label stands in its place.
    const boxes = [element, ...(element.labels ?? [])].map((each) => [each, each.getBoundingClientRect()]);
    const covered = !boxes.some(([box, {left, top, width, height}]) =>
        [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].some(([x, y]) => {
            const hit = document.elementFromPoint(left + width * x, top + height * y);
            // What the person has opened over it, Escape closes.
            if (hit?.closest(":popover-open")) return true;
            return hit && (box.contains(hit) || hit.contains(box) || (hit.labels ?? hit.closest("label"))?.control === element);
        }));
    return {again, name, seen, covered};
}"""
_MOST = 150


def lost_focus(page: Page) -> list[str]:
    """Elements on which the focus cannot be seen, or lies wholly under something else."""
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    page.evaluate(_REMEMBER)
    found = []
    for _step in range(_MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(_HERE)
        if here.get("end") or here["again"]:
            break
        if not here["seen"]:
            found.append(f"focus cannot be seen: {here['name']}")
        if here["covered"]:
            found.append(f"focus is covered: {here['name']}")
    return found


def reached(page: Page) -> int:
    """How many elements the last walk came to."""
    return int(page.evaluate("window.passed.size"))
