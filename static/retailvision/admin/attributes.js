// Attributes as rows of a name and a value. The JSON field stays the one that is sent; values that
// are lists or tables of their own are shown and left as they are.
for (const source of document.querySelectorAll("textarea[data-attributes]")) edit(source);

function edit(source) {
  const { dataset } = source;
  let parsed;
  try {
    parsed = JSON.parse(source.value || "{}") ?? {};
  } catch {
    return; // broken JSON can only be mended as text
  }
  if (typeof parsed !== "object" || Array.isArray(parsed)) return;

  const box = document.createElement("div");
  box.className = "rv-attributes";
  const foot = document.createElement("div");
  const rows = Object.entries(parsed).map(([name, value]) => row(name, value));

  function write() {
    const result = {};
    const names = new Set();
    for (const each of rows) {
      const name = each.name.value.trim();
      const twice = names.has(name);
      each.name.setAttribute("aria-invalid", String(twice || (!name && each.filled())));
      each.name.title = twice ? dataset.textTwice : "";
      if (!name || twice) continue;
      names.add(name);
      // Not `result[name]`, which would take a name as __proto__ for something else.
      Object.defineProperty(result, name, { value: each.value(), enumerable: true, configurable: true, writable: true });
    }
    source.value = JSON.stringify(result);
    source.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function row(name, value) {
    const line = document.createElement("div");
    line.className = "rv-attribute";
    const nameField = document.createElement("input");
    nameField.value = name;
    nameField.setAttribute("aria-label", dataset.textName);
    nameField.placeholder = dataset.textName;
    const nested = value !== null && typeof value === "object";
    const valueField = document.createElement(nested ? "code" : "input");
    if (nested) {
      valueField.textContent = JSON.stringify(value);
      valueField.title = dataset.textNested;
    } else {
      valueField.value = value === null ? "" : String(value);
      valueField.setAttribute("aria-label", dataset.textValue);
      valueField.placeholder = dataset.textValue;
    }
    const remove = document.createElement("button");
    remove.type = "button";
    remove.setAttribute("aria-label", dataset.textRemove);
    remove.title = dataset.textRemove;
    remove.innerHTML = '<span class="material-symbols-outlined" aria-hidden="true">close</span>';
    line.append(nameField, valueField, remove);
    const before = nested ? null : valueField.value;
    const each = {
      line,
      name: nameField,
      filled: () => nested || valueField.value !== "",
      value() {
        if (nested || valueField.value === before) return value;
        const text = valueField.value;
        if (typeof value === "number" && text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
        if (typeof value === "boolean" && (text === "true" || text === "false")) return text === "true";
        return text;
      },
    };
    for (const field of [nameField, valueField]) field.addEventListener("input", write);
    remove.addEventListener("click", () => {
      rows.splice(rows.indexOf(each), 1);
      line.remove();
      write();
      add.focus();
    });
    return each;
  }

  function button(text, act) {
    const each = document.createElement("button");
    each.type = "button";
    each.className = "rv-link";
    each.textContent = text;
    each.addEventListener("click", act);
    foot.append(each);
    return each;
  }

  const add = button(dataset.textAdd, () => {
    const each = row("", "");
    rows.push(each);
    foot.before(each.line);
    each.name.focus();
  });
  button(dataset.textAsJson, () => {
    box.remove();
    source.hidden = false;
    source.focus();
  });
  box.append(...rows.map((each) => each.line), foot);
  source.hidden = true;
  source.before(box);
}
