// The page of a feature map: loads the points and joins plane, legend, lists and the dropped photo.
(() => {
  const { data: points, lists, hands: Plane } = window.featureMap;
  const root = document.getElementById("fmap");
  const settings = JSON.parse(document.getElementById("fmap-settings").textContent);
  const { texts } = settings;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const say = (text) => { part("say").textContent = text; };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const address = {
    product: (id) => settings.product.replace("/0/", `/${id}/`),
    thumbnail: (id) => settings.thumbnail.replace("/0/", `/${id}/`),
  };
  const stage = part("stage");
  const tip = part("tip");
  let data;
  let plane;
  let colouring = 0;

  async function ask(url, options) {
    const answer = await fetch(url, { credentials: "same-origin", ...options });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(body.error || "");
    return body;
  }

  // --- colours and legend -------------------------------------------------------------------

  async function colour() {
    const by = part("colour").value;
    const mine = (colouring += 1);
    part("store-row").hidden = by !== "stock";
    const png = document.querySelector("[data-png]");
    if (png) png.href = `${settings.png}?by=${by}`;
    let stocked = null;
    if (by === "stock") {
      const store = part("store").value;
      const answer = await ask(`${settings.stock}?store=${encodeURIComponent(store)}`).catch(() => null);
      if (!answer) return say(texts.failed);
      stocked = new Set(answer.products);
    }
    if (mine !== colouring) return undefined; // another choice came meanwhile
    const { groups, of } = points.group(data, by, texts, stocked);
    Object.assign(plane, { groups, of, lifted: -1 });
    legend();
    plane.draw();
    return undefined;
  }

  function legend() {
    lists.legend(part("legend"), plane.groups, points.quiet(), texts, {
      changed: () => plane.draw(),
      lifted: (at) => { plane.lifted = at; plane.draw(); },
    });
  }

  function showGroups(shown) {
    plane.groups.forEach((group) => { group.shown = shown; });
    legend();
    plane.draw();
  }

  // --- a point under the pointer ------------------------------------------------------------

  function showTip(at, pageX, pageY, tapped) {
    tip.hidden = at < 0;
    tip.classList.toggle("is-tapped", Boolean(tapped));
    if (at < 0) return;
    if (Number(tip.dataset.point) !== at || tapped) {
      tip.dataset.point = at;
      const product = data.product[at];
      const words = lists.make("div", data.name[product]);
      words.append(lists.make("span", data.sku[product]));
      words.append(lists.make("span", plane.groups[plane.of[at]].name));
      if (tapped) {
        words.append(lists.make("a", texts.open, { href: address.product(data.id[product]), className: "fmap-link" }));
      }
      const picture = lists.make("img", undefined, { src: address.thumbnail(data.image[at]), alt: "" });
      tip.replaceChildren(picture, words);
    }
    const left = Math.min(Math.max(4, pageX + 14), plane.width - tip.offsetWidth - 4);
    const below = pageY + 16 + tip.offsetHeight < plane.height;
    tip.style.transform = `translate(${left}px, ${Math.max(4, below ? pageY + 16 : pageY - tip.offsetHeight - 12)}px)`;
  }

  function pick(at, event, pageX, pageY) {
    if (event.pointerType === "touch") {
      showTip(at, pageX, pageY, true);
      return;
    }
    const url = address.product(data.id[data.product[at]]);
    if (event.ctrlKey || event.metaKey) window.open(url, "_blank", "noopener");
    else window.location.assign(url);
  }

  // --- regions and products -----------------------------------------------------------------

  function choose(chosen) {
    part("chosen").hidden = !chosen || !chosen.length;
    part("chosen-list").replaceChildren();
    plane.ringed = [];
    plane.draw();
    if (!chosen) return say("");
    if (!chosen.length) return say(texts.selectedNone);
    const rows = lists.byProduct(data, chosen);
    const title = fill(texts.selected, { products: lists.whole(rows.length), n: lists.whole(chosen.length) });
    part("chosen-title").textContent = title;
    lists.products(part("chosen-list"), part("more"), data, address, rows, texts);
    return say(title);
  }

  function goToProduct(product) {
    const own = [];
    for (let at = 0; at < data.count; at += 1) if (data.product[at] === product) own.push(at);
    if (own.some((at) => !plane.isShown(at))) {
      own.forEach((at) => { plane.groups[plane.of[at]].shown = true; });
      legend();
    }
    plane.ringed = own;
    plane.goTo(own);
    say(fill(texts.found, { name: data.name[product], n: own.length }));
  }

  // --- a photo ------------------------------------------------------------------------------

  async function place(file) {
    if (!file || part("photo").disabled) return;
    say(texts.placing);
    const form = new FormData();
    form.append("photo", file);
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    const hidden = document.querySelector("[name=csrfmiddlewaretoken]");
    const headers = { "X-CSRFToken": hidden ? hidden.value : token ? token[1] : "" };
    try {
      pinDown(await ask(settings.place, { method: "POST", body: form, headers }), file);
    } catch (error) {
      say(error.message || texts.notPlaced);
    }
  }

  function pinDown(answer, file) {
    const at = new Map();
    data.image.forEach((image, point) => at.set(image, point));
    const near = answer.nearest.filter((each) => at.has(each.image));
    const picture = new Image();
    picture.onload = () => { plane.paintOver(); URL.revokeObjectURL(picture.src); };
    picture.src = URL.createObjectURL(file);
    const nearest = near.map((each) => at.get(each.image));
    plane.pin = { x: answer.x, y: answer.y, nearest: nearest.slice(0, 5), picture };
    const { left, right, low, high } = plane.bounds();
    const apart = answer.spread > 0.12 * Math.max(right - left, high - low);
    const name = near.length ? data.name[data.product[nearest[0]]] : texts.none;
    const text = apart ? texts.placedApart : fill(texts.placed, { name });
    part("placed-text").textContent = text;
    part("placed-list").replaceChildren(...near.map((each) =>
      lists.productRow(data, address, at.get(each.image), fill(texts.distance, { d: lists.three.format(each.distance) }))));
    part("placed").hidden = false;
    plane.middleX = answer.x;
    plane.middleY = answer.y;
    plane.scale = Math.max(plane.scale, plane.least * 14);
    plane.draw();
    say(text);
  }

  function takeOff() {
    plane.pin = null;
    part("placed").hidden = true;
    part("photo").value = "";
    plane.paintOver();
    say("");
  }

  function listenForPhotos() {
    let depth = 0;
    const isFile = (event) => [...event.dataTransfer.types].includes("Files");
    const over = (open) => { part("drop").hidden = !open; };
    // Taken on the way down: the theme's own listener wants a text field beside every file field.
    root.addEventListener("change", (event) => {
      if (event.target !== part("photo")) return;
      event.stopPropagation();
      place(event.target.files[0]);
    }, true);
    stage.addEventListener("dragenter", (event) => { if (isFile(event)) { event.preventDefault(); depth += 1; over(true); } });
    stage.addEventListener("dragover", (event) => { if (isFile(event)) event.preventDefault(); });
    stage.addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); over(depth > 0); });
    stage.addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      over(false);
      place(event.dataTransfer.files[0]);
    });
  }

  // --- joining ------------------------------------------------------------------------------

  function listen() {
    part("colour").addEventListener("change", colour);
    part("store").addEventListener("change", colour);
    part("all").addEventListener("click", () => showGroups(true));
    part("none").addEventListener("click", () => showGroups(false));
    part("in-view").addEventListener("click", () => {
      choose(plane.inView());
      if (!part("chosen").hidden) part("chosen-title").focus();
    });
    part("clear").addEventListener("click", () => { choose(null); part("over").focus(); });
    part("take-off").addEventListener("click", takeOff);
    root.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
      const how = button.dataset.zoom;
      if (how === "all") plane.showAll();
      else plane.zoom(how === "in" ? 1.5 : 1 / 1.5);
    }));
    root.querySelectorAll("[data-mode]").forEach((button) => button.addEventListener("click", () => {
      plane.mode = button.dataset.mode;
      part("over").classList.toggle("is-choosing", plane.mode !== "pan");
      root.querySelectorAll("[data-mode]").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
    }));
    const search = (text) => points.find(data, text, 12);
    lists.finder(part("find"), root.querySelector("#fmap-found"), data, texts, search, {
      chosen: goToProduct,
      nothing: say,
    });
    // The legend's spots have the colours of the theme.
    new MutationObserver(legend).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    listenForPhotos();
  }

  async function begin() {
    try {
      data = points.decode(await ask(settings.data));
    } catch {
      part("wait").textContent = texts.failed;
      return;
    }
    plane = new Plane(part("base"), part("over"), data, {
      hover: showTip,
      pick,
      choose,
      view: () => { if (tip.classList.contains("is-tapped")) showTip(-1); },
    });
    plane.pictureOf = address.thumbnail;
    part("wait").hidden = true;
    const tops = new Set(data.categories.map((path) => path.split("/", 1)[0]));
    if (tops.size < 2) part("colour").value = "category";
    await colour();
    listen();
    const gone = data.gone ? ` ${fill(texts.gone, { n: lists.whole(data.gone) })}` : "";
    say(fill(texts.loaded, { n: lists.whole(data.count) }) + gone);
    window.featureMap.shown = { data, plane };
    root.dataset.ready = "yes";
  }

  begin();
})();
