// What a clerk enters is kept on the phone before it is sent, and until the site has said that it has it
// or will not take it. Each entry carries the key of its form, which is the ledger's: what arrived unseen
// is recognised when it is sent again, and answered as the first time. Each has a place of its own in the
// browser's storage, so that two tabs never write over each other's.
import { ageOf, learn, offsetNow } from "./clock.js";

const STORED = "retailvision.unsent.";
const SOON = 10; // seconds; what is sent within them is not late
const PATIENCE_MS = 20_000;
export const RETRY_MS = 5000;
const LONGEST_REST_MS = 10 * 60_000;

const box = document.getElementById("unsent");
const memory = new Map(); // where the browser stores nothing (more): for as long as the page is open
const answers = new Map();
const enteredHere = new Map(); // when, by the clock that nobody sets
const awaited = new Set();
let running;
let stopped = "";
let isClockKnown = false; // asked about in this round; it may be set at any time

// Of whoever is logged in: another clerk's entries are not sent as mine.
const nameOf = (key) => `${STORED}${box.dataset.user}.${key}`;

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function entries() {
  const found = new Map();
  try {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith(nameOf("")))) {
      const entry = JSON.parse(localStorage.getItem(name) ?? "null");
      if (entry) found.set(entry.key, entry);
    }
  } catch {
    // What cannot be read cannot be sent.
  }
  // A full storage still holds an entry as it was before it was marked.
  for (const [key, entry] of memory) found.set(key, entry);
  return [...found.values()].sort((a, b) => (a.n ?? 0) - (b.n ?? 0) || a.at - b.at);
}

// Whether it will be there when the page was closed.
export function isStored(key) {
  try {
    return localStorage.getItem(nameOf(key)) !== null;
  } catch {
    return false;
  }
}
// Why the last round came to an end: "offline", "logged-out", "somebody-else", or "".
export const whyStopped = () => stopped;
export const isUnsent = ({ problem }) => !problem;
// Whether something is to be sent first. What the site stumbles over holds up no page.
export const waits = () => entries().some((entry) => isUnsent(entry) && !entry.stumbles);

// Another tab has sent or discarded it.
addEventListener("storage", ({ key, newValue }) => {
  if (newValue !== null) return;
  for (const each of memory.keys()) if (nameOf(each) === key) memory.delete(each);
});

function changed() {
  document.dispatchEvent(new CustomEvent("queue:changed"));
}

export function keep(entry) {
  try {
    localStorage.setItem(nameOf(entry.key), JSON.stringify(entry));
    memory.delete(entry.key);
  } catch {
    memory.set(entry.key, entry);
  }
  changed();
}

// Keeps something new. It comes after all that is kept, whatever the clock says.
export function enter(entry) {
  const n = 1 + Math.max(0, ...entries().map((each) => each.n ?? 0));
  const entered = { ...entry, at: Date.now(), offset: offsetNow(), n };
  enteredHere.set(entry.key, performance.now());
  answers.delete(entry.key); // of what was refused, and stands put right in the same form
  keep(entered);
  return entered;
}

export function forget(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(nameOf(key));
  } catch {
    // then it was never there
  }
  changed();
}

// What the site stumbles over is tried again less and less often. By the clock that nobody sets.
const rests = new Map();
const isResting = (key) => performance.now() < (rests.get(key) ?? 0);
const rest = ({ key, stumbles = 0 }) => rests.set(key, performance.now() + Math.min(RETRY_MS * 2 ** stumbles, LONGEST_REST_MS));

// Marks an entry, unless somebody discarded it meanwhile.
function mark(key, marks) {
  const entry = entries().find((each) => each.key === key);
  if (entry) keep({ ...entry, ...marks });
}

function ask(url, options = {}) {
  return fetch(url, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    cache: "no-store",
    signal: AbortSignal.timeout?.(PATIENCE_MS),
    ...options,
  });
}

// A page may be older than the log-in: then its token is, too. Whose log-in it is must be asked. It says what
// time it is as well.
async function renewToken() {
  const before = Date.now();
  let answer;
  try {
    answer = await ask(box.dataset.here);
    if (answer.type === "opaqueredirect") return "logged-out";
    const after = Date.now();
    const { user, csrf, now } = await answer.json();
    learn(now, (before + after) / 2);
    isClockKnown = true;
    if (String(user) !== box.dataset.user) return "somebody-else";
    box.dataset.csrf = csrf;
    return "";
  } catch {
    return "offline";
  }
}

