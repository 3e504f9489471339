// Forms that book or count: kept on the phone, then sent; where there is no connection they wait.
import { enter, entries, forget, isStored, newKey, noLongerAwait, send, waits } from "./queue.js";

const SLOW_MS = 4000;
const forms = [...document.querySelectorAll("form[data-keep]")];
const standsIn = Boolean(document.getElementById("offline"));
const fixes = new URLSearchParams(location.search).get("fixes");

// "{quantity} × Oat milk, sale", with what was entered; of a choice, its words.
function listed(form, fields) {
  const text = form.querySelector(":checked[data-listed]")?.dataset.listed ?? form.dataset.listed;
  return text.replace(/\{(\w+)\}/g, (_all, name) => {
    const field = form.elements[name];
    return field?.selectedOptions?.[0]?.textContent.trim() ?? fields[name] ?? "";
  });
}

// Which form it is: where it is sent, and what it books there. Its place on the page would not do: the form
// that takes back comes and goes, and all others would move.
function nameOf(form) {
  const kind = form.querySelector("input[type=hidden][name=book]")?.value ?? "";
  return `${new URL(form.action).pathname} ${kind}`;
}

function rememberKey(form, key) {
  // The page without a connection stands in another's place in the history, whose keys are not its own.
  if (standsIn) return;
  history.replaceState({ ...history.state, keys: { ...history.state?.keys, [nameOf(form)]: key } }, "");
}

function setKey(form, key) {
  form.elements.key.value = key;
  rememberKey(form, key);
}

// What was kept is told of as kept: whoever comes back to this page, or to the one that this stands in for,
// enters something else.
function renewRemembered(form) {
  if (standsIn) history.replaceState({ ...history.state, keys: {} }, "");
  else rememberKey(form, newKey());
}

function clear(form) {
  form.querySelector("[data-form-problem]").hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  for (const text of form.querySelectorAll(".line-problem")) text.remove();
}

// What the site refused stands at the form as the site itself would show it, and at the fields.
function refuse(form, { problem, errors = {}, key }) {
  clear(form);
  if (key) setKey(form, key);
  const box = form.querySelector("[data-form-problem]");
  box.querySelector("[data-text]").textContent = problem;
  box.hidden = false;
  for (const [id, texts] of Object.entries(errors)) {
    const field = document.getElementById(id);
    if (!field) continue;
    const said = Object.assign(document.createElement("p"), { className: "line-problem", id: `${id}_error` });
    said.textContent = texts.join(" ");
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", said.id);
    field.closest(".field, .row, .send-line")?.append(said);
  }
  const first = form.querySelector("[aria-invalid]") ?? form.querySelector(".quantity-input");
  (first ?? box).focus();
  first?.select?.();
}

function showKept(form, why) {
  const notice = form.querySelector("[data-kept-notice]");
  const stored = isStored(form.elements.key.value);
  notice.querySelector("[data-text]").textContent = notice.dataset[stored ? why : "open"];
  if (stored) renewRemembered(form);
  form.classList.add("is-kept");
  notice.hidden = false;
  notice.focus();
}

function another(form) {
  noLongerAwait(form.elements.key.value);
  form.reset();
  setKey(form, newKey());
  form.classList.remove("is-kept");
  form.querySelector("[data-kept-notice]").hidden = true;
  form.querySelector("[data-scan], .quantity-input")?.focus();
}

function goOn(form, { next, again }) {
  // The same page again keeps its place in the history, but is no repeat of this form. And whoever was told
  // once that it is booked already means the next one.
  const isOver = again || new URL(next, location).href === location.href;
  setKey(form, isOver ? newKey() : form.elements.key.value);
  location.assign(next);
}

async function submit(form, submitter) {
  const fields = Object.fromEntries(new FormData(form, submitter));
  delete fields.csrfmiddlewaretoken;
  const url = form.querySelector(":checked[data-url]")?.dataset.url ?? new URL(form.action).pathname;
  const entry = enter({ key: fields.key, url, fields, text: listed(form, fields) });
  if (fixes) forget(fixes);
  clear(form);
  form.classList.add("is-sending");
  const slow = setTimeout(() => showKept(form, "slow"), SLOW_MS);
  const said = await send(entry);
  clearTimeout(slow);
  form.classList.remove("is-sending");
  if (form.elements.key.value !== entry.key) return; // another one is being entered already
  if (said.next) return goOn(form, said);
  if (said.problem) {
    forget(entry.key); // it stands in the form, to be put right there
    form.classList.remove("is-kept");
    form.querySelector("[data-kept-notice]").hidden = true;
    refuse(form, said);
  } else showKept(form, "kept");
}

// Whoever comes back to a page by the browser's button gets the key that its form had: sent once more as
// it was, it is booked once. So the keys stay with the page's entry of the history; but not that of an entry
// which waits, and is listed.
const remembered = standsIn ? {} : (history.state?.keys ?? {});
const waiting = new Set(entries().map(({ key }) => key));
for (const form of forms) {
  const key = remembered[nameOf(form)];
  setKey(form, key && !waiting.has(key) ? key : form.elements.key.value || newKey());
}

for (const form of forms) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "more") return;
    event.preventDefault();
    if (!form.classList.contains("is-sending") && !form.classList.contains("is-kept")) submit(form, event.submitter);
  });
  form.querySelector("[data-another]").addEventListener("click", () => another(form));
}

// What was kept from the form that is shown has gone: on to where it leads.
document.addEventListener("queue:sent", ({ detail: { entry, said } }) => {
  const form = forms.find((each) => each.elements.key.value === entry.key);
  if (!form) return;
  if (!form.classList.contains("is-kept")) setKey(form, newKey()); // which was sent, and would book nothing
  else if (!waits()) goOn(form, said);
});
