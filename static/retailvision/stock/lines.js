// Lines of a delivery or a transfer: scanned one after the other. The same code again is one more of it.
const list = document.querySelector("[data-lines-of]");
const scan = document.getElementById("id_scan");
const said = list.querySelector("[data-scanned]");
const MOST = 100;
const known = new Map(); // code -> what the site knows of it

const lines = () => [...list.querySelectorAll("[data-line]")];
const code = (line) => line.querySelector("[name^=code_]");
const quantity = (line) => line.querySelector("[name^=quantity_]");

function newLine() {
  const all = lines();
  if (all.length >= MOST) return null;
  const last = all.at(-1);
  const line = last.cloneNode(true);
  line.hidden = false;
  line.querySelectorAll(".line-problem").forEach((each) => each.remove());
  for (const field of line.querySelectorAll("input")) {
    field.name = field.name.replace(/\d+$/, all.length);
    field.id = `id_${field.name}`;
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.closest(".field").querySelector("label").htmlFor = field.id;
  }
  line.querySelector("[data-line-name]").textContent = "";
  last.after(line);
  list.querySelector("[name=rows]").value = all.length + 1;
  return line;
}

async function what(value) {
  if (known.has(value)) return known.get(value);
  try {
    const answer = await fetch(`${list.dataset.linesOf}?${new URLSearchParams({ code: value })}`, {
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    const found = await answer.json();
    if (answer.ok || answer.status === 404) known.set(value, answer.ok ? found : null);
    return answer.ok ? found : null;
  } catch {
    return undefined; // no connection: the site looks when it is sent
  }
}

async function name(line) {
  const value = code(line).value.trim();
  const text = line.querySelector("[data-line-name]");
  if (!value) text.textContent = "";
  if (!value) return;
  const product = await what(value);
  if (code(line).value.trim() !== value) return; // typed over meanwhile
  text.textContent = product ? product.name : product === null ? list.dataset.unknown : value;
  text.classList.toggle("is-unknown", product === null);
}

async function add(value) {
  const same = lines().find((line) => code(line).value.trim() === value);
  const line = same ?? lines().find((each) => !code(each).value && !quantity(each).value) ?? newLine();
  if (!line) {
    said.textContent = list.dataset.full;
    return;
  }
  code(line).value = value;
  quantity(line).value = (Number.parseInt(quantity(line).value, 10) || 0) + 1;
  line.hidden = false;
  line.classList.add("is-new");
  setTimeout(() => line.classList.remove("is-new"), 600);
  said.textContent = `${quantity(line).value} × ${value}`;
  await name(line);
  const product = known.get(value);
  if (product) said.textContent = `${quantity(line).value} × ${product.name}`;
  else if (product === null) said.textContent = `${value}: ${list.dataset.unknown}`;
}

list.querySelector("[data-scan-line]").hidden = false;
scan.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (scan.value.trim()) add(scan.value.trim());
  scan.value = "";
});
// What was typed and not ended by Enter is not lost when the form is sent.
scan.form.addEventListener("submit", () => {
  if (scan.value.trim()) add(scan.value.trim());
  scan.value = "";
}, { capture: true });
list.addEventListener("change", ({ target }) => {
  if (target.name.startsWith("code_")) name(target.closest("[data-line]"));
});
list.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target === scan || !event.target.matches("input")) return;
  // A scanner ends with Enter what it types into a line: on to the next field, and not away.
  event.preventDefault();
  const fields = lines().filter((line) => !line.hidden).flatMap((line) => [code(line), quantity(line)]);
  (fields[fields.indexOf(event.target) + 1] ?? scan).focus();
});
const more = scan.form.querySelector("[name=more]");
more.addEventListener("click", (event) => {
  event.preventDefault();
  const line = lines().find((each) => each.hidden) ?? newLine();
  if (line) {
    line.hidden = false;
    code(line).focus();
  } else said.textContent = list.dataset.full;
});
for (const line of lines()) {
  line.querySelector("[data-line-name]").hidden = false; // has its height from the start: nothing jumps
  if (code(line).value) name(line);
  // Empty ones are for those who cannot scan.
  else line.hidden = !quantity(line).value && !line.querySelector("[aria-invalid]");
}
if (matchMedia("(pointer: fine)").matches && !document.querySelector("[autofocus]")) scan.focus();
