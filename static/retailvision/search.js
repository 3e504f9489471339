// The search itself: words by GET, photos by POST; what the customer hears and sees meanwhile.
const search = document.getElementById("search");
const form = document.getElementById("search-form");
const results = document.getElementById("results");
const status = document.getElementById("status");
const words = document.getElementById("id_q");
const photo = document.getElementById("id_photo");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function reveal(element) {
  const { top } = element.getBoundingClientRect();
  if (top >= 0 && top < innerHeight / 2) return;
  element.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
}

function show(problem) {
  results.replaceChildren(document.getElementById(`problem-${problem}`).content.cloneNode(true));
}

function fail(problem) {
  show(problem);
  finish();
}

function finish() {
  results.removeAttribute("aria-busy");
  const heading = results.querySelector("h2[tabindex]");
  // Who is still choosing stays where they are, and only hears what came.
  const choosing = document.activeElement.closest(".crop, select");
  status.textContent = choosing && heading ? heading.parentElement.innerText : "";
  if (choosing) return;
  heading?.focus({ preventScroll: true }); // a problem has none: it is an alert, read out as it is
  reveal(heading?.parentElement ?? results);
}

form.addEventListener("htmx:configRequest", ({ detail }) => {
  if (photo.files[0] || !words.value.trim()) return;
  // Words alone have an address that can be kept and shared.
  detail.verb = "get";
  detail.useUrlParams = true;
  const category = document.getElementById("id_category").value;
  detail.parameters = { q: words.value.trim(), ...(category && { category }) };
});

form.addEventListener("htmx:beforeSend", () => {
  search.classList.add("is-asked");
  results.setAttribute("aria-busy", "true");
  status.textContent = status.dataset.searching;
});

results.addEventListener("htmx:beforeSwap", ({ detail }) => {
  // Whatever is none of our answers (a proxy's page, a crash) is not shown as one.
  detail.shouldSwap = detail.serverResponse.includes("data-answer");
  detail.isError = false;
  detail.ignoreTitle = true;
  if (!detail.shouldSwap) show("server");
});
// What was said of an answer is read out: it is swapped in where nobody listens yet.
results.addEventListener("htmx:afterSwap", () => {
  const said = results.querySelector("[data-testid='feedback-says'] .icon");
  if (said) status.textContent = said.parentElement.innerText;
});
form.addEventListener("htmx:afterOnLoad", finish); // not earlier: what waits is not shown
form.addEventListener("htmx:sendError", () => fail(navigator.onLine ? "server" : "offline"));
form.addEventListener("htmx:timeout", () => fail("server"));
form.addEventListener("photo:too-large", () => fail("too-large"));

document.getElementById("id_category").addEventListener("change", () => {
  const asked = search.classList.contains("is-asked");
  if (asked && (photo.files[0] || words.value.trim())) form.requestSubmit();
});
