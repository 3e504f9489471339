// Stores by distance. The browser says where it is, this page sorts, and nobody else learns of it.

const EARTH_KM = 6371.0088;
const PATIENCE = { timeout: 15000, maximumAge: 300000 };
const PROBLEMS = { 1: "denied", 2: "unavailable", 3: "timeout" };

const radians = (degrees) => (degrees * Math.PI) / 180;

// Great-circle distance, by the haversine formula.
export function kilometres(from, to) {
  const north = Math.sin(radians(to.latitude - from.latitude) / 2) ** 2;
  const east = Math.sin(radians(to.longitude - from.longitude) / 2) ** 2;
  const angle = north + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * east;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(angle)));
}

// As people say it: 350 m, 2.3 km, 48 km.
export function inWords(distance, language) {
  const metres = distance < 0.995;
  const rounded = metres ? Math.max(10, Math.round(distance * 100) * 10) : distance;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: metres ? "meter" : "kilometer",
    maximumFractionDigits: metres || distance >= 9.95 ? 0 : 1,
  }).format(rounded);
}

const whereAmI = () =>
  new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, PATIENCE);
  });

class Nearby {
  constructor(section) {
    this.section = section;
    this.tools = section.querySelector("[data-nearby-tools]");
    this.button = this.tools.querySelector("button");
    this.status = this.tools.querySelector("[role=status]");
    this.rest = section.dataset.all;
    this.button.addEventListener("click", () => this.toggle());
    section.querySelector("[data-nearby-all]")?.addEventListener("click", (event) => this.showAll(event));
    this.tools.classList.remove("is-waiting");
  }

  get list() {
    return this.section.querySelector("[data-nearby-list]");
  }

  say(what) {
    this.status.textContent = this.status.dataset[what];
    this.status.classList.toggle("is-problem", !["hint", "asking", "sorted"].includes(what));
  }

  async toggle() {
    if (this.button.getAttribute("aria-busy") === "true") return;
    if (this.button.getAttribute("aria-pressed") === "true") {
      this.restore();
      return;
    }
    this.say("asking");
    this.button.setAttribute("aria-busy", "true");
    try {
      const here = await whereAmI();
      await this.loadRest();
      this.sort(here);
    } catch (problem) {
      this.say(PROBLEMS[problem.code] ?? "unloaded");
    } finally {
      this.button.removeAttribute("aria-busy");
    }
  }

  // Lists of many stores come in parts; all are needed to know which are near.
  async loadRest() {
    if (!this.rest) return;
    const answer = await fetch(this.rest);
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    this.list.replaceWith(page.querySelector("[data-nearby-list]"));
    this.section.querySelectorAll("[data-nearby-all], [data-nearby-pages]").forEach((part) => part.remove());
    this.rest = "";
  }

  async showAll(event) {
    event.preventDefault();
    const number = this.list.children.length;
    try {
      await this.loadRest();
    } catch {
      window.location.assign(event.target.closest("a").href);
      return;
    }
    this.list.children[number]?.querySelector("a").focus();
  }

  sort(here) {
    const stores = [...this.list.children];
    this.before ??= stores;
    const far = new Map(stores.map((store) => [store, this.distance(store, here)]));
    if (![...far.values()].some(Number.isFinite)) {
      this.say("placeless");
      return;
    }
    this.list.append(...[...stores].sort((a, b) => far.get(a) - far.get(b) || 0));
    far.forEach((distance, store) => this.show(store, distance));
    this.button.setAttribute("aria-pressed", "true");
    this.say("sorted");
  }

  distance(store, here) {
    const { latitude, longitude } = store.dataset;
    if (latitude === undefined) return Infinity;
    return kilometres(here, { latitude: Number(latitude), longitude: Number(longitude) });
  }

  show(store, distance) {
    const place = store.querySelector("[data-distance]");
    if (!place || !Number.isFinite(distance)) return;
    place.textContent = inWords(distance, document.documentElement.lang);
    place.hidden = false;
  }

  restore() {
    this.list.append(...this.before);
    this.list.querySelectorAll("[data-distance]").forEach((place) => {
      place.hidden = true;
    });
    this.button.setAttribute("aria-pressed", "false");
    this.say("hint");
  }
}

// Browsers give a place to pages that nobody on the way can read, and to no others.
const canAsk = window.isSecureContext && navigator.geolocation;
document.querySelectorAll("[data-nearby]").forEach((section) => {
  const tools = section.querySelector("[data-nearby-tools]");
  if (tools && canAsk) new Nearby(section);
  else if (tools) tools.hidden = true;
});
