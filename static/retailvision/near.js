// In stock near me: the browser knows where it is, the site says where all of its stores are, and only
// the codes of the near ones are sent. The position itself goes nowhere. Browsers give it to pages that
// nobody on the way can read, and to no others.
import { kilometres } from "./nearby.js";

const form = document.getElementById("search-form");
const filters = document.getElementById("filters");
const PATIENCE = 10_000;
let places;
let said = "";

function offer() {
  const near = filters.querySelector("[data-near]");
  if (near) near.hidden = !(isSecureContext && navigator.geolocation);
}

function position() {
  return new Promise((found, failed) => {
    navigator.geolocation.getCurrentPosition(found, failed, { timeout: PATIENCE, maximumAge: 300_000 });
  });
}

async function stores(address) {
  places ??= fetch(address).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  });
  try {
    return (await places).stores;
  } catch (error) {
    places = undefined; // to be tried again
    throw error;
  }
}

function choose(codes) {
  for (const field of filters.querySelectorAll("input[name='store']")) {
    if (field.type === "hidden") field.remove();
    else field.checked = codes.delete(field.value);
  }
  for (const value of codes) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "store", value });
    field.setAttribute("form", form.id);
    filters.append(field);
  }
  document.getElementById("in-stock").checked = true;
  form.requestSubmit();
}

async function search(near) {
  const says = near.querySelector("[data-near-says]");
  const button = near.querySelector(".near-button");
  const reach = Number(near.querySelector(".near-distance").value);
  button.disabled = true;
  says.textContent = near.dataset.waiting;
  try {
    const [{ coords }, all] = await Promise.all([position(), stores(near.dataset.places)]);
    const found = all
      .map((store) => [kilometres(coords, { latitude: store[2], longitude: store[3] }), store])
      .filter(([far]) => far <= reach)
      .sort(([one], [other]) => one - other)
      .slice(0, near.dataset.most)
      .map(([, store]) => store);
    if (!found.length) {
      says.textContent = near.dataset.none;
      return;
    }
    const text = found.length === 1 ? near.dataset.one : near.dataset.several;
    said = text.replace("%(number)s", found.length).replace("%(name)s", found[0][1]);
    says.textContent = said;
    choose(new Set(found.map(([code]) => code)));
  } catch (error) {
    const why = { 1: "denied", 2: "unavailable", 3: "timeout" }[error.code] ?? "failed";
    says.textContent = near.dataset[why];
  } finally {
    button.disabled = false;
  }
}

filters.addEventListener("click", ({ target }) => {
  const button = target.closest(".near-button");
  if (button) search(button.closest("[data-near]"));
});
// What was found stays in sight when the filters come anew with their numbers.
filters.addEventListener("filters:shown", () => {
  offer();
  const says = filters.querySelector("[data-near-says]");
  if (says && said && filters.querySelector("input[name='store']:checked")) says.textContent = said;
});
offer();
