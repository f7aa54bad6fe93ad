/* One figure of a metric's curves: from its data file to a drawn, zoomable chart.

   new plot.Chart(figure, state, bus)
     figure   <figure class="rp-chart" data-metric data-curve [data-runs="3,5"]>; its .rp-chart-view holds the still picture
     state    {x, y, smooth, rule, bands, runs: [run] | null, highlight}, shared by all charts of the page
     bus      {say(x | null, from), pick(run)}: one crosshair for all
   draw()  smooth()  redraw when the state's runs, axes or the theme changed: draw() again.  <figure data-drawn> when it is done.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const DIRECT = 5;
  const NAMED = 12;
  const ROOM = 440;
  const LEAST = 240;
  const PLOT = 170;
  // behind more lines than this, bands and raw values are fog
  const CLEAR = 20;
  const FONT = "11px system-ui, sans-serif";

  const element = (name, className) => Object.assign(document.createElement(name), { className });

  class Chart {
    constructor(figure, state, bus) {
      Object.assign(this, { figure, state, bus, view: null, lines: [], range: null, turn: 0, dirty: true });
      this.box = figure.querySelector(".rp-chart-view");
      this.metric = figure.dataset.metric;
      this.runs = figure.dataset.runs ? figure.dataset.runs.split(",").map(Number) : null;
      this.title = "step";
    }

    // the still picture's height stays, so that nothing below it jumps; the style sheet keeps 240 px free for it on a phone
    size() {
      this.tall = this.tall || Math.min(440, Math.max(LEAST, this.box.clientHeight));
      return this.box.clientWidth;
    }

    draw() {
      const turn = ++this.turn;
      this.dirty = false;
      const epochs = this.state.x === "epoch" ? plot.epochs() : "";
      const wanted = [this.figure.dataset.curve, epochs].filter(Boolean);
      let left = wanted.length + 1;
      const came = () => {
        if (--left === 0 && turn === this.turn) this.build(turn, epochs);
      };
      plot.library(came);
      for (const curve of wanted) {
        if (runpages.get(curve)) came();
        else runpages.load("data/" + curve + ".js", came);
      }
    }

    async build(turn, epochs) {
      const payload = runpages.get(this.figure.dataset.curve);
      // what could not be loaded leaves the still picture
      if (!payload || !runpages.vegaEmbed || !this.box.clientWidth) return;
      const { x, y } = this.state;
      const made = plot.lines(payload, this.chosen(payload), { x, y, epochs: epochs && runpages.get(epochs) });
      if (!made.lines.length) return this.none(payload, made);
      plot.smooth(made.lines, this.state.rule, this.state.smooth);
      this.look = plot.look();
      const width = this.size();
      const color = (run) => plot.runs.color(run, this.look);
      const data = plot.rows(made.lines, { color, dash: plot.runs.dash, bands: this.banded(made.lines) });
      const direct = made.lines.length > 1 && made.lines.length <= DIRECT && width >= ROOM;
      const legend = this.legend(made.lines, direct);
      const live = element("div", "rp-chart-live");
      const holder = element("div", "rp-chart-canvas");
      live.append(holder);
      this.stage(live, legend);
      const spec = this.spec(made, width, Math.max(PLOT, this.tall - (legend ? legend.offsetHeight : 0)), direct);
      const view = await plot.embed(holder, spec, {
        config: runpages.get("specs").config[this.look.name],
        data,
      });
      if (turn !== this.turn) return view.finalize();
      this.put(live, legend, view, made, direct);
    }

    chosen(payload) {
      const some = this.runs || this.state.runs;
      return some && payload.lines.some((line) => some.includes(line.run)) ? some : some ? [] : null;
    }

    banded(lines) {
      return this.state.bands && lines.length <= CLEAR && !(this.state.smooth > 0);
    }

    raw(lines) {
      return this.state.smooth > 0 && lines.length <= CLEAR;
    }

    spec(made, width, height, direct) {
      const spec = plot.live(this.state.x, this.state.y);
      Object.assign(spec, { width, height, autosize: { type: "fit", contains: "padding" } });
      if (direct) spec.padding = { left: 2, top: 4, bottom: 2, right: 12 + this.widest(made.lines) };
      // known before the first drawing, or the axes would get the room that other labels need
      const signals = this.signals(made.lines);
      for (const param of spec.params) if (param.name in signals) param.value = signals[param.name];
      plot.axes(spec, "x", (encoding) => (encoding.axis.title = made.title));
      plot.axes(spec, "y", (encoding) => {
        if (this.state.y === "symlog") encoding.scale.constant = constant(made.lines);
      });
      return spec;
    }

    widest(lines) {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = FONT;
      return Math.min(150, Math.max(...lines.map((line) => pen.measureText(plot.runs.name(line.run)).width)));
    }

    signals(lines) {
      const { x, y } = this.extent(lines);
      return { x0: x[0], x1: x[1], y0: y[0], y1: y[1], smoothed: this.raw(lines) };
    }

    extent(lines) {
      const [from, to] = this.range || [-Infinity, Infinity];
      const found = plot.extent(lines, from, to, { scale: this.state.y, bands: this.banded(lines) });
      return { x: this.range || found.x, y: found.y };
    }

    // empty axes would leave the reader to guess what is missing
    none(payload, { dropped }) {
      if (this.view) this.view.finalize();
      plot.forget(this.lines);
      Object.assign(this, { view: null, pointer: null, lines: [], drawnAt: this.box.clientWidth, done: this.turn });
      const count = (this.runs || this.state.runs || payload.lines).length;
      const what = dropped.times ? "what this x axis needs" : `a curve of ${this.metric}`;
      const one = dropped.times ? "The selected run has not recorded what this x axis needs." : `The selected run has no curve of ${this.metric}.`;
      const said = count === 0 ? "No run is selected." : count === 1 ? one : `None of the ${count} selected runs has ${what}.`;
      this.box.replaceChildren(Object.assign(element("p", "rp-chart-none"), { textContent: said }));
      this.note({ times: 0, log: 0 });
      this.figure.dataset.drawn = "0";
    }

    // measured where it will stand, but not yet seen
    stage(live, legend) {
      live.classList.add("rp-staged");
      this.box.append(live);
      if (legend) {
        legend.classList.add("rp-staged");
        this.box.append(legend);
      }
    }

    put(live, legend, view, made, direct) {
      if (this.view) this.view.finalize();
      plot.forget(this.lines);
      Object.assign(this, { view, live, lines: made.lines, title: made.title, direct, drawnAt: this.box.clientWidth });
      this.box.replaceChildren(live, ...(legend ? [legend] : []));
      live.classList.remove("rp-staged");
      if (legend) legend.classList.remove("rp-staged");
      this.name(live);
      this.pointer = new plot.Pointer(this);
      this.pointer.lift(this.state.highlight);
      this.note(made.dropped);
      this.label();
      this.done = this.turn;
      this.figure.dataset.drawn = String(made.lines.length);
    }

    name(live) {
      const still = this.figure.querySelector("[aria-label], img[alt]");
      const alt = still && (still.getAttribute("aria-label") || still.alt);
      this.alt = this.alt || alt || this.metric;
      live.tabIndex = 0;
      live.setAttribute("role", "img");
      live.setAttribute("aria-label", this.alt);
    }

    legend(lines, direct) {
      if (direct || lines.length < 2 || this.figure.closest("[data-rp-legend=none], .rp-pane-charts")) return null;
      const list = element("ul", "rp-legend");
      for (const line of lines.slice(0, NAMED)) {
        const item = element("li", "");
        const swatch = element("i", "");
        swatch.style.borderTopColor = plot.runs.color(line.run, this.look);
        swatch.style.borderTopStyle = ["solid", "dashed", "dotted", "dashed"][plot.runs.dash(line.run)];
        item.append(swatch, plot.runs.name(line.run));
        item.addEventListener("mouseenter", () => this.bus.highlight(line.run));
        item.addEventListener("mouseleave", () => this.bus.highlight(null));
        list.append(item);
      }
      if (lines.length > NAMED) list.append(Object.assign(element("li", ""), { textContent: `and ${lines.length - NAMED} more` }));
      return list;
    }

    // what this axis cannot show is said, not dropped in silence
    note({ times, log }) {
      const said = [];
      if (times) said.push(`${times} ${times === 1 ? "run" : "runs"} without what this x axis needs`);
      if (log) said.push(`${log} ${log === 1 ? "value" : "values"} at or below 0, not on a log scale`);
      const old = this.figure.querySelector(".rp-chart-left");
      if (old) old.remove();
      if (!said.length) return;
      this.figure.append(Object.assign(element("p", "rp-chart-left"), { textContent: "Not shown: " + said.join("; ") + "." }));
    }

    label() {
      if (!this.direct) return;
      const ends = this.lines.map((line) => ({ line, i: lastShown(line, this.extent(this.lines).x) })).filter(({ i }) => i >= 0);
      const scale = this.view.scale("y");
      const height = this.view.signal("height");
      ends.sort((a, b) => scale(a.line.s[a.i]) - scale(b.line.s[b.i]));
      const places = apart(ends.map(({ line, i }) => scale(line.s[i])), 13, height);
      const right = Number(this.view.scale("x").domain()[1]);
      const rows = ends.map(({ line }, k) => ({ x: right, y: scale.invert(places[k]), c: plot.runs.color(line.run, this.look), text: plot.runs.name(line.run) }));
      this.view.data("labels", rows).run();
    }

    smooth() {
      plot.smooth(this.lines, this.state.rule, this.state.smooth);
      this.rescale({ smoothed: this.raw(this.lines), version: this.view.signal("version") + 1 });
    }

    zoom(range) {
      const whole = plot.extent(this.lines, -Infinity, Infinity).x;
      // zooming out beyond everything is the whole; a range below a pixel's worth is no range
      const all = !range || (range[0] <= whole[0] && range[1] >= whole[1]);
      if (!all && range[1] - range[0] < (whole[1] - whole[0]) * 1e-4) return;
      this.range = all ? null : range;
      this.figure.classList.toggle("rp-zoomed", Boolean(this.range));
      this.rescale({});
    }

    rescale(more) {
      const { x, y } = this.extent(this.lines);
      const signals = { x0: x[0], x1: x[1], y0: y[0], y1: y[1], ...more };
      for (const [name, value] of Object.entries(signals)) this.view.signal(name, value);
      // the axis' new labels may be wider; names still at their old ends would count as part of the plot
      this.view.data("labels", []).resize().run();
      this.pointer.fit();
      this.label();
    }

    resize() {
      if (!this.view || Math.abs(this.box.clientWidth - this.drawnAt) < 2) return;
      this.draw();
    }

    busy() {
      return this.dirty || this.done !== this.turn;
    }

    domain() {
      const of = (name) => this.view.scale(name).domain().map(Number);
      return { x: of("x"), y: of("y") };
    }

    // the plot's place in the window, without axes
    plot() {
      const { left, top } = this.live.getBoundingClientRect();
      const { width, height } = this.pointer;
      return { left: left + this.pointer.left, top: top + this.pointer.top, width, height };
    }

    // where the i-th point of a line stands in the window
    pixel(number, i) {
      const { left, top } = this.plot();
      const line = this.lines[number];
      return { x: left + this.pointer.sx(line.drawn.x[i]), y: top + this.pointer.sy(line.s[i]) };
    }

    say(x, py) {
      this.bus.say(x, py, this);
    }

    pick(run) {
      this.bus.pick(run, this.figure);
    }

    where(x) {
      const format = runpages.format;
      if (this.state.x === "wall") return format.date(x / 1000);
      return this.state.x === "relative" ? format.number(x) + " " + this.title.split(" ")[0] : this.title + " " + format.count(x);
    }
  }

  // near zero symlog is straight: up to the size that a tenth of the values stay below
  function constant(lines) {
    const sizes = lines.flatMap((line) => Array.from(line.s, Math.abs)).filter((size) => size > 0 && Number.isFinite(size));
    sizes.sort((a, b) => a - b);
    return sizes.length ? sizes[Math.floor(sizes.length / 10)] : 1;
  }

  function lastShown(line, [from, to]) {
    for (let i = line.s.length - 1; i >= 0; i--) {
      if (line.drawn.x[i] >= from && line.drawn.x[i] <= to && Number.isFinite(line.s[i])) return i;
    }
    return -1;
  }

  function apart(wanted, gap, height) {
    const places = wanted.slice();
    for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + gap);
    for (let i = places.length - 1, below = height; i >= 0; i--, below -= gap) {
      places[i] = Math.min(places[i], below);
      below = places[i];
    }
    return places;
  }

  plot.Chart = Chart;
})();
