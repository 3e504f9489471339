// A hand scanner types a code and Enter, wherever the focus is: that finds the product.
const FASTEST_TYPIST_MS = 80; // between two keys; scanners need less
const SHORTEST = 4;

const url = document.querySelector("[data-scan-url]")?.dataset.scanUrl;
let typed = "";
let last = 0;

addEventListener("keydown", (event) => {
  if (!url || event.ctrlKey || event.metaKey || event.altKey) return;
  // What has the focus takes the code itself.
  if (event.target.closest?.("input, select, textarea, dialog[open]")) return;
  if (event.timeStamp - last > FASTEST_TYPIST_MS) typed = "";
  last = event.timeStamp;
  if (event.key.length === 1) typed += event.key;
  if (event.key !== "Enter") return;
  if (typed.length >= SHORTEST) {
    event.preventDefault(); // or a button with the focus would be pressed
    location.assign(`${url}?${new URLSearchParams({ q: typed })}`);
  }
  typed = "";
});
