// The page without a connection: whose phone it is and where they were, as the last page remembered.
import { waits } from "./queue.js";

const page = document.getElementById("offline");
const form = page.querySelector("form[data-keep]");

let place = {};
try {
  place = JSON.parse(localStorage.getItem("retailvision.place")) ?? {};
} catch {
  // Then there is nothing to enter, and nothing that waits is shown.
}

document.getElementById("unsent").dataset.user = place.user ?? "";
page.querySelector("[data-nobody]").hidden = Boolean(place.user);
page.querySelector("[data-try]").addEventListener("click", () => location.reload());

function offer(name, url, where) {
  const radio = form.querySelector(`[value=${name}]`);
  radio.closest("label").hidden = radio.disabled = !url;
  radio.dataset.url = url ?? "";
  radio.dataset.listed = radio.dataset.listed.replace("%where%", where ?? "");
  const label = radio.closest("label").querySelector("[data-where]");
  if (label) label.textContent = where ?? "";
}

offer("sell", place.store?.book);
offer("receive", place.store?.book);
offer("count", place.count?.url, place.count?.name);
const first = form.querySelector("[name=book]:not(:disabled)");
page.querySelector("[data-enter]").hidden = !place.user || !first;
if (first) first.checked = true;
page.querySelector("[data-store]").textContent = place.store?.name ?? "";
// Who was counting goes on with it.
if (place.count && location.pathname.includes("/counts/")) form.querySelector("[value=count]").checked = true;

// What was scanned, or whose page was asked for, is in the address already.
function askedFor() {
  const query = new URLSearchParams(location.search).get("q"); // which is decoded by that
  const inPath = location.pathname.match(/\/products\/([^/]+)\/$/)?.[1] ?? "";
  try {
    return query ?? decodeURIComponent(inPath);
  } catch {
    return inPath;
  }
}
const asked = askedFor();
if (asked) form.elements.code.value = asked;
form.elements[asked ? "quantity" : "code"].focus();
form.elements.code.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return; // a scanner's
  event.preventDefault();
  form.elements.quantity.focus();
  form.elements.quantity.select();
});

// Back again: where nothing is being entered, straight to the page that was asked for.
function back() {
  const isUntouched = !form.elements.code.value || form.classList.contains("is-kept");
  if ((isUntouched || page.querySelector("[data-enter]").hidden) && !waits()) location.reload();
}

addEventListener("online", () => setTimeout(back, 500));
let isBack = false;
document.addEventListener("queue:sent", () => {
  isBack = true;
});
document.addEventListener("queue:changed", () => {
  if (isBack) back();
});
