// What waits on the phone, on every stock page: shown, sent again, put right or discarded.
import { RETRY_MS, entries, forget, isUnsent, sendAll, whyStopped } from "./queue.js";

const LOGGED_OUT_RETRY_MS = 30_000;
const SHOWN_MS = 60_000;
const SENT = "retailvision.sent";

const box = document.getElementById("unsent");
const part = (name) => box.querySelector(`[data-${name}]`);
const rowOf = part("row");
let tried = -Infinity; // by the clock that nobody sets

function time(at) {
  const then = new Date(at);
  const today = then.toDateString() === new Date().toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return then.toLocaleString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...day });
}

// The page of the form, filled with what was entered. The entry goes once that form is kept in its place.
function addressToPutRight({ key, url, fields }) {
  return `${url}?${new URLSearchParams({ ...fields, fixes: key })}`;
}

function rowFor(entry) {
  const item = rowOf.content.cloneNode(true);
  const [text, problem] = [item.querySelector("[data-text]"), item.querySelector("[data-problem]")];
  const [right, discard] = [item.querySelector("[data-right]"), item.querySelector("[data-discard]")];
  text.textContent = `${entry.text}, ${time(entry.at + (entry.offset ?? 0))}`;
  problem.textContent = entry.problem ?? (entry.stumbles ? rowOf.dataset.stumbles : "");
  problem.hidden = !problem.textContent;
  right.hidden = !entry.problem;
  right.href = addressToPutRight(entry);
  discard.addEventListener("click", () => {
    // A glove hits the wrong button: what is lost is lost, so it is asked twice.
    if (discard.dataset.sure) return forget(entry.key);
    discard.dataset.sure = "1";
    discard.textContent = discard.dataset.really;
  });
  discard.hidden = !entry.problem && !entry.stumbles && !["logged-out", "somebody-else"].includes(whyStopped());
  return item;
}

function sentLately() {
  try {
    return (JSON.parse(sessionStorage.getItem(SENT)) ?? []).filter(({ at }) => Math.abs(Date.now() - at) < SHOWN_MS);
  } catch {
    return [];
  }
}

function show() {
  const kept = entries();
  const sent = sentLately();
  const waiting = kept.filter(isUnsent);
  const isSent = waiting.some(({ stumbles }) => !stumbles);
  const why = waiting.length ? whyStopped() || (isSent ? "waits" : "stumbles") : "";
  box.hidden = !kept.length && !sent.length;
  part("unsent").hidden = !kept.length;
  for (const name of ["waits", "offline", "logged-out", "somebody-else"]) part(name).hidden = name !== why;
  part("refused").hidden = !kept.some(({ problem }) => problem);
  part("retry").hidden = !["waits", "offline", "stumbles"].includes(why);
  // What is asked twice is not asked from the start because another entry was sent meanwhile.
  const shown = JSON.stringify([kept.map((entry) => [entry.key, entry.problem, Boolean(entry.stumbles)]), why]);
  if (shown !== box.dataset.shown) part("list").replaceChildren(...kept.map(rowFor));
  box.dataset.shown = shown;
  part("sent").hidden = !sent.length;
  part("sent-list").replaceChildren(
    ...sent.map(({ said }) => Object.assign(document.createElement("li"), { textContent: said })),
  );
}

document.addEventListener("queue:changed", show);
document.addEventListener("queue:sent", ({ detail: { entry, said } }) => {
  const list = part("sent-list");
  const text = said.said || entry.text;
  const sent = [...sentLately(), { said: said.again ? list.dataset.again.replace("{said}", text) : text, at: Date.now() }];
  try {
    sessionStorage.setItem(SENT, JSON.stringify(sent));
  } catch {
    // Then it is sent, and nobody is told.
  }
  show();
  if (document.getElementById("lines")) window.htmx?.trigger("#lines", "counted");
});
addEventListener("storage", ({ key }) => {
  if (key?.startsWith("retailvision.unsent.")) show();
});

part("log-in").search = new URLSearchParams({ next: location.pathname });
part("retry").addEventListener("click", () => sendAll({ isAsked: true }));
addEventListener("online", () => sendAll());
setInterval(() => {
  const pause = ["logged-out", "somebody-else"].includes(whyStopped()) ? LOGGED_OUT_RETRY_MS : RETRY_MS;
  if (performance.now() - tried < pause || !entries().some(isUnsent)) return;
  tried = performance.now();
  sendAll();
}, 1000);
show();
if (entries().some(isUnsent)) sendAll();
