// The plane under people's hands: mouse, fingers and keys; what they point at, and regions.
window.featureMap = window.featureMap || {};
window.featureMap.hands = (() => {
  const STILL = 5; // a press that moves less is a click

  return class extends window.featureMap.plane {
    constructor(...given) {
      super(...given);
      this.mode = "pan";
      this.pointers = new Map();
      this.listen();
    }

    listen() {
      const { over } = this;
      new ResizeObserver(() => { this.measure(); this.draw(); }).observe(over);
      new MutationObserver(() => this.draw()).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
      over.addEventListener("wheel", (event) => {
        event.preventDefault();
        const lines = event.deltaMode === 1 ? 16 : 1;
        this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
      }, { passive: false });
      over.addEventListener("pointerdown", (event) => this.down(event));
      over.addEventListener("pointermove", (event) => this.move(event));
      over.addEventListener("pointerup", (event) => this.up(event));
      over.addEventListener("pointercancel", (event) => this.end(event));
      over.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.hover(-1); });
      over.addEventListener("keydown", (event) => this.key(event));
    }

    hover(at, pageX = 0, pageY = 0) {
      this.over.classList.toggle("is-over", at >= 0);
      if (at === this.hovered && at < 0) return;
      this.hovered = at;
      this.on.hover(at, pageX, pageY);
      this.paintOver();
    }

    down(event) {
      if (event.button) return;
      this.over.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      if (this.pointers.size === 2) {
        [this.region, this.start, this.pinch] = [null, null, this.spread()];
      } else if (this.pointers.size === 1) {
        this.start = [event.offsetX, event.offsetY];
        this.dragging = false;
        this.choosing = this.mode !== "pan" ? this.mode : event.shiftKey && "box";
        this.region = this.choosing ? [this.start] : null;
      }
    }

    spread() {
      const [[ax, ay], [bx, by]] = [...this.pointers.values()];
      return { far: Math.hypot(ax - bx, ay - by) || 1, x: (ax + bx) / 2, y: (ay + by) / 2 };
    }

    move(event) {
      const here = [event.offsetX, event.offsetY];
      const before = this.pointers.get(event.pointerId);
      if (!before) {
        if (event.pointerType !== "touch") this.hover(this.nearest(...here), ...here);
        return;
      }
      this.pointers.set(event.pointerId, here);
      if (this.pointers.size === 2 && this.pinch) {
        const next = this.spread();
        this.pan(next.x - this.pinch.x, next.y - this.pinch.y);
        this.zoom(next.far / this.pinch.far, next.x, next.y);
        this.pinch = next;
      } else if (this.start) {
        if (!this.dragging && Math.hypot(here[0] - this.start[0], here[1] - this.start[1]) < STILL) return;
        this.drag(before, here);
      }
    }

    drag(before, here) {
      if (!this.dragging) {
        this.dragging = true;
        this.hover(-1);
        if (!this.choosing) this.over.classList.add("is-dragged");
      }
      if (this.choosing === "box") {
        const [[ax, ay], [bx, by]] = [this.start, here];
        this.region = [[ax, ay], [bx, ay], [bx, by], [ax, by]];
        this.paintOver();
      } else if (this.choosing) {
        this.region.push(here);
        this.paintOver();
      } else {
        this.pan(here[0] - before[0], here[1] - before[1]);
      }
    }

    up(event) {
      const wasClick = this.start && !this.dragging && this.pointers.size === 1;
      const chosen = this.dragging && this.choosing && this.region.length > 2 ? this.pointsInRegion() : null;
      this.end(event);
      if (chosen) this.on.choose(chosen);
      else if (wasClick) {
        const here = [event.offsetX, event.offsetY];
        const at = this.nearest(...here);
        if (event.pointerType === "touch") this.hover(at, ...here);
        if (at >= 0) this.on.pick(at, event, ...here);
      }
    }

    end(event) {
      this.pointers.delete(event.pointerId);
      this.over.classList.remove("is-dragged");
      [this.start, this.pinch, this.dragging, this.region] = [null, null, false, null];
      this.paintOver();
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const step = event.shiftKey ? 200 : 60;
      const does = {
        ArrowLeft: () => this.pan(step, 0), ArrowRight: () => this.pan(-step, 0),
        ArrowUp: () => this.pan(0, step), ArrowDown: () => this.pan(0, -step),
        "+": () => this.zoom(1.4), "=": () => this.zoom(1.4), "-": () => this.zoom(1 / 1.4),
        0: () => this.showAll(), Enter: () => this.on.choose(this.inView()), Escape: () => this.on.choose(null),
      }[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    }
  };
})();
