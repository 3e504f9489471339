// What stands beside the plane: the legend, lists of products, and the field that finds one.
window.featureMap = window.featureMap || {};
window.featureMap.lists = (() => {
  const AT_ONCE = 60;
  // Numbers as the page's language writes them.
  const language = document.documentElement.lang || "en";
  const three = new Intl.NumberFormat(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const whole = (number) => number.toLocaleString(language);

  function make(tag, text, more = {}) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    return Object.assign(made, more);
  }

  // Rows with a tick each; `changed()` after one, `lifted(place or -1)` while the pointer is on one.
  function legend(place, groups, quiet, texts, { changed, lifted }) {
    place.replaceChildren(...groups.map((group, at) => {
      const row = make("label");
      const tick = make("input", undefined, { type: "checkbox", checked: group.shown });
      const spot = make("i");
      spot.style.background = group.colour();
      if (group.colour() === quiet) spot.title = texts.other;
      row.append(tick, spot, make("span", group.name), make("b", whole(group.count)));
      tick.addEventListener("change", () => { group.shown = tick.checked; changed(); });
      row.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") lifted(at); });
      row.addEventListener("pointerleave", () => lifted(-1));
      const item = make("li");
      item.append(row);
      return item;
    }));
  }

  function productRow(data, address, point, note) {
    const product = data.product[point];
    const link = make("a", undefined, { href: address.product(data.id[product]) });
    const text = make("span", data.name[product]);
    const brand = data.brands[data.brandOf[product]];
    text.append(make("small", [data.sku[product], brand, note].filter(Boolean).join(" · ")));
    link.append(make("img", undefined, { src: address.thumbnail(data.image[point]), alt: "", loading: "lazy" }), text);
    const item = make("li");
    item.append(link);
    return item;
  }

  // The products of points, those with most of them first.
  function byProduct(data, points) {
    const found = new Map();
    for (const point of points) {
      const product = data.product[point];
      if (!found.has(product)) found.set(product, []);
      found.get(product).push(point);
    }
    return [...found.values()].sort((a, b) => b.length - a.length || data.product[a[0]] - data.product[b[0]]);
  }

  // A long list grows by a button.
  function products(place, more, data, address, rows, texts) {
    let shown = 0;
    place.replaceChildren();
    const grow = () => {
      const next = rows.slice(shown, shown + AT_ONCE);
      place.append(...next.map((points) => {
        const note = points.length > 1 ? texts.photos.replace("{n}", whole(points.length)) : "";
        return productRow(data, address, points[0], note);
      }));
      const first = place.children[shown];
      const again = shown > 0;
      shown += next.length;
      more.hidden = shown >= rows.length;
      more.textContent = texts.more.replace("{n}", Math.min(AT_ONCE, rows.length - shown));
      if (again && first) first.querySelector("a").focus();
    };
    more.onclick = grow;
    grow();
  }

  // A field with a list of suggestions; `search(text)` gives products, `chosen(product)` is told.
  function finder(field, list, data, texts, search, { chosen, nothing }) {
    let at = -1;
    let found = [];
    const close = () => {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const mark = (next) => {
      at = next;
      [...list.children].forEach((item, place) => {
        item.setAttribute("aria-selected", String(place === at));
        if (place === at) {
          field.setAttribute("aria-activedescendant", item.id);
          item.scrollIntoView({ block: "nearest" });
        }
      });
    };
    const take = (product) => { close(); field.value = data.name[product]; chosen(product); };
    field.addEventListener("input", () => {
      found = search(field.value);
      list.replaceChildren(...found.map((product, place) => {
        const item = make("li", `${data.name[product]} `, { id: `fmap-found-${place}` });
        item.setAttribute("role", "option");
        item.append(make("small", data.sku[product]));
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => take(product));
        return item;
      }));
      list.hidden = !found.length;
      field.setAttribute("aria-expanded", String(found.length > 0));
      mark(found.length ? 0 : -1);
      if (!field.value.trim()) nothing("");
      else if (!found.length) nothing(texts.noMatch);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!found.length) return;
        event.preventDefault();
        mark((at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        take(found[at]);
      } else if (event.key === "Escape") close();
    });
    field.addEventListener("blur", close);
  }

  return { byProduct, finder, legend, make, productRow, products, three, whole };
})();
