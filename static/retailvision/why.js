// Why a product was found: both photos, bright where the encoder finds them alike. The photo is sent
// again for it, because the site does not keep it.
const form = document.getElementById("search-form");
const input = document.getElementById("id_photo");
const results = document.getElementById("results");
const dialog = document.getElementById("why");
const waiting = document.getElementById("why-waiting");
const found = document.getElementById("why-found");
const problem = document.getElementById("why-problem");
const LONGEST_SIDE = 640;
const DARKEST = 0.72;
let asking;

function offer() {
  for (const button of results.querySelectorAll("[data-why]")) button.hidden = !input.files[0];
}

// A picture, or a part of it, under a veil that is thin where the grid is high.
function paint(canvas, picture, part, { area, grid }, [least, most]) {
  const width = part.width * picture.width;
  const height = part.height * picture.height;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  const from = [part.left * picture.width, part.top * picture.height, width, height];
  context.drawImage(picture, ...from, 0, 0, canvas.width, canvas.height);
  const veil = document.createElement("canvas");
  veil.width = grid[0].length;
  veil.height = grid.length;
  const pixels = new ImageData(veil.width, veil.height);
  grid.flat().forEach((value, at) => {
    const alike = Math.min(Math.max((value - least) / (most - least), 0), 1);
    pixels.data.set([6, 20, 24, 255 * DARKEST * (1 - alike)], 4 * at);
  });
  veil.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingQuality = "high";
  const [left, top, across, down] = area;
  const place = [left * canvas.width, top * canvas.height, across * canvas.width, down * canvas.height];
  context.drawImage(veil, ...place);
}

async function picture(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return { image, width: image.naturalWidth, height: image.naturalHeight };
}

function span(...grids) {
  const values = grids.flat(2).sort((one, other) => one - other);
  const least = values[Math.floor(values.length * 0.3)];
  // Photos that have nothing in common stay dark, however little is the most.
  return [least, Math.max(values.at(-1), least + 0.25)];
}

async function ask(sku, signal) {
  const body = new FormData();
  body.append("image", input.files[0]);
  body.append("sku", sku);
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value); // asked of who has logged in
  if (form.elements.box.value) body.append("box", form.elements.box.value);
  const answer = await fetch(dialog.dataset.address, { method: "POST", body, signal });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function show(why, box) {
  const [left, top, width, height] = box ? box.split(",").map(Number) : [0, 0, 1, 1];
  const [query, match] = await Promise.all([createImageBitmap(input.files[0]), picture(why.photo)]);
  const range = span(why.query.grid, why.match.grid);
  paint(document.getElementById("why-query"), query, { left, top, width, height }, why.query, range);
  const canvas = document.getElementById("why-match");
  const whole = { left: 0, top: 0, width: 1, height: 1 };
  paint(canvas, Object.assign(match.image, { width: match.width, height: match.height }), whole, why.match, range);
  found.hidden = false;
}

results.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-why]");
  if (!button || !input.files[0]) return;
  asking?.abort();
  const mine = (asking = new AbortController());
  found.hidden = problem.hidden = true;
  waiting.hidden = false;
  document.getElementById("why-name").textContent = button.dataset.name;
  dialog.showModal();
  try {
    const box = form.elements.box.value;
    const why = await ask(button.value, mine.signal);
    if (why.query) await show(why, box);
    else Object.assign(problem, { textContent: why.reason, hidden: false });
  } catch {
    if (mine.signal.aborted) return;
    Object.assign(problem, { textContent: problem.dataset.failed, hidden: false });
  }
  waiting.hidden = true;
});
dialog.addEventListener("close", () => asking?.abort());
dialog.addEventListener("click", ({ target }) => {
  if (target === dialog) dialog.close();
});
results.addEventListener("htmx:afterSettle", offer);
offer();
