// The photos of a product: tiles that are dropped, ordered and deleted at once. Without this script
// the plain rows below do the same with the form.
const root = document.querySelector("[data-photos]");
const AT_ONCE = 2;
const LOOK_AGAIN_MS = 4000;

function when(files) {
  return [...files].filter((file) => file.size || file.type);
}

function listen(element, drop, take) {
  for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault(); // or the browser would leave the page for the photo
      drop.classList.toggle("is-over", type !== "drop" && (type !== "dragleave" || Boolean(event.relatedTarget)));
      if (type === "drop") take(when(event.dataTransfer.files));
    });
  }
  document.addEventListener("paste", (event) => {
    const images = when(event.clipboardData?.files ?? []).filter((file) => file.type.startsWith("image/"));
    if (!images.length) return;
    event.preventDefault();
    take(images);
  });
  const input = element.querySelector("[data-choose]");
  input.addEventListener("change", (event) => {
    event.stopPropagation(); // no field of the form has changed
    take(when(input.files));
    input.value = "";
  });
}

function say(message, text, kind = "error") {
  message.textContent = text;
  message.dataset.kind = kind;
  message.hidden = !text;
}

class Board {
  constructor(root) {
    this.root = root;
    this.board = root.querySelector("[data-board]");
    this.tiles = root.querySelector("[data-tiles]");
    this.message = root.querySelector("[data-board-message]");
    this.uploads = root.querySelector("[data-uploads]");
    this.token = root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value;
    this.queue = [];
    this.running = 0;
    this.turn = 0;
    this.dragging = false;
    this.takeOver();
    this.tiles.addEventListener("click", (event) => this.clicked(event));
    this.tiles.addEventListener("photos-sorted", () => this.sendOrder());
    for (const type of ["pointerdown", "touchstart"]) {
      this.tiles.addEventListener(type, () => { this.dragging = true; }, { passive: true });
    }
    for (const type of ["pointerup", "pointercancel", "touchend", "touchcancel", "dragend"]) {
      addEventListener(type, () => { this.dragging = false; });
    }
    if (this.uploads) {
      listen(this.board, this.board.querySelector("[data-drop]"), (files) => this.add(files));
    }
    addEventListener("beforeunload", (event) => {
      if (this.queue.length || this.running) event.preventDefault();
    });
    this.lookAgain();
  }

  // The rows of the plain form step aside: what they would send is older than the tiles.
  takeOver() {
    const rows = this.root.querySelector("[data-rows]");
    if (rows.querySelector(".errors, .errorlist")) return;
    rows.hidden = true;
    for (const field of rows.querySelectorAll("input, select, textarea")) {
      if (/-(TOTAL|INITIAL)_FORMS$/.test(field.name)) field.value = 0;
      else if (!/_FORMS$/.test(field.name)) field.disabled = true;
    }
    this.board.hidden = false;
  }

  show(answer) {
    const focused = document.activeElement;
    const inside = this.tiles.contains(focused) && {
      photo: focused.closest("[data-photo]")?.dataset.photo,
      move: focused.dataset.move,
    };
    this.tiles.innerHTML = answer.tiles;
    if (!inside) return;
    const tile = this.tiles.querySelector(`[data-photo="${inside.photo}"]`);
    const same = tile?.querySelector(`[data-move="${inside.move}"]:not(:disabled)`);
    (same ?? tile?.querySelector("button:not(:disabled)"))?.focus();
  }

  async ask(url, fields) {
    const turn = ++this.turn;
    let answer;
    try {
      const body = fields && new URLSearchParams(fields);
      const response = await fetch(url, {
        method: fields ? "POST" : "GET",
        headers: { "X-CSRFToken": this.token, Accept: "application/json" },
        body,
        credentials: "same-origin",
      });
      answer = await response.json();
    } catch {
      if (fields) say(this.message, this.root.dataset.textLost);
      return;
    }
    if (fields || answer.error) say(this.message, answer.error || answer.note, answer.error ? "error" : "note");
    if (turn === this.turn) this.show(answer);
  }

  order() {
    return [...this.tiles.querySelectorAll("[data-photo]")].map((tile) => tile.dataset.photo);
  }

  sendOrder() {
    this.ask(this.root.dataset.orderUrl, { ids: this.order().join(",") });
  }

  clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.post) {
      if (!button.dataset.confirm || confirm(button.dataset.confirm)) this.ask(button.dataset.post, {});
    } else if (button.dataset.move) {
      const tile = button.closest("[data-photo]");
      const list = tile.parentElement;
      const { move } = button.dataset;
      if (move === "first") list.prepend(tile);
      else if (move === "-1") tile.previousElementSibling?.before(tile);
      else tile.nextElementSibling?.after(tile);
      button.focus();
      this.sendOrder();
    }
  }

  add(files) {
    for (const file of files) {
      const tile = this.uploadTile(file);
      if (file.size > this.root.dataset.maxMegabytes * 2 ** 20) {
        this.fail(tile, file, this.root.dataset.textTooLarge, false);
      } else {
        this.queue.push({ file, tile });
      }
    }
    this.next();
  }

  uploadTile(file) {
    const tile = document.createElement("li");
    tile.className = "rv-tile";
    const picture = document.createElement("div");
    picture.className = "rv-tile-picture";
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    image.addEventListener("error", () => image.remove()); // as HEIC, which many browsers do not show
    picture.append(image);
    const states = document.createElement("div");
    states.className = "rv-tile-states";
    const name = document.createElement("div");
    name.textContent = file.name;
    const progress = document.createElement("progress");
    progress.max = 1;
    progress.value = 0;
    progress.setAttribute("aria-label", `${this.root.dataset.textUploading} ${file.name}`);
    states.append(name, progress);
    tile.append(picture, states);
    this.uploads.append(tile);
    return tile;
  }

  next() {
    while (this.running < AT_ONCE && this.queue.length) {
      const { file, tile } = this.queue.shift();
      this.running += 1;
      this.send(file, tile).finally(() => {
        this.running -= 1;
        this.next();
      });
    }
  }

  send(file, tile) {
    return new Promise((done) => {
      const request = new XMLHttpRequest(); // fetch does not tell how far an upload has come
      const progress = tile.querySelector("progress");
      request.open("POST", this.root.dataset.addUrl);
      request.responseType = "json";
      request.setRequestHeader("X-CSRFToken", this.token);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress.value = event.loaded / event.total;
      });
      request.addEventListener("load", () => {
        const answer = request.response;
        if (!answer || !answer.tiles) this.fail(tile, file, this.root.dataset.textLost, true);
        else if (answer.error) this.fail(tile, file, answer.error, false);
        else tile.remove();
        if (answer?.tiles) {
          this.turn += 1;
          if (!this.dragging) this.show(answer);
        }
        done();
      });
      request.addEventListener("error", () => {
        this.fail(tile, file, this.root.dataset.textLost, true);
        done();
      });
      const form = new FormData();
      form.append("file", file);
      request.send(form);
    });
  }

  fail(tile, file, text, again) {
    const { dataset } = this.root;
    tile.querySelector("progress")?.remove();
    const error = document.createElement("div");
    error.className = "rv-error";
    error.setAttribute("role", "alert");
    error.textContent = text;
    const buttons = document.createElement("div");
    const button = (label, act) => {
      const each = document.createElement("button");
      each.type = "button";
      each.className = "rv-link";
      each.textContent = label;
      each.addEventListener("click", () => { tile.remove(); act(); });
      buttons.append(each, " ");
    };
    if (again) button(dataset.textAgain, () => this.add([file]));
    button(dataset.textRemove, () => {});
    tile.querySelector(".rv-tile-states").append(error, buttons);
  }

  // Recognition works in the background: look until no photo waits for it any more.
  lookAgain() {
    setTimeout(async () => {
      const waits = this.tiles.querySelector("[data-waiting]");
      if (waits && !document.hidden && !this.dragging && !this.running) await this.ask(this.root.dataset.listUrl);
      this.lookAgain();
    }, LOOK_AGAIN_MS);
  }
}

// A product that is not saved yet has no tiles: dropped photos become rows of the form.
function fillRows(root) {
  const zone = root.querySelector("[data-new-photos]");
  const message = zone.querySelector("[data-board-message]");
  const inputs = () => [...root.querySelectorAll("[data-rows] input[type=file]:not([name*='__prefix__'])")];
  const limit = root.dataset.maxMegabytes * 2 ** 20;

  function put(input, file) {
    const transfer = new DataTransfer();
    transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  zone.hidden = false;
  listen(zone, zone.querySelector("[data-drop]"), (files) => {
    say(message, "");
    let size = inputs().reduce((sum, input) => sum + (input.files[0]?.size ?? 0), 0);
    for (const file of files) {
      size += file.size;
      if (size > limit) {
        say(message, root.dataset.textTooMany);
        return;
      }
      let free = inputs().find((input) => !input.files.length);
      if (!free) {
        root.querySelector("[data-rows] .add-row")?.click();
        free = inputs().find((input) => !input.files.length);
      }
      if (free) put(free, file);
    }
  });
}

if (root?.querySelector("[data-board]")) new Board(root);
else if (root?.querySelector("[data-new-photos]")) fillRows(root);
