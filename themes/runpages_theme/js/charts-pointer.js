/* What moves over a drawn chart: crosshair, tooltip, the lifted line, and the gestures that zoom.

   It is drawn beside Vega, in an SVG of its own above the canvas: a moved pointer costs no dataflow.
   new plot.Pointer(chart)   chart = a plot.Chart that has been drawn
     at(x, py)     crosshair at x (data); with py (pixels) also the tooltip, nearest line first; at(null) clears
     lift(run)     that run's line stands out, null lays it back
   Drag: zoom into a range. Shift and drag: move. Ctrl or Alt and wheel: zoom around the pointer. Double click, Escape: all of it.
   Keys on the focused chart: left and right walk from point to point, + and - zoom.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const SVG = "http://www.w3.org/2000/svg";
  const ROWS = 5;
  const DOTS = 20;

  function node(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (parent) parent.append(made);
    return made;
  }

  function text(name, className, content, parent) {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = content;
    parent.append(made);
    return made;
  }

  class Pointer {
    constructor(chart) {
      this.chart = chart;
      this.over = node("svg", { class: "rp-over", "aria-hidden": "true" }, chart.live);
      const clip = "rp-clip-" + Pointer.count++;
      this.clip = node("rect", {}, node("clipPath", { id: clip }, this.over));
      this.plot = node("g", {}, this.over);
      const inside = node("g", { "clip-path": `url(#${clip})` }, this.plot);
      this.brush = node("rect", { class: "rp-brush", visibility: "hidden" }, inside);
      this.lifted = node("path", { class: "rp-lifted" }, inside);
      this.rule = node("line", { class: "rp-rule", visibility: "hidden" }, inside);
      this.dots = node("g", {}, inside);
      this.tip = text("div", "rp-tip", "", chart.live);
      this.tip.hidden = true;
      this.listen();
    }

    // after the plot changed its size or its place
    fit(box) {
      Object.assign(this, box);
      this.plot.setAttribute("transform", `translate(${this.left},${this.top})`);
      for (const [key, value] of Object.entries({ width: this.width, height: this.height })) {
        this.clip.setAttribute(key, value);
      }
      this.rule.setAttribute("y2", this.height);
      this.lift(this.run === undefined ? null : this.run);
    }

    sx(value) {
      return this.chart.sx.at(value);
    }

    sy(value) {
      return this.chart.sy.at(value);
    }

    place(event) {
      const box = this.chart.live.getBoundingClientRect();
      return [event.clientX - box.left - this.left, event.clientY - box.top - this.top];
    }

    inside(px, py) {
      return px >= 0 && px <= this.width && py >= 0 && py <= this.height;
    }

    invert(px) {
      return this.chart.sx.invert(px);
    }

    listen() {
      const live = this.chart.live;
      live.addEventListener("pointerdown", (event) => this.down(event));
      live.addEventListener("pointermove", (event) => this.move(event));
      live.addEventListener("pointerup", (event) => this.up(event));
      live.addEventListener("pointercancel", () => this.drop());
      live.addEventListener("pointerleave", () => this.chart.say(null));
      live.addEventListener("dblclick", () => this.chart.zoom(null));
      live.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      live.addEventListener("keydown", (event) => this.key(event));
      live.addEventListener("blur", () => this.chart.say(null));
    }

    down(event) {
      const [px, py] = this.place(event);
      if (event.button !== 0 || !this.inside(px, py)) return;
      this.held = { px, py, scale: this.chart.sx, pans: event.shiftKey, moved: false };
      // a finger scrolls the page; only a mouse or a pen draws a range
      if (event.pointerType === "touch") this.chart.say(this.invert(px), py);
      else this.chart.live.setPointerCapture(event.pointerId);
    }

    move(event) {
      const [px, py] = this.place(event);
      const held = event.pointerType === "touch" ? null : this.held;
      if (held && (held.moved || Math.abs(px - held.px) > 4)) {
        held.moved = true;
        if (held.pans) return this.pan(held, px);
        return this.stretch(held.px, px);
      }
      if (this.inside(px, py)) this.chart.say(this.invert(px), py);
      else this.chart.say(null);
    }

    up(event) {
      const held = this.held;
      this.drop();
      if (!held || event.pointerType === "touch") return;
      const [px, py] = this.place(event);
      if (held.moved && !held.pans) this.chart.zoom([held.px, px].sort((a, b) => a - b).map((p) => this.invert(Math.max(0, Math.min(this.width, p)))));
      else if (!held.moved) this.click(px, py);
    }

    drop() {
      this.held = null;
      this.brush.setAttribute("visibility", "hidden");
    }

    click(px, py) {
      const [first] = this.near(this.invert(px), py);
      if (first && Math.abs(first.py - py) < 24) this.chart.pick(first.line.run);
    }

    stretch(a, b) {
      this.chart.say(null);
      const low = Math.max(0, Math.min(a, b));
      const attributes = { x: low, y: 0, width: Math.min(this.width, Math.max(a, b)) - low, height: this.height, visibility: "visible" };
      for (const [key, value] of Object.entries(attributes)) this.brush.setAttribute(key, value);
    }

    // in pixels, so that a logarithmic axis moves as the hand does
    pan(held, px) {
      const by = held.px - px;
      this.chart.zoom([held.scale.invert(by), held.scale.invert(this.width + by)]);
    }

    wheel(event) {
      if (!event.ctrlKey && !event.altKey && !event.metaKey) return;
      event.preventDefault();
      const [px] = this.place(event);
      this.scale(Math.pow(1.0015, event.deltaY), px);
    }

    scale(factor, px) {
      this.chart.zoom([this.invert(px - px * factor), this.invert(px + (this.width - px) * factor)]);
    }

    key(event) {
      const middle = () => (this.now === undefined ? this.width / 2 : this.sx(this.now));
      const keys = {
        ArrowLeft: () => this.walk(-1),
        ArrowRight: () => this.walk(1),
        Escape: () => this.chart.zoom(null),
        "+": () => this.scale(0.7, middle()),
        "-": () => this.scale(1 / 0.7, middle()),
      };
      if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    }

    walk(by) {
      const line = this.chart.lines.find((each) => each.run === this.run) || this.chart.lines[0];
      if (!line) return;
      const xs = line.drawn.x;
      const i = this.now === undefined ? 0 : plot.nearest(xs, this.now, line.wild) + by;
      const to = Math.max(0, Math.min(xs.length - 1, i));
      this.chart.say(xs[to], this.sy(line.s[to]));
    }

    // every line's point nearest to x, nearest to the pointer first; a line that does not reach there is left out
    near(x, py) {
      const found = [];
      const reach = this.width * 0.02 + 8;
      for (const line of this.chart.lines) {
        const i = plot.nearest(line.drawn.x, x, line.wild);
        const px = this.sx(line.drawn.x[i]);
        if (!line.drawn.x.length || !Number.isFinite(line.s[i]) || Math.abs(px - this.sx(x)) > Math.max(reach, this.gap(line, i))) continue;
        found.push({ line, i, px, py: this.sy(line.s[i]) });
      }
      return found.sort((a, b) => Math.abs(a.py - py) - Math.abs(b.py - py));
    }

    gap(line, i) {
      const xs = line.drawn.x;
      const j = i + 1 < xs.length ? i + 1 : i - 1;
      return j < 0 ? 0 : Math.abs(this.sx(xs[j]) - this.sx(xs[i])) * 0.51;
    }

    at(x, py) {
      this.now = x === null ? undefined : x;
      this.rule.setAttribute("visibility", x === null ? "hidden" : "visible");
      this.dots.replaceChildren();
      this.tip.hidden = true;
      if (x === null) return;
      const px = this.sx(x);
      this.rule.setAttribute("x1", px);
      this.rule.setAttribute("x2", px);
      const found = this.near(x, py === undefined ? this.height / 2 : py);
      for (const each of found.length > DOTS ? found.slice(0, py === undefined ? 0 : ROWS) : found) node("circle", { cx: each.px, cy: each.py, r: 3, fill: this.color(each.line) }, this.dots);
      if (py !== undefined && found.length) this.tell(found, px, py);
    }

    color(line) {
      return this.chart.color(line);
    }

    tell(found, px, py) {
      const { tip, chart } = this;
      tip.replaceChildren();
      text("p", "rp-tip-x", chart.where(found[0].line.drawn.x[found[0].i]), tip);
      const list = text("ul", "", "", tip);
      for (const { line, i } of found.slice(0, ROWS)) this.row(line, i, list);
      const more = found.length - ROWS;
      if (more > 0) text("p", "rp-tip-more", "and " + more + " more", tip);
      const params = found[0].line.runs ? "" : plot.runs.params(found[0].line.run);
      if (params) text("p", "rp-tip-more", params, tip);
      for (const event of chart.events.filter(({ x }) => Math.abs(this.sx(x) - px) < 6).slice(0, 3)) text("p", "rp-tip-more", event.text, tip);
      tip.hidden = false;
      // beside the pointer, on the side where there is room
      const left = this.left + px;
      const wide = tip.offsetWidth;
      const right = left + 14 + wide <= chart.live.clientWidth;
      tip.style.left = Math.max(0, right ? left + 14 : left - 14 - wide) + "px";
      tip.style.top = Math.max(0, Math.min(this.top + py - 12, chart.live.clientHeight - tip.offsetHeight)) + "px";
    }

    row(line, i, list) {
      const item = text("li", "", "", list);
      const swatch = text("i", "", "", item);
      swatch.style.background = this.color(line);
      text("span", "rp-tip-name", this.chart.name(line), item);
      const number = runpages.format.number;
      text("b", "", number(line.s[i]), item);
      const raw = line.drawn.y[i];
      if (line.counts) {
        const ends = Number.isFinite(line.lo[i]) ? `${number(line.lo[i])} to ${number(line.hi[i])}, ` : "";
        text("small", "", `${ends}n=${line.counts[i]}`, item);
      } else if (Number.isFinite(raw) && raw !== line.s[i]) text("small", "", "raw " + number(raw), item);
    }

    lift(run) {
      this.run = run;
      const line = run === null ? null : this.chart.lines.find((each) => (each.runs ? each.runs.includes(run) : each.run === run));
      this.chart.live.classList.toggle("rp-dimmed", Boolean(line));
      if (!line) return this.lifted.removeAttribute("d");
      this.lifted.setAttribute("stroke", this.color(line));
      this.lifted.setAttribute("d", this.path(line));
    }

    path(line) {
      let out = "";
      let pen = "M";
      for (let i = 0; i < line.s.length; i++) {
        if (Number.isFinite(line.s[i])) {
          out += pen + this.sx(line.drawn.x[i]).toFixed(1) + " " + this.sy(line.s[i]).toFixed(1);
          pen = "L";
        } else pen = "M";
      }
      return out;
    }
  }
  Pointer.count = 0;

  plot.Pointer = Pointer;
})();
