// A frame in the photo: pull its corners, or move them with the arrow keys, and only what it
// holds is searched with. Sent as left,top,width,height in fractions of the photo.
const STEP = 0.03;
const SMALLEST = 0.1;

const form = document.getElementById("search-form");
const field = document.getElementById("id_box");
const preview = document.getElementById("preview");
const crop = document.getElementById("crop");
const hint = document.getElementById("crop-hint");
const box = { left: 0, top: 0, right: 1, bottom: 1 };
let waiting;

function draw() {
  const inset = [box.top, 1 - box.right, 1 - box.bottom, box.left];
  preview.style.setProperty("--frame", inset.map((part) => `${part * 100}%`).join(" "));
  const parts = [box.left, box.top, box.right - box.left, box.bottom - box.top];
  const whole = parts[2] > 0.99 && parts[3] > 0.99;
  field.value = whole ? "" : parts.map((part) => part.toFixed(4)).join(",");
}

function move(side, value) {
  const first = side === "left" || side === "top";
  const other = box[{ left: "right", right: "left", top: "bottom", bottom: "top" }[side]];
  box[side] = first ? Math.min(Math.max(value, 0), other - SMALLEST) : Math.max(Math.min(value, 1), other + SMALLEST);
}

function search() {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(), 350);
}

for (const handle of crop.querySelectorAll(".crop-handle")) {
  const [x, y] = handle.dataset.corner.split(" ");
  handle.addEventListener("pointerdown", (event) => {
    clearTimeout(waiting);
    handle.focus(); // not every browser does so by itself
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const photo = preview.getBoundingClientRect();
    move(x, (event.clientX - photo.left) / photo.width);
    move(y, (event.clientY - photo.top) / photo.height);
    draw();
  });
  handle.addEventListener("lostpointercapture", search);
  handle.addEventListener("keydown", (event) => {
    const sides = { ArrowLeft: [x, -STEP], ArrowRight: [x, STEP], ArrowUp: [y, -STEP], ArrowDown: [y, STEP] };
    const [side, by] = sides[event.key] ?? [];
    if (!side) return;
    event.preventDefault();
    move(side, box[side] + by);
    draw();
    search();
  });
}

form.addEventListener("photo:changed", () => {
  clearTimeout(waiting);
  Object.assign(box, { left: 0, top: 0, right: 1, bottom: 1 });
  crop.hidden = hint.hidden = true;
  draw();
});
form.addEventListener("photo:shown", () => {
  crop.hidden = hint.hidden = false;
});
// The frame as it was, of a photo that was searched with.
form.addEventListener("crop:restore", ({ detail }) => {
  const [left, top, width, height] = detail.split(",").map(Number);
  Object.assign(box, { left, top, right: left + width, bottom: top + height });
  draw();
});
// A part that was proposed and taken; from then on it is a frame like any other.
form.addEventListener("crop:take", ({ detail }) => {
  Object.assign(box, detail);
  draw();
  search();
});
