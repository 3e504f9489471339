// Points as pixels: 20,000 discs are written into one block of memory, which takes a few milliseconds
// without a graphics card, where as many calls of the canvas would take far longer.
window.featureMap = window.featureMap || {};
window.featureMap.painting = (() => {
  const stamps = new Map();

  // Where a disc covers the pixels around its middle: [dx, dy, cover of the rim, cover of the disc].
  function stamp(radius) {
    const key = Math.round(radius * 4);
    if (stamps.has(key)) return stamps.get(key);
    const r = key / 4;
    const rim = r + 1;
    const reach = Math.ceil(rim);
    const full = [];
    const part = [];
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        const far = Math.hypot(dx, dy);
        const disc = Math.max(0, Math.min(1, r + 0.5 - far));
        const edge = Math.max(0, Math.min(1, rim + 0.5 - far)) * 0.55;
        if (disc >= 0.999) full.push(dx, dy);
        else if (disc > 0 || edge > 0.05) part.push(dx, dy, Math.round(edge * 256), Math.round(disc * 256));
      }
    }
    const made = { reach, full: Int16Array.from(full), part: Int16Array.from(part) };
    stamps.set(key, made);
    return made;
  }

  // "#rrggbb" as a pixel; all machines that run browsers are little-endian.
  function pixel(colour) {
    const value = parseInt(colour.slice(1), 16);
    return (0xff000000 | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
  }

  function blend(under, over, cover) {
    const keep = 256 - cover;
    const odd = ((((under & 0xff00ff) * keep + (over & 0xff00ff) * cover) >>> 8) & 0xff00ff) >>> 0;
    const even = ((((under >>> 8) & 0xff) * keep + ((over >>> 8) & 0xff) * cover) & 0xff00) >>> 0;
    return (0xff000000 | odd | even) >>> 0;
  }

  class Sheet {
    constructor(canvas) {
      this.canvas = canvas;
      this.context = canvas.getContext("2d", { alpha: false });
      this.resize(1, 1);
    }

    resize(width, height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.width = width;
      this.height = height;
    }

    clear(colour) {
      this.ground = pixel(colour);
      this.pixels.fill(this.ground);
    }

    disc(x, y, shape, colour) {
      const { pixels, width, height, ground } = this;
      const { reach, full, part } = shape;
      const inside = x >= reach && y >= reach && x < width - reach && y < height - reach;
      const middle = y * width + x;
      for (let at = 0; at < part.length; at += 4) {
        const dx = part[at];
        const dy = part[at + 1];
        if (!inside && (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height)) continue;
        const place = middle + dy * width + dx;
        const under = blend(pixels[place], ground, part[at + 2]);
        pixels[place] = blend(under, colour, part[at + 3]);
      }
      for (let at = 0; at < full.length; at += 2) {
        const dx = full[at];
        const dy = full[at + 1];
        if (!inside && (x + dx < 0 || y + dy < 0 || x + dx >= width || y + dy >= height)) continue;
        pixels[middle + dy * width + dx] = colour;
      }
    }

    show() {
      this.context.putImageData(this.image, 0, 0);
    }
  }

  return { Sheet, pixel, stamp };
})();
