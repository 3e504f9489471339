// Booking pages: products are found while somebody types or scans, and lines are added as needed.
// Without this script the page books all the same, by SKU and barcode.
(() => {
  const form = document.querySelector("[data-booking]");
  if (!form) return;
  const lines = form.querySelector("[data-lines]");
  const template = form.querySelector("[data-empty-line]");
  const total = form.querySelector("[name=lines-TOTAL_FORMS]");
  const most = Number(form.querySelector("[name=lines-MAX_NUM_FORMS]").value);
  const PAUSE = 180;

  const addLine = () => {
    const number = Number(total.value);
    if (number >= most) return null;
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", number);
    const line = holder.querySelector("[data-line]");
    lines.append(line);
    total.value = number + 1;
    equip(line);
    return line;
  };

  const after = (line) => line.nextElementSibling || addLine();

  const equip = (line) => {
    const code = line.querySelector(".js-code");
    const quantity = line.querySelector(".js-quantity");
    const name = line.querySelector("[data-name]");
    const list = document.createElement("ul");
    let found = [];
    let chosen = -1;
    let asked = 0;
    let timer = 0;
    list.className = "stock-found";
    list.setAttribute("role", "listbox");
    list.id = `${code.id}-found`;
    list.hidden = true;
    code.after(list);
    code.setAttribute("role", "combobox");
    code.setAttribute("aria-controls", list.id);
    code.setAttribute("aria-expanded", "false");
    code.setAttribute("aria-autocomplete", "list");

    const close = () => {
      list.hidden = true;
      code.setAttribute("aria-expanded", "false");
      code.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      chosen = index;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", n === index));
      const item = list.children[index];
      if (item && item.id) {
        code.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      }
    };
    const take = (product) => {
      clearTimeout(timer);
      asked += 1;
      code.value = product.code;
      name.textContent = product.name;
      close();
      quantity.focus();
      quantity.select();
    };
    const draw = () => {
      list.replaceChildren(
        ...found.map((product, n) => {
          const item = document.createElement("li");
          const picture = document.createElement(product.photo ? "img" : "i");
          const text = document.createElement("div");
          const title = document.createElement("b");
          const more = document.createElement("span");
          if (product.photo) Object.assign(picture, { src: product.photo, alt: "" });
          title.textContent = product.name;
          more.textContent = product.there === null
            ? product.code
            : `${product.code} · ${form.dataset.there.replace("%s", product.there)}`;
          text.append(title, more);
          item.append(picture, text);
          item.id = `${list.id}-${n}`;
          item.setAttribute("role", "option");
          // Before the field loses the focus, which would close the list.
          item.addEventListener("mousedown", (event) => {
            event.preventDefault();
            take(product);
          });
          return item;
        })
      );
      if (!found.length) {
        const item = document.createElement("li");
        item.textContent = form.dataset.nothing;
        list.append(item);
      }
      list.hidden = false;
      code.setAttribute("aria-expanded", "true");
      mark(found.length ? 0 : -1);
    };
    const ask = async () => {
      const words = code.value.trim();
      asked += 1;
      const number = asked;
      if (!words) return close();
      const store = form.querySelector("[name=store]").value;
      const query = new URLSearchParams({ q: words, store });
      let answer;
      try {
        answer = await fetch(`${form.dataset.find}?${query}`, { credentials: "same-origin" });
        if (!answer.ok) return undefined;
        answer = await answer.json();
      } catch {
        return undefined; // the server looks the code up again when the form is sent
      }
      if (number !== asked || document.activeElement !== code) return undefined;
      found = answer.products;
      draw();
      return undefined;
    };

    code.addEventListener("input", () => {
      name.textContent = "";
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    code.addEventListener("blur", close);
    code.addEventListener("keydown", async (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden || !found.length) return;
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark((chosen + step + found.length) % found.length);
      } else if (event.key === "Escape") {
        close();
      } else if (event.key === "Enter") {
        // A scanner ends with Enter, sooner than the list can be there.
        event.preventDefault();
        clearTimeout(timer);
        if (list.hidden) await ask();
        if (!list.hidden && found[chosen]) take(found[chosen]);
      }
    });
    quantity.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const next = after(line);
      if (next) next.querySelector(".js-code").focus();
    });
  };

  [...lines.querySelectorAll("[data-line]")].forEach(equip);
  const add = form.querySelector("[data-add]");
  add.classList.remove("hidden");
  add.querySelector("button").addEventListener("click", () => {
    const line = addLine();
    if (line) line.querySelector(".js-code").focus();
  });
  // The key in the form books it once all the same; this spares the second request.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
  });
  // A page that the browser kept must be able to be sent.
  window.addEventListener("pageshow", () => delete form.dataset.sent);
})();
