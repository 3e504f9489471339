// Where the clerk is: remembered for the page without a connection, and asked about before they log out.
import { PLACE, forgetPlace } from "./leave.js";
import { entries } from "./queue.js";

const page = document.querySelector("[data-place]").dataset;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(PLACE)) ?? {};
  } catch {
    return {};
  }
}

function remember() {
  const before = remembered();
  const mine = before.user === page.user ? before : {};
  const place = { ...mine, user: page.user, person: page.person };
  if (page.storeName) {
    // What may be done here is said by the first page of a store; others leave it at that.
    const isSame = mine.store?.name === page.storeName;
    if (!isSame) delete place.count;
    place.store = { name: page.storeName, book: page.bookUrl ?? (isSame ? mine.store.book : undefined) };
  }
  if (page.countUrl) place.count = { name: page.countName.trim(), url: page.countUrl };
  else if ("countOver" in page) delete place.count;
  try {
    localStorage.setItem(PLACE, JSON.stringify(place));
  } catch {
    // Then the page without a connection offers nothing to enter.
  }
}

remember();

// Over plain HTTP browsers have none; the pages work as well, but not without a connection.
const { serviceWorker } = navigator;
serviceWorker?.register(page.worker, { scope: page.scope }).catch(() => {});
serviceWorker?.ready.then(({ active }) => serviceWorker.controller || active.postMessage("claim"));

const dialog = document.getElementById("log-out");
// The page's own way out, and the one of the dialog that asks: either forgets whose phone it is.
for (const form of document.querySelectorAll("[data-log-out]")) {
  form.addEventListener("submit", (event) => {
    if (entries().length && !dialog.open) {
      event.preventDefault();
      return dialog.showModal();
    }
    forgetPlace();
  });
}
dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
