// The photo: chosen, dropped, pasted or taken; shown at once, then searched with.
import { shrink } from "./shrink.js";

const search = document.getElementById("search");
const form = document.getElementById("search-form");
const input = document.getElementById("id_photo");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const preview = document.getElementById("preview-photo");
const fileName = document.getElementById("file-name");
const camera = document.getElementById("camera");
let current = 0;

function show(file) {
  if (preview.src) URL.revokeObjectURL(preview.src);
  drop.classList.toggle("has-photo", Boolean(file));
  chosen.hidden = !file;
  const known = Boolean(file) && preview.hasAttribute("width"); // see measure()
  preview.hidden = !known;
  fileName.textContent = file && !known ? file.name : "";
  if (file) preview.src = URL.createObjectURL(file);
  else preview.removeAttribute("src");
  form.dispatchEvent(new CustomEvent("photo:changed"));
  if (known) form.dispatchEvent(new CustomEvent("photo:shown"));
}

// Some photos, such as HEIC, can be sent but not shown: then their name stands alone.
preview.addEventListener("load", () => {
  preview.hidden = false;
  fileName.textContent = "";
  form.dispatchEvent(new CustomEvent("photo:shown"));
});

function put(file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
}

// Its size is known before it is shown, so that the page is laid out once.
async function measure(file) {
  const photo = new Image();
  photo.src = URL.createObjectURL(file);
  try {
    await photo.decode();
  } catch {
    // It can be sent, not shown.
  }
  URL.revokeObjectURL(photo.src);
  for (const side of ["width", "height"]) {
    if (photo[side]) preview.setAttribute(side, photo[side]);
    else preview.removeAttribute(side);
  }
}

// From the page that asks to the one that answers all at once: for a frame nothing is there, and so
// nothing is seen to jump.
function turnOver(change) {
  const focused = document.activeElement;
  document.body.classList.add("is-turning");
  change();
  search.classList.add("is-asked");
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.body.classList.remove("is-turning");
      if (search.contains(focused) && document.activeElement === document.body) focused.focus({ preventScroll: true });
    }),
  );
}

async function choose(file) {
  const turn = ++current;
  await measure(file);
  if (turn !== current) return;
  turnOver(() => show(file));
  const small = await shrink(file);
  if (turn !== current) return; // another photo was chosen meanwhile
  if (small !== file || input.files[0] !== file) put(small);
  if (small.size > form.dataset.maxMegabytes * 2 ** 20) {
    form.dispatchEvent(new CustomEvent("photo:too-large"));
  } else {
    form.requestSubmit();
  }
}

input.addEventListener("change", () => {
  if (input.files[0]) choose(input.files[0]);
});

document.getElementById("remove").addEventListener("click", () => {
  current += 1;
  input.value = "";
  show(null);
  input.focus();
  // What was found belongs to the photo that is gone: search with what is left, or begin anew.
  if (form.elements.q.value.trim()) form.requestSubmit();
  else if (document.querySelector("#results [data-answer]")) location.assign(form.action);
});

for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // or the browser would leave the page for the photo
    const leaves = type === "dragleave" && event.relatedTarget;
    drop.classList.toggle("is-over", type.startsWith("drage") || type === "dragover" || Boolean(leaves));
    if (type === "drop" && event.dataTransfer.files[0]) choose(event.dataTransfer.files[0]);
  });
}

document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  if (!file) return;
  event.preventDefault();
  choose(file);
});

camera.hidden = !matchMedia("(pointer: coarse)").matches;
camera.addEventListener("click", () => {
  input.capture = "environment";
  input.click();
  input.removeAttribute("capture");
});

// After an answer that was none: see _next_steps.html, which comes and goes.
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-another-photo]")) (camera.hidden ? input : camera).click();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-by-words]")) return;
  event.preventDefault(); // it would be an entry of the history, without the answer: see kept.js
  form.elements.q.focus();
});

// A browser that comes back may have kept the file and not what was found with it: see kept.js.
// What was not kept is searched for anew.
addEventListener("pageshow", (event) => {
  if (event.persisted) return;
  const back = new CustomEvent("photo:back", { cancelable: true });
  if (!form.dispatchEvent(back)) {
    if (input.files[0]) show(input.files[0]);
  } else if (input.files[0]) choose(input.files[0]);
});
