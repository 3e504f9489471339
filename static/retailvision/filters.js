// The filters work at once, without their button; on a narrow screen they come up in a sheet.
const form = document.getElementById("search-form");
const results = document.getElementById("results");
const filters = document.getElementById("filters");
const home = document.getElementById("filters-home");
const sheet = document.getElementById("sheet");
const wide = matchMedia("(width >= 64rem)");

// Safari does not focus what is pressed; by the focus it is known who is still choosing.
const focus = ({ target }) => target.closest("a, button, input")?.focus({ preventScroll: true });
filters.addEventListener("click", focus, { capture: true });

filters.addEventListener("change", ({ target }) => {
  if (target.matches("input[name]") && target.name !== "find_store") form.requestSubmit();
});

function open() {
  if (wide.matches || sheet.open) return;
  sheet.append(filters);
  sheet.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-open-filters]")) {
    event.preventDefault();
    open();
  }
  if (event.target.closest("[data-close-sheet]")) sheet.close();
});
// Not with those above: an iPhone tells a tap beside the sheet to the sheet's own listeners only.
sheet.addEventListener("click", ({ target }) => {
  if (target === sheet) sheet.close();
});

// What the button counts is there already.
filters.addEventListener("click", (event) => {
  if (!sheet.open || !event.target.closest("[data-show-products]")) return;
  event.preventDefault();
  sheet.close();
  results.querySelector("h2[tabindex]")?.focus();
});

sheet.addEventListener("close", () => {
  home.append(filters);
  document.querySelector("[data-open-filters]")?.focus({ preventScroll: true });
});
wide.addEventListener("change", () => {
  if (sheet.open) sheet.close();
});

// Numbers that belong to a list come after it. What was unfolded stays so, and who was among the filters
// stays there, also where the one that was pressed is gone.
let unfolded = false;
let among = false;
filters.addEventListener("htmx:beforeSwap", () => {
  unfolded = Boolean(filters.querySelector(".facet-more[open]"));
  among = filters.contains(document.activeElement);
});
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target !== filters) return;
  filters.hidden = false;
  const more = filters.querySelector(".facet-more");
  if (more && unfolded) more.open = true;
  if (among && !filters.contains(document.activeElement)) document.getElementById("filters-title").focus();
  filters.dispatchEvent(new CustomEvent("filters:shown"));
});
