// A product's photos: small ones and buttons bring a large one into view without moving the page; a
// click shows it on the full screen.
import { mark, zoomable } from "./zoom.js";

const gallery = document.getElementById("gallery");
const photos = [...document.querySelectorAll("[data-enlarge]")];
const thumbs = [...document.querySelectorAll("#thumbs a")];
const steps = [...document.querySelectorAll("[data-step]")];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const shown = () => Math.round(gallery.scrollLeft / gallery.clientWidth);

function show(index, behavior = calm.matches ? "auto" : "smooth") {
  gallery.scrollTo({ left: index * gallery.clientWidth, behavior });
}

function tell() {
  const now = shown();
  thumbs.forEach((thumb, index) => {
    if (index === now) thumb.setAttribute("aria-current", "true");
    else thumb.removeAttribute("aria-current");
  });
  for (const step of steps) {
    mark(step, now === (step.dataset.step < 0 ? 0 : photos.length - 1));
  }
}

thumbs.forEach((thumb, index) => {
  thumb.addEventListener("click", (event) => {
    event.preventDefault();
    show(index);
  });
});

for (const step of steps) {
  step.hidden = false;
  step.addEventListener("click", () => {
    const to = shown() + Number(step.dataset.step);
    if (to >= 0 && to < photos.length) show(to);
  });
}

gallery.addEventListener("scroll", tell);
tell();

const open = zoomable(photos, (index) => {
  show(index, "instant");
  photos[index].focus({ preventScroll: true });
});

photos.forEach((photo, index) => {
  photo.setAttribute("role", "button");
  photo.setAttribute("aria-haspopup", "dialog");
  photo.addEventListener("click", (event) => {
    // Who asks for another tab gets the picture there.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(index);
  });
  photo.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    open(index);
  });
});
