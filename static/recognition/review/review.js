// Keys of the review: what has data-key is pressed (or, a field, entered) by it. A page is sent once.
const page = document.querySelector(".review");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.focus();
  else target.click();
});

document.addEventListener("submit", (event) => {
  if (page?.classList.contains("is-sent")) event.preventDefault();
  else if (event.target.method === "post") page?.classList.add("is-sent");
});

// Back in the history shows the page as it was left.
window.addEventListener("pageshow", () => page?.classList.remove("is-sent"));
