// Fingers, pen and mouse on the stage, told as what they mean: drag, pinch, toggle (a click, or a double
// tap) and flick (a stroke of one finger that has ended).
const STILL = 8; // pixels within which a press is no drag
const DOUBLE_TAP_MS = 320;

export function pointers(stage, { drag, pinch, toggle, flick }) {
  const down = new Map();
  let begun; // where the first pointer went down
  let moved = 0;
  let lastTap = { time: 0, x: 0, y: 0 };

  const inside = ({ clientX, clientY }) => {
    const { left, top } = stage.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const apart = ([one, two]) => Math.hypot(one.x - two.x, one.y - two.y);
  const middle = ([one, two]) => ({ x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 });

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, inside(event));
    if (down.size === 1) {
      begun = inside(event);
      moved = 0;
    } else moved = Infinity; // no tap, and no flick
  });

  stage.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const before = [...down.values()];
    const from = down.get(event.pointerId);
    const to = inside(event);
    down.set(event.pointerId, to);
    if (down.size === 1) {
      moved = Math.max(moved, Math.hypot(to.x - begun.x, to.y - begun.y));
      if (moved <= STILL) return;
      stage.classList.add("is-held");
      drag(to.x - from.x, to.y - from.y);
    } else if (down.size === 2) {
      const now = [...down.values()];
      stage.classList.add("is-held");
      const [old, here] = [middle(before), middle(now)];
      drag(here.x - old.x, here.y - old.y);
      pinch(apart(now) / (apart(before) || 1), here.x, here.y);
    }
  });

  function tap(event, { x, y }) {
    if (event.pointerType === "mouse") return toggle(x, y);
    const near = Math.hypot(x - lastTap.x, y - lastTap.y) < 4 * STILL;
    if (near && event.timeStamp - lastTap.time < DOUBLE_TAP_MS) {
      lastTap = { time: 0, x: 0, y: 0 };
      toggle(x, y);
    } else lastTap = { time: event.timeStamp, x, y };
  }

  stage.addEventListener("pointerup", (event) => {
    if (!down.delete(event.pointerId)) return;
    if (down.size) return;
    stage.classList.remove("is-held");
    const end = inside(event);
    if (moved <= STILL) tap(event, end);
    else if (moved < Infinity) flick(end.x - begun.x, end.y - begun.y);
  });

  stage.addEventListener("pointercancel", (event) => {
    down.delete(event.pointerId);
    if (!down.size) stage.classList.remove("is-held");
  });

  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const { x, y } = inside(event);
      pinch(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), x, y);
    },
    { passive: false },
  );
}
