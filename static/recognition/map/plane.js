// The plane: where points are, how they are drawn, what lies where. Knows points, not products.
window.featureMap = window.featureMap || {};
window.featureMap.plane = (() => {
  const { Sheet, pixel, stamp } = window.featureMap.painting;
  const GROUND = { light: "#fcfcfd", dark: "#0b1220" };
  const HIDDEN = { light: "#e5e7eb", dark: "#293244" };
  const REACH = 14; // how near the pointer must be, in pixels of the page
  const MOST_PICTURES = 60;
  const PICTURE = 46;

  class Plane {
    // `on`: hover(point or -1, x, y), pick(point, event), choose(points), view().
    constructor(base, over, data, on) {
      Object.assign(this, { base, over, data, on });
      this.sheet = new Sheet(base);
      this.ink = over.getContext("2d");
      this.of = new Uint16Array(data.count);
      this.groups = [];
      this.lifted = -1; // a group that the legend points at
      this.ringed = [];
      this.hovered = -1;
      this.pin = null;
      this.region = null;
      this.pictures = new Map();
      this.pictureOf = null;
      this.measure();
      this.showAll();
    }

    get dark() { return document.documentElement.classList.contains("dark"); }

    // --- where things are -----------------------------------------------------------------

    measure() {
      const box = this.over.getBoundingClientRect();
      this.ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.width = Math.max(1, box.width);
      this.height = Math.max(1, box.height);
      const [w, h] = [Math.round(this.width * this.ratio), Math.round(this.height * this.ratio)];
      this.sheet.resize(w, h);
      this.over.width = w;
      this.over.height = h;
    }

    bounds(points) {
      const { x, y } = this.data;
      let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
      const take = (at) => {
        left = Math.min(left, x[at]); right = Math.max(right, x[at]);
        low = Math.min(low, y[at]); high = Math.max(high, y[at]);
      };
      if (points) points.forEach(take);
      else for (let at = 0; at < this.data.count; at += 1) take(at);
      return left <= right ? { left, right, low, high } : { left: -1, right: 1, low: -1, high: 1 };
    }

    showAll() {
      const { left, right, low, high } = this.bounds();
      const span = Math.max(right - left, (high - low) * (this.width / this.height), 1e-6);
      this.least = (this.width * 0.9) / span;
      this.scale = Math.min(this.least, (this.height * 0.86) / Math.max(high - low, 1e-6));
      this.least = this.scale / 4;
      this.most = this.scale * 400;
      this.middleX = (left + right) / 2;
      this.middleY = (low + high) / 2;
      this.draw();
    }

    toPage(x, y) {
      return [
        (x - this.middleX) * this.scale + this.width / 2,
        this.height / 2 - (y - this.middleY) * this.scale,
      ];
    }

    zoom(factor, pageX = this.width / 2, pageY = this.height / 2) {
      const next = Math.min(this.most, Math.max(this.least, this.scale * factor));
      const ratio = 1 / this.scale - 1 / next;
      this.middleX += (pageX - this.width / 2) * ratio;
      this.middleY -= (pageY - this.height / 2) * ratio;
      this.scale = next;
      this.draw();
    }

    pan(byX, byY) {
      this.middleX -= byX / this.scale;
      this.middleY += byY / this.scale;
      this.draw();
    }

    // Brings points into the view, no nearer than their surroundings can still be seen.
    goTo(points) {
      const { left, right, low, high } = this.bounds(points);
      this.middleX = (left + right) / 2;
      this.middleY = (low + high) / 2;
      const near = Math.min(this.width / (1.6 * Math.max(right - left, 1e-6)), this.height / (1.6 * Math.max(high - low, 1e-6)));
      const whole = this.least * 4;
      this.scale = Math.min(Math.max(near, whole), whole * 10);
      this.draw();
    }

    // --- drawing --------------------------------------------------------------------------

    draw() {
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => {
        this.waiting = 0;
        this.paint();
      });
    }

    radius() {
      const crowd = Math.sqrt((this.width * this.height) / Math.max(this.data.count, 1));
      const start = Math.min(5, Math.max(1.6, crowd / 7));
      return Math.min(7, start * Math.max(1, (this.scale / (this.least * 4)) ** 0.35)) * this.ratio;
    }

    paint() {
      const { sheet, data, of, groups, ratio } = this;
      const theme = this.dark ? "dark" : "light";
      const hidden = pixel(HIDDEN[theme]);
      const colours = groups.map((each) => pixel(each.colour()));
      const shown = groups.map((each) => each.shown);
      const shape = stamp(this.radius());
      const small = stamp(Math.max(1, this.radius() * 0.45));
      const [w, h] = [sheet.width, sheet.height];
      const scale = this.scale * ratio;
      const offX = w / 2 - this.middleX * scale;
      const offY = h / 2 + this.middleY * scale;
      const [x, y] = [data.x, data.y];
      sheet.clear(GROUND[theme]);
      // What is hidden or not pointed at lies below the rest.
      for (const upper of [false, true]) {
        for (let at = 0; at < data.count; at += 1) {
          const owner = of[at];
          const isUpper = shown[owner] && (this.lifted < 0 || this.lifted === owner);
          if (isUpper !== upper) continue;
          const px = Math.round(x[at] * scale + offX);
          const py = Math.round(offY - y[at] * scale);
          if (px < -20 || py < -20 || px > w + 20 || py > h + 20) continue;
          sheet.disc(px, py, upper ? shape : small, upper ? colours[owner] : hidden);
        }
      }
      sheet.show();
      this.paintOver();
      this.paintPictures();
      this.on.view();
    }

    paintOver() {
      const { ink, ratio } = this;
      ink.setTransform(ratio, 0, 0, ratio, 0, 0);
      ink.clearRect(0, 0, this.width, this.height);
      const strong = this.dark ? "#ffffff" : "#111827";
      const ring = (at, radius, width) => {
        const [px, py] = this.toPage(this.data.x[at], this.data.y[at]);
        ink.lineWidth = width;
        ink.strokeStyle = strong;
        ink.beginPath();
        ink.arc(px, py, radius, 0, 7);
        ink.stroke();
      };
      const radius = this.radius() / ratio;
      this.ringed.forEach((at) => ring(at, radius + 4, 2));
      if (this.hovered >= 0) ring(this.hovered, radius + 2.5, 2);
      if (this.pin) this.paintPin(strong);
      if (this.region && this.region.length > 1) this.paintRegion(strong);
    }

    paintPin(strong) {
      const { ink, pin } = this;
      const [px, py] = this.toPage(pin.x, pin.y);
      ink.setLineDash([4, 4]);
      ink.lineWidth = 1.5;
      ink.strokeStyle = strong;
      pin.nearest.forEach((at) => {
        ink.beginPath();
        ink.moveTo(px, py);
        ink.lineTo(...this.toPage(this.data.x[at], this.data.y[at]));
        ink.stroke();
      });
      ink.setLineDash([]);
      ink.fillStyle = "#db2777";
      ink.strokeStyle = "#ffffff";
      ink.lineWidth = 3;
      ink.beginPath();
      ink.arc(px, py, 9, 0, 7);
      ink.fill();
      ink.stroke();
      if (pin.picture && pin.picture.complete && pin.picture.naturalWidth) {
        ink.drawImage(pin.picture, px + 14, py - 52, 56, 56);
        ink.strokeRect(px + 14, py - 52, 56, 56);
      }
    }

    paintRegion(strong) {
      const { ink } = this;
      ink.beginPath();
      this.region.forEach(([px, py]) => ink.lineTo(px, py));
      ink.closePath();
      ink.fillStyle = "rgba(13, 148, 136, .14)";
      ink.strokeStyle = strong;
      ink.lineWidth = 1.5;
      ink.fill();
      ink.stroke();
    }

    // Where few points are in view, their photos stand on them, as far as there is room; loaded once
    // the map rests.
    paintPictures() {
      clearTimeout(this.resting);
      this.standing = [];
      if (!this.pictureOf || this.scale < this.least * 10) return;
      const points = this.inView();
      if (points.length > MOST_PICTURES) return;
      const without = [];
      for (const at of points) {
        const [px, py] = this.toPage(this.data.x[at], this.data.y[at]);
        const isFree = this.standing.every(([, x, y]) => Math.max(Math.abs(x - px), Math.abs(y - py)) > PICTURE + 4);
        if (isFree) this.standing.push([at, px, py]);
        else without.push(at);
      }
      const late = this.standing.filter(([at, px, py]) => !this.paintPicture(at, px, py));
      for (const at of without) this.paintDot(at);
      if (late.length) this.resting = setTimeout(() => this.loadPictures(late.map(([at]) => at)), 250);
    }

    // False if it is still to be loaded.
    paintPicture(at, px, py) {
      const picture = this.pictures.get(this.data.image[at]);
      if (!picture) return false;
      if (!picture.complete || !picture.naturalWidth) return true;
      const { context } = this.sheet;
      const side = PICTURE * this.ratio;
      const [left, top] = [px * this.ratio - side / 2, py * this.ratio - side / 2];
      const part = side / Math.max(picture.naturalWidth, picture.naturalHeight);
      const [w, h] = [picture.naturalWidth * part, picture.naturalHeight * part];
      context.fillStyle = "#ffffff";
      context.fillRect(left, top, side, side);
      context.drawImage(picture, left + (side - w) / 2, top + (side - h) / 2, w, h);
      context.lineWidth = 2.5 * this.ratio;
      context.strokeStyle = this.groups[this.of[at]].colour();
      context.strokeRect(left, top, side, side);
      return true;
    }

    paintDot(at) {
      const { context } = this.sheet;
      const [px, py] = this.toPage(this.data.x[at], this.data.y[at]);
      context.beginPath();
      context.arc(px * this.ratio, py * this.ratio, this.radius(), 0, 7);
      context.fillStyle = this.groups[this.of[at]].colour();
      context.strokeStyle = "#ffffff";
      context.lineWidth = 1.5 * this.ratio;
      context.fill();
      context.stroke();
    }

    loadPictures(points) {
      for (const at of points) {
        const image = this.data.image[at];
        if (this.pictures.has(image)) continue;
        const picture = new Image();
        picture.onload = () => this.draw();
        picture.src = this.pictureOf(image);
        this.pictures.set(image, picture);
      }
    }

    // --- what is where --------------------------------------------------------------------

    isShown(at) { return this.groups[this.of[at]].shown; }

    nearest(pageX, pageY) {
      let [best, found] = [REACH * REACH, -1];
      for (let at = 0; at < this.data.count; at += 1) {
        const dx = (this.data.x[at] - this.middleX) * this.scale + this.width / 2 - pageX;
        const dy = this.height / 2 - (this.data.y[at] - this.middleY) * this.scale - pageY;
        const far = dx * dx + dy * dy;
        if (far < best && this.isShown(at)) [best, found] = [far, at];
      }
      return found < 0 ? this.pictureAt(pageX, pageY) : found;
    }

    pictureAt(pageX, pageY) {
      const over = (this.standing || []).find(([, px, py]) =>
        Math.max(Math.abs(px - pageX), Math.abs(py - pageY)) < PICTURE / 2);
      return over ? over[0] : -1;
    }

    inView() {
      return this.pointsIn((px, py) => px >= 0 && py >= 0 && px <= this.width && py <= this.height);
    }

    pointsIn(holds) {
      const found = [];
      for (let at = 0; at < this.data.count; at += 1) {
        const [px, py] = this.toPage(this.data.x[at], this.data.y[at]);
        if (holds(px, py) && this.isShown(at)) found.push(at);
      }
      return found;
    }

    pointsInRegion() {
      const corners = this.region;
      return this.pointsIn((px, py) => {
        let inside = false;
        for (let at = 0, last = corners.length - 1; at < corners.length; last = at, at += 1) {
          const [ax, ay] = corners[at];
          const [bx, by] = corners[last];
          if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside;
        }
        return inside;
      });
    }
  }

  return Plane;
})();
