// The search itself: words by GET, photos by POST; what the customer hears and sees meanwhile.
const search = document.getElementById("search");
const form = document.getElementById("search-form");
const results = document.getElementById("results");
const status = document.getElementById("status");
const photo = document.getElementById("id_photo");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function reveal(element) {
  const { top, bottom } = element.getBoundingClientRect();
  if (top >= 0 && bottom <= innerHeight * 0.8) return;
  element.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
}

function fail(problem) {
  results.replaceChildren(document.getElementById(`problem-${problem}`).content.cloneNode(true));
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
  reveal(results.firstElementChild);
}

form.addEventListener("htmx:configRequest", ({ detail }) => {
  const words = document.getElementById("id_q").value.trim();
  if (photo.files[0] || !words) return;
  // Words alone have an address that can be kept and shared.
  detail.verb = "get";
  detail.useUrlParams = true;
  const category = document.getElementById("id_category").value;
  detail.parameters = category ? { q: words, category } : { q: words };
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
  if (!detail.shouldSwap) fail("server");
});
results.addEventListener("htmx:afterSwap", finish);
form.addEventListener("htmx:sendError", () => fail(navigator.onLine ? "server" : "offline"));
form.addEventListener("htmx:timeout", () => fail("server"));
form.addEventListener("photo:too-large", () => fail("too-large"));

document.getElementById("id_category").addEventListener("change", () => {
  if (search.classList.contains("is-asked")) form.requestSubmit();
});
