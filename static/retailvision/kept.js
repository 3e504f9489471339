// Back from a product's page, the answer to a photo stands as it was, with the frame and with what was
// said of it: nothing is asked again. The answer is kept with its entry of the browser's history; the
// photo, which browsers forget once it was made smaller, in this tab, until the tab is closed.
const PHOTO = "photo-searched-with";
const LARGEST = 3_000_000;

const form = document.getElementById("search-form");
const input = document.getElementById("id_photo");
const search = document.getElementById("search");
const results = document.getElementById("results");
let stored;

function keep() {
  const file = input.files[0];
  const answer = file && results.querySelector("[data-answer]") ? results.innerHTML : "";
  try {
    history.replaceState({ ...history.state, kept: answer && { answer, box: form.elements.box.value } }, "");
    if (answer && file !== stored) store(file);
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
form.addEventListener("photo:changed", () => {
  if (input.files[0]) return;
  stored = undefined;
  sessionStorage.removeItem(PHOTO);
  history.replaceState({ ...history.state, kept: "" }, "");
});

form.addEventListener("photo:back", (event) => {
  const kept = history.state?.kept;
  if (!kept) return;
  event.preventDefault(); // no search
  if (!input.files[0]) photoAgain();
  stored = input.files[0];
  search.classList.add("is-asked");
  results.innerHTML = kept.answer; // our own, as the site sent it
  window.htmx?.process(results);
  results.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  if (!kept.box || !stored) return;
  const restore = () => form.dispatchEvent(new CustomEvent("crop:restore", { detail: kept.box }));
  form.addEventListener("photo:changed", restore, { once: true });
});
