// Back from a product's page, the answer to a photo stands as it was, with the frame and with what was
// said of it, and so does a list of several pages: nothing is asked again. It is kept with its entry of
// the browser's history; the photo, which browsers forget once it was made smaller, in this tab, until
// the tab is closed.
const PHOTO = "photo-searched-with";
const LARGEST = 3_000_000;

const form = document.getElementById("search-form");
const input = document.getElementById("id_photo");
const search = document.getElementById("search");
const results = document.getElementById("results");
let stored;

function keep() {
  const file = input?.files[0];
  const worth = (file && results.querySelector("[data-photo-answer]")) || results.querySelector("ol[data-added]");
  const kept = worth ? { answer: results.innerHTML, box: form.elements.box?.value ?? "", photo: Boolean(file), top: scrollY } : "";
  try {
    history.replaceState({ ...history.state, kept }, "");
    if (kept && file && file !== stored) store(file);
  } catch {
    // Too much for this browser: it will search anew.
  }
}

function store(file) {
  stored = file;
  sessionStorage.removeItem(PHOTO);
  if (file.size > LARGEST) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    try {
      const data = reader.result.slice(reader.result.indexOf(",") + 1);
      if (file === stored) sessionStorage.setItem(PHOTO, JSON.stringify({ name: file.name, type: file.type, data }));
    } catch {
      // No room: the answer will stand without its photo.
    }
  });
  reader.readAsDataURL(file);
}

function photoAgain() {
  try {
    const { name, type, data } = JSON.parse(sessionStorage.getItem(PHOTO));
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    input.files = transfer.files;
  } catch {
    // It was not kept.
  }
}

// At once, for whoever leaves at once; and again when htmx has written the address, with a state of its own.
results.addEventListener("htmx:afterSwap", keep);
const later = () => setTimeout(keep);
results.addEventListener("htmx:afterSettle", later);
document.body.addEventListener("htmx:pushedIntoHistory", later);
document.body.addEventListener("htmx:replacedInHistory", later);
function forget() {
  stored = undefined;
  sessionStorage.removeItem(PHOTO);
  history.replaceState({ ...history.state, kept: "" }, "");
}

form.addEventListener("photo:changed", () => {
  if (!input?.files[0]) forget();
});
// A link to the page that it stands on leaves the entry of the history as it is: who goes home begins anew.
// With a key held down it opens elsewhere, and this page stays.
document.querySelector(".brand")?.addEventListener("click", ({ currentTarget, ctrlKey, metaKey, shiftKey, altKey }) => {
  if (ctrlKey || metaKey || shiftKey || altKey) return;
  if (currentTarget.href === location.href) forget();
});

function back() {
  const kept = history.state?.kept;
  const [{ type }] = performance.getEntriesByType("navigation");
  // Who loads a list anew wants it as it is now; a photo could not be asked with again.
  if (!kept || (!kept.photo && type !== "back_forward")) return false;
  if (kept.photo && !input.files[0]) photoAgain();
  stored = input?.files[0];
  search.classList.add("is-asked");
  results.innerHTML = kept.answer; // our own, as the site sent it
  window.htmx?.process(results);
  results.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  if (kept.top !== undefined) requestAnimationFrame(() => scrollTo({ top: kept.top, behavior: "instant" }));
  if (kept.box && stored) {
    const restore = () => form.dispatchEvent(new CustomEvent("crop:restore", { detail: kept.box }));
    form.addEventListener("photo:changed", restore, { once: true });
  }
  return true;
}

addEventListener("pagehide", () => {
  if (history.state?.kept) keep(); // with what was said of it just before, and how far it was read
});
// With a photo this is asked by photo.js, which would search with it anew.
form.addEventListener("photo:back", (event) => {
  if (back()) event.preventDefault(); // no search
});
if (!input) {
  addEventListener("pageshow", (event) => {
    if (!event.persisted) back();
  });
}