// Either clock may have stood still, or been set.
function isLate(entry) {
  const waited = Math.max(performance.now() - (enteredHere.get(entry.key) ?? -Infinity), Math.abs(Date.now() - entry.at));
  return entry.tried || waited > SOON * 1000;
}

async function post(entry, hasToken = false) {
  const body = new URLSearchParams(entry.fields);
  if (isLate(entry)) {
    const why = isClockKnown ? "" : await renewToken();
    if (why) return { stopped: why };
    const age = Math.round(ageOf(entry) / 1000);
    if (entry.tried || age > SOON) body.set("seconds_ago", Math.max(1, age));
  }
  body.set("csrfmiddlewaretoken", box.dataset.csrf);
  let answer;
  try {
    answer = await ask(entry.url, { method: "POST", body });
  } catch {
    return { stopped: "offline" };
  }
  if (answer.type === "opaqueredirect") {
    // Most likely to the log-in; but that is asked, since an entry that leads elsewhere must not stop all others.
    const why = await renewToken();
    return why ? { stopped: why } : { failed: true };
  }
  const said = await answer.json().catch(() => ({}));
  if (said.code === "csrf_failed" && !hasToken) {
    const why = await renewToken();
    return why ? { stopped: why } : post(entry, true);
  }
  if (said.next) return said;
  if (said.problem && answer.status < 500) return said;
  // A proxy speaks for a site that is away; else it is this entry that the site stumbles over.
  return [502, 503, 504].includes(answer.status) ? { stopped: "offline" } : { failed: true };
}

// `isAsked`: somebody waits for it, so what the site stumbled over is tried before its time, too.
async function round(isAsked) {
  const done = new Set(); // whatever became of it: one round never sends a key twice
  const isDue = ({ key, problem }) => !problem && !done.has(key) && (isAsked || !isResting(key));
  stopped = "";
  isClockKnown = false;
  for (let entry; (entry = entries().find(isDue)); ) {
    done.add(entry.key);
    const said = await post(entry);
    if (said.next) {
      answers.set(entry.key, said);
      forget(entry.key);
      if (!awaited.has(entry.key)) document.dispatchEvent(new CustomEvent("queue:sent", { detail: { entry, said } }));
    } else if (said.problem) {
      answers.set(entry.key, said);
      mark(entry.key, { problem: said.problem });
    } else {
      mark(entry.key, said.stopped ? { tried: true } : { tried: true, stumbles: (entry.stumbles ?? 0) + 1 });
      if (!said.stopped) {
        rest(entry);
        continue;
      }
      stopped = said.stopped;
      break; // what was entered later does not overtake it
    }
  }
  changed();
}

// One tab sends at a time. Where the browser knows no locks, or a tab sleeps that holds it, the keys keep
// it harmless that two do.
async function alone(work) {
  if (!navigator.locks) return work();
  try {
    return await navigator.locks.request(nameOf("lock"), { signal: AbortSignal.timeout?.(PATIENCE_MS) }, work);
  } catch {
    return work();
  }
}

export function sendAll({ isAsked = false } = {}) {
  running ??= alone(() => round(isAsked)).finally(() => {
    running = undefined;
  });
  return running;
}

// Sends an entry with all that was kept before it. What the site said; {} while it waits.
export async function send(entry) {
  awaited.add(entry.key);
  await sendAll();
  const has = () => answers.has(entry.key);
  // The round may have been at its end when the entry was kept.
  if (!has() && !stopped) await sendAll();
  // Another tab may have sent it: the site answers again as it did.
  if (!has() && !stopped && !entries().some(({ key }) => key === entry.key)) answers.set(entry.key, await post(entry));
  awaited.delete(entry.key);
  const marked = entries().find(({ key }) => key === entry.key);
  return answers.get(entry.key) ?? (marked?.problem ? { problem: marked.problem } : {});
}

// Whoever entered it has gone on: its answer is told like that of all the others.
export const noLongerAwait = (key) => awaited.delete(key);
