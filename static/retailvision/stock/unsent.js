// Counts are kept on the phone before they are sent, and until the site has said that it has them.
// Each carries the key of its form, so that one which arrived unseen is not counted twice.
const box = document.getElementById("unsent");
const name = `retailvision.unsent.${box.dataset.user}`; // another clerk's counts are not sent as mine
const list = box.querySelector("ul");
const row = box.querySelector("template");
const RETRY_MS = 5000;
let memory = []; // where the browser allows no storage
let sending = false;

function read() {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? [];
  } catch {
    return memory;
  }
}

function write(counts) {
  memory = counts;
  try {
    localStorage.setItem(name, JSON.stringify(counts));
  } catch {
    // then they are kept for as long as the page is open
  }
}

function put(count) {
  write([...read().filter(({ key }) => key !== count.key), count]);
}

function forget({ key }) {
  write(read().filter((each) => each.key !== key));
}

async function post(count) {
  const body = new URLSearchParams(count.fields);
  body.set("csrfmiddlewaretoken", box.dataset.csrf); // that of the form may be of an older log-in
  const seconds = Math.round((Date.now() - count.at) / 1000);
  // What goes at once needs no question whether goods moved meanwhile.
  if (count.waited) body.set("seconds_ago", Math.max(1, seconds));
  let answer;
  try {
    answer = await fetch(count.url, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout?.(20_000),
    });
  } catch {
    return { offline: true };
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) return { loggedOut: true };
  try {
    const said = await answer.json();
    return said.next || said.problem ? said : { offline: true };
  } catch {
    // Gone for good, or a proxy's page: only the former is worth telling.
    return answer.status === 404 ? { problem: box.dataset.gone } : { offline: true };
  }
}

function show(loggedOut = false) {
  const counts = read();
  box.hidden = !counts.length;
  box.querySelector("[data-waits]").hidden = loggedOut || counts.every(({ problem }) => problem);
  box.querySelector("[data-logged-out]").hidden = !loggedOut;
  box.querySelector("[data-retry]").hidden = loggedOut || counts.every(({ problem }) => problem);
  list.replaceChildren(
    ...counts.map((count) => {
      const item = row.content.cloneNode(true);
      item.querySelector("[data-text]").textContent = `${count.fields.quantity} × ${count.label}`;
      const problem = item.querySelector("[data-problem]");
      problem.textContent = count.problem ?? "";
      const [again, discard] = [item.querySelector("[data-again]"), item.querySelector("[data-discard]")];
      problem.hidden = again.hidden = !count.problem;
      discard.hidden = !count.problem && !loggedOut;
      again.href = count.url;
      again.addEventListener("click", () => forget(count));
      discard.addEventListener("click", () => {
        forget(count);
        show();
      });
      return item;
    }),
  );
}

async function sendAll() {
  if (sending) return;
  sending = true;
  let loggedOut = false;
  let sent = 0;
  for (const count of read().filter(({ problem }) => !problem)) {
    const said = await post({ ...count, waited: true });
    if (said.next) {
      forget(count);
      sent += 1;
    } else if (said.problem) {
      put({ ...count, problem: said.problem });
    } else {
      loggedOut = Boolean(said.loggedOut);
      break;
    }
  }
  sending = false;
  show(loggedOut);
  if (sent) document.dispatchEvent(new CustomEvent("unsent:sent", { detail: { sent } }));
}

for (const form of document.querySelectorAll("[data-count-form]")) {
  const notice = form.querySelector("[data-kept-notice]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.classList.contains("is-sending")) return;
    form.classList.add("is-sending");
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrfmiddlewaretoken;
    const count = { key: fields.key, url: location.href, label: form.dataset.label, fields, at: Date.now() };
    put(count);
    const said = await post(count);
    form.classList.remove("is-sending");
    if (said.next) {
      forget(count);
      location.assign(said.next);
    } else if (said.problem) {
      forget(count); // it stands in the form, to be put right there
      notice.textContent = said.problem;
      notice.className = "notice notice-problem";
      notice.hidden = false;
    } else {
      notice.textContent = form.dataset.kept;
      notice.className = "notice";
      notice.hidden = false;
      form.querySelector("[type=submit]").hidden = true; // kept once is enough
      show(Boolean(said.loggedOut));
    }
  });
}

// What was kept from this very form has gone: on to the next product.
document.addEventListener("unsent:sent", () => {
  const form = document.querySelector("[data-count-form]");
  if (form && !form.querySelector("[data-kept-notice]").hidden && !read().length) location.assign(box.dataset.next ?? "../../");
  else window.htmx?.trigger("#lines", "counted");
});

box.querySelector("[data-retry]").addEventListener("click", sendAll);
addEventListener("online", sendAll);
setInterval(() => {
  if (read().some(({ problem }) => !problem) && !document.querySelector(".is-sending")) sendAll();
}, RETRY_MS);
if (read().length) {
  show();
  sendAll();
}
