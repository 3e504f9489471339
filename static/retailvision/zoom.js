// One photo on the full screen: zoomed by pinch, double tap, click, wheel, buttons or keys, and moved by
// dragging or by the arrow keys.
import { pointers } from "./zoom-pointers.js";

const MOST = 6;
const TAP = 2.5; // by a click or a double tap: enough to read what is written on a pack
const SWIPE = 50;
const COARSEST = 1.5; // points of the screen for a pixel, up to which a small photo fills it
const STEP = 0.15; // of the window, for one press of an arrow key

// A button that can do nothing now. Not `disabled`, which would throw the focus away.
export function mark(button, idle) {
  if (idle) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

// Makes the dialog show these photos; the answer opens it at one of them. `closed` hears which was shown.
export function zoomable(photos, closed) {
  const dialog = document.getElementById("zoom");
  if (!dialog) return () => {};
  const find = (name) => dialog.querySelector(`[data-zoom-${name}]`);
  const all = (name) => [...dialog.querySelectorAll(`[data-zoom-${name}]`)];
  const stage = find("stage");
  const level = find("level");
  const sheets = all("photo");
  let index = 0;
  let image;
  let at = { scale: 1, x: 0, y: 0 };

  const box = () => stage.getBoundingClientRect();

  // The size of the photo as it fits into the stage, and its scale. By its attributes: what the browser
  // chose of a `srcset` says another size.
  function fitted() {
    const [width, height] = ["width", "height"].map((name) => Number(image.getAttribute(name)));
    const scale = Math.min(box().width / width, box().height / height) || 1;
    return { width: width * scale, height: height * scale, scale };
  }

  // As far as the photo has pixels, but always far enough to see something larger.
  function most() {
    return Math.min(MOST, Math.max(TAP, 2 / (fitted().scale * devicePixelRatio)));
  }

  // Points of the screen for a pixel on the page that the dialog lies over: nothing shrinks by being enlarged.
  function onPage() {
    const page = photos[index].querySelector("img").getBoundingClientRect();
    return Math.min(page.width / image.getAttribute("width"), page.height / image.getAttribute("height"));
  }

  const least = () => Math.min(1, Math.max(COARSEST, onPage()) / fitted().scale);
  const bounded = (scale) => Math.min(Math.max(scale, least()), most());
  const isEnlarged = () => at.scale > least();

  // Where a photo of this length lies in a stage of this size: in its middle, or without a gap.
  function kept(offset, size, length, scale) {
    const spare = (size - length) / 2;
    const least = size - (spare + length) * scale;
    const largest = -spare * scale;
    if (length * scale <= size) return (size - size * scale) / 2;
    return Math.min(largest, Math.max(least, offset));
  }

  function place(scale, x, y) {
    at = {
      scale,
      x: kept(x, box().width, fitted().width, scale),
      y: kept(y, box().height, fitted().height, scale),
    };
    image.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
    stage.classList.toggle("is-enlarged", isEnlarged());
    level.value = `${Math.round((at.scale / least()) * 100)}%`;
    for (const button of all("by")) {
      mark(button, button.dataset.zoomBy > 1 ? at.scale >= most() : !isEnlarged());
    }
  }

  // What lies under a point of the stage stays there.
  function zoom(scale, x = box().width / 2, y = box().height / 2) {
    const by = bounded(scale) / at.scale;
    place(bounded(scale), x - (x - at.x) * by, y - (y - at.y) * by);
  }

  const move = (x, y) => place(at.scale, at.x + x, at.y + y);

  function show(to) {
    if (to < 0 || to >= sheets.length) return;
    index = to;
    const sheet = sheets[index].content.cloneNode(true);
    image = sheet.querySelector("img");
    find("number").textContent = sheets.length > 1 ? sheets[index].dataset.number : "";
    for (const button of all("step")) {
      mark(button, index === (button.dataset.zoomStep < 0 ? 0 : sheets.length - 1));
    }
    // Until the large one is there, the one that the page has shown.
    const small = photos[index].querySelector("img")?.currentSrc;
    if (small) image.style.backgroundImage = `url("${small}")`;
    image.addEventListener("load", ({ target }) => {
      target.style.backgroundImage = "";
    });
    place(least(), 0, 0); // before it is there, or it would glide to its place
    stage.replaceChildren(sheet);
  }

  for (const button of all("by")) {
    button.addEventListener("click", () => zoom(at.scale * button.dataset.zoomBy));
  }
  for (const button of all("step")) {
    button.addEventListener("click", () => show(index + Number(button.dataset.zoomStep)));
  }

  pointers(stage, {
    drag: (x, y) => isEnlarged() && move(x, y),
    pinch: (by, x, y) => zoom(at.scale * by, x, y),
    toggle: (x, y) => zoom(isEnlarged() ? 0 : TAP, x, y),
    flick: (x, y) => !isEnlarged() && Math.abs(x) > Math.max(SWIPE, Math.abs(y)) && show(index - Math.sign(x)),
  });

  const arrows = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key];
    if (event.key === "+" || event.key === "=") zoom(at.scale * 1.5);
    else if (event.key === "-") zoom(at.scale / 1.5);
    else if (event.key === "0") zoom(0);
    else if (event.key === "PageUp") show(index - 1);
    else if (event.key === "PageDown") show(index + 1);
    else if (arrow && isEnlarged()) move(arrow[0] * STEP * box().width, arrow[1] * STEP * box().height);
    else if (arrow && arrow[0]) show(index - arrow[0]);
    else return;
    event.preventDefault();
  });
  addEventListener("resize", () => dialog.open && place(bounded(at.scale), at.x, at.y));
  dialog.addEventListener("close", () => {
    stage.replaceChildren();
    closed(index);
  });

  return (to) => {
    dialog.showModal();
    show(to);
  };
}
