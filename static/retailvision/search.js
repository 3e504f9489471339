// A list of products: asked for by a form, or by links in it; what people hear and see meanwhile.
// Words and filters go by GET, so that an answer has an address; photos by POST.
const search = document.getElementById("search");
const form = document.getElementById("search-form");
const results = document.getElementById("results");
const status = document.getElementById("status");
const words = document.getElementById("id_q");
const photo = document.getElementById("id_photo"); // not on a category's page
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const AGAIN = 409; // the site needs the photo itself once more

function reveal(element) {
  const { top } = element.getBoundingClientRect();
  if (top >= 0 && top < innerHeight / 2) return;
  element.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
}

function show(problem) {
  results.replaceChildren(document.getElementById(`problem-${problem}`).content.cloneNode(true));
}

// Whether what the answer says first has been read: the question below waits for it.
function tellPast() {
  const first = results.querySelector(".verdict") ?? results.querySelector(".answer-head");
  results.classList.toggle("is-past", Boolean(first && first.getBoundingClientRect().bottom < 0));
}
addEventListener("scroll", tellPast, { passive: true });

function fail(problem) {
  show(problem);
  finish();
}

function finish() {
  search.classList.remove("is-refining");
  results.removeAttribute("aria-busy");
  const heading = results.querySelector("h2[tabindex]");
  const count = results.querySelector("[data-count]");
  // Who is still choosing stays where they are, and only hears what came.
  const choosing = document.activeElement.closest(".crop, select, .filters");
  const said = choosing ? [heading, count] : [count]; // the heading is read as it gets the focus
  status.textContent = said.filter(Boolean).map((each) => each.innerText.trim()).join(", ");
  if (choosing) return;
  heading?.focus({ preventScroll: true }); // a problem has none: it is an alert, read out as it is
  // From what is said first: that a model stands in for another, what it is, what the barcode names.
  const first = document.querySelector(".notice-fallback") ?? results.querySelector(".verdict, .notice");
  reveal(first ?? heading?.parentElement ?? results);
}

// The photo as the site saw it before, which spares sending it; gone once another part is framed.
function seen() {
  const token = document.getElementById("seen");
  return token && photo?.files[0] && token.dataset.box === form.elements.box.value ? token : null;
}

search.addEventListener("htmx:configRequest", (event) => {
  const { detail } = event;
  const sent = detail.formData;
  if (photo?.files[0] || sent.get("seen")) {
    if (detail.verb === "post") sent.delete(seen() || !photo?.files[0] ? "photo" : "seen");
    return;
  }
  if (detail.elt !== form) return;
  detail.verb = "get";
  detail.useUrlParams = true;
  const idle = ["csrfmiddlewaretoken", "photo", "seen", "box", "page"];
  for (const name of new Set(sent.keys())) {
    const values = new Set(sent.getAll(name).map((value) => String(value).trim()).filter(Boolean));
    sent.delete(name);
    if (idle.includes(name)) continue;
    // A button stands behind the field whose value it replaces.
    for (const value of name === "category" ? [...values].slice(-1) : values) sent.append(name, value);
  }
  if (!photo || [...sent.keys()].length) return;
  event.preventDefault();
  location.assign(form.action); // nothing is asked any more: begin anew
});

// What is asked of #results, be it by the form, by a filter or by a link in it.
const asks = ({ detail }) => detail.target === results;

search.addEventListener("htmx:beforeSend", (event) => {
  if (!asks(event)) return;
  const { elt } = event.detail;
  const refines = results.querySelector("[data-answer]") && (elt !== form || document.activeElement.closest(".filters, #results"));
  search.classList.add("is-asked");
  search.classList.toggle("is-refining", Boolean(refines));
  results.setAttribute("aria-busy", "true");
  status.textContent = status.dataset.searching;
});

search.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  detail.isError = false;
  detail.ignoreTitle = true;
  if (!asks(event)) {
    // Further pages and numbers come or they do not; what stands there stays.
    detail.shouldSwap = detail.xhr.status === 200;
    return;
  }
  if (detail.xhr.status === AGAIN && photo?.files[0]) {
    document.getElementById("seen")?.remove();
    detail.shouldSwap = false;
    setTimeout(() => form.requestSubmit());
    return;
  }
  // Whatever is none of our answers (a proxy's page, a crash) is not shown as one.
  detail.shouldSwap = detail.serverResponse.includes("data-answer");
  if (!detail.shouldSwap) show("server");
});

// What was said of an answer is read out: it is swapped in where nobody listens yet.
results.addEventListener("htmx:afterSwap", ({ target }) => {
  const said = results.querySelector("[data-testid='feedback-says'] .icon");
  if (said) status.textContent = said.parentElement.innerText;
  // Further products: on to the first of them.
  if (!target.matches?.("ol[data-added]")) return;
  const first = target.querySelector("a");
  const shown = results.querySelector("[data-shown]");
  first?.focus({ preventScroll: target.dataset.added === "before" });
  status.textContent = shown ? shown.innerText : "";
});
search.addEventListener("htmx:afterOnLoad", (event) => {
  if (asks(event)) finish(); // not earlier: what waits is not shown
});
// Safari breaks off what is under way just before it leaves the page, and keeps the page: who comes back
// to it has an answer due, and no failure.
let failed = -Infinity;
let isDue = false;
addEventListener("pagehide", () => {
  isDue = performance.now() - failed < 1000;
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && isDue) form.requestSubmit();
});
search.addEventListener("htmx:sendError", (event) => {
  if (!asks(event)) return;
  failed = performance.now();
  fail(navigator.onLine ? "server" : "offline");
});
search.addEventListener("htmx:timeout", (event) => {
  if (asks(event)) fail("server");
});
form.addEventListener("photo:too-large", () => fail("too-large"));

// Another photo is another question; what is known of the last one is no answer to it.
form.addEventListener("photo:changed", () => document.getElementById("seen")?.remove());

results.addEventListener("change", ({ target }) => {
  if (target.id === "sort") form.requestSubmit();
});
