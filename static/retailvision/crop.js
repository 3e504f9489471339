// A frame in the photo: pull its corners, or all of it, or move them with the arrow keys, and only what
// it holds is searched with. Sent as left,top,width,height in fractions of the photo.
const STEP = 0.03;
const SMALLEST = 0.1;

const form = document.getElementById("search-form");
const field = document.getElementById("id_box");
const preview = document.getElementById("preview");
const crop = document.getElementById("crop");
const frame = crop.querySelector(".crop-frame");
const hint = document.getElementById("crop-hint");
const box = { left: 0, top: 0, right: 1, bottom: 1 };
let waiting;

function draw() {
  const inset = [box.top, 1 - box.right, 1 - box.bottom, box.left];
  preview.style.setProperty("--frame", inset.map((part) => `${part * 100}%`).join(" "));
  const parts = [box.left, box.top, box.right - box.left, box.bottom - box.top];
  const whole = parts[2] > 0.99 && parts[3] > 0.99;
  frame.hidden = whole; // there is nowhere to move it
  field.value = whole ? "" : parts.map((part) => part.toFixed(4)).join(",");
}

function move(side, value) {
  const first = side === "left" || side === "top";
  const other = box[{ left: "right", right: "left", top: "bottom", bottom: "top" }[side]];
  box[side] = first ? Math.min(Math.max(value, 0), other - SMALLEST) : Math.max(Math.min(value, 1), other + SMALLEST);
}

// All of the frame, which keeps its size.
function shift(across, down) {
  across = Math.min(Math.max(across, -box.left), 1 - box.right);
  down = Math.min(Math.max(down, -box.top), 1 - box.bottom);
  box.left += across;
  box.right += across;
  box.top += down;
  box.bottom += down;
}

function search() {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(), 350);
}

// `pull`: what a pointer at this place of the photo does, moved so far since it was put down. `step`: what
// an arrow key does.
function handle(button, pull, step) {
  let last, moved;
  const place = (event) => {
    const photo = preview.getBoundingClientRect();
    return [(event.clientX - photo.left) / photo.width, (event.clientY - photo.top) / photo.height];
  };
  button.addEventListener("pointerdown", (event) => {
    clearTimeout(waiting);
    button.focus(); // not every browser does so by itself
    button.setPointerCapture(event.pointerId);
    last = place(event);
    moved = false;
  });
  button.addEventListener("pointermove", (event) => {
    if (!button.hasPointerCapture(event.pointerId)) return;
    const now = place(event);
    pull(now, [now[0] - last[0], now[1] - last[1]]);
    last = now;
    moved = true;
    draw();
  });
  button.addEventListener("lostpointercapture", () => {
    if (moved) search();
  });
  button.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const by = ways[event.key];
    if (!by) return;
    event.preventDefault();
    step(...by);
    draw();
    search();
  });
}

for (const corner of crop.querySelectorAll(".crop-handle")) {
  const [x, y] = corner.dataset.corner.split(" ");
  const pull = ([across, down]) => {
    move(x, across);
    move(y, down);
  };
  handle(corner, pull, (across, down) => pull([box[x] + across, box[y] + down]));
}
handle(frame, (_place, by) => shift(...by), shift);

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
