// Where the product may be, as the encoder sees it: marked in the photo, and searched with only if
// the person says so. Asked for after the search, which it must not hold up.
const form = document.getElementById("search-form");
const input = document.getElementById("id_photo");
const mark = document.getElementById("proposal");
const accept = document.getElementById("proposal-accept");
let turn = 0;
let proposed;

function hide() {
  proposed = undefined;
  mark.hidden = accept.hidden = true;
}

function show([left, top, width, height]) {
  proposed = { left, top, right: left + width, bottom: top + height };
  const inset = [top, 1 - proposed.right, 1 - proposed.bottom, left];
  mark.style.setProperty("--proposal", inset.map((part) => `${Math.max(part, 0) * 100}%`).join(" "));
  mark.hidden = accept.hidden = false;
}

async function propose() {
  const file = input.files[0];
  if (!file || !form.dataset.boxAddress || form.elements.box.value) return;
  const mine = ++turn;
  const body = new FormData();
  body.append("image", file);
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value); // asked of who has logged in
  try {
    const answer = await fetch(form.dataset.boxAddress, { method: "POST", body });
    if (!answer.ok || mine !== turn) return;
    const { box } = await answer.json();
    if (box && mine === turn && !form.elements.box.value) show(box.split(",").map(Number));
  } catch {
    // Nobody asked for it: nothing is missing.
  }
}

let waiting = false;
form.addEventListener("photo:changed", () => {
  turn += 1;
  hide();
  waiting = true;
});
form.addEventListener("htmx:afterOnLoad", () => {
  if (form.elements.box.value) hide(); // a frame was chosen
  if (waiting) propose();
  waiting = false;
});
accept.addEventListener("click", () => {
  const part = proposed;
  hide();
  document.querySelector(".crop-handle").focus(); // the button is gone, and the frame can be moved
  form.dispatchEvent(new CustomEvent("crop:take", { detail: part }));
});
