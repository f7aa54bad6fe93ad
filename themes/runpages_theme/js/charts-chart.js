/* One figure of a metric's curves: from its data file to a drawn, zoomable chart. Vega draws axes and grid, charts-paint.js the lines.

   new plot.Chart(figure, state, bus)
     figure   <figure class="rp-chart" data-metric data-curve [data-runs="3,5"]>; its .rp-chart-view holds the still picture
     state    {x, xs, y, smooth, rule, bands, clip, runs: [run] | null, highlight ...}, shared by all charts of the page (charts.js)
     bus      {say(x | null, from), pick(run), range([a, b] | null, from)}: one crosshair and one range for all
   draw()  smooth()  redraw when the state's runs, axes or the theme changed: draw() again.  <figure data-drawn> when it is done.
   lines    what is drawn: runs, or configurations with a band over their seeds; members: the runs behind those
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const ROOM = 440;
  const LEAST = 240;
  const PLOT = 170;
  const NAME = 150;
  // behind more lines than this, bands and raw values are fog
  const CLEAR = 20;

  const element = (name, className) => Object.assign(document.createElement(name), { className });

  class Chart {
    constructor(figure, state, bus) {
      Object.assign(this, { figure, state, bus, view: null, facet: figure.rpFacet, lines: [], members: [], range: null, turn: 0, dirty: true });
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
      const other = plot.otherCurve(this.state.x);
      const wanted = [this.figure.dataset.curve, other, this.state.events && plot.otherCurve("epoch")].filter(Boolean);
      let left = wanted.length + 1;
      const came = () => {
        if (--left === 0 && turn === this.turn) this.build(turn, other && runpages.get(other));
      };
      plot.library(came);
      for (const curve of wanted) {
        if (runpages.get(curve)) came();
        else runpages.load("data/" + curve + ".js", came);
      }
    }

    async build(turn, other) {
      const payload = runpages.get(this.figure.dataset.curve);
      // what could not be loaded leaves the still picture
      if (!payload || !runpages.vega || !this.box.clientWidth) return;
      const { x, xs, y } = this.state;
      const made = plot.lines(payload, this.chosen(payload), { x, xs: this.xs(), y, other });
      if (!made.lines.length) return this.none(payload, made);
      plot.smooth(made.lines, this.state.rule, this.state.smooth);
      plot.place(made.lines);
      this.look = plot.look();
      const own = this.facet ? made.lines.filter((line) => plot.runs.place(this.facet.id, line.run) === this.facet.place) : made.lines;
      if (!own.length) return this.none(payload, made, "None of the selected runs.");
      // parts of one metric have the axes of all of it
      Object.assign(this, { every: own, beside: this.facet ? made.lines : [], title: made.title, dropped: made.dropped });
      this.gather();
      const width = this.size();
      const direct = this.lines.length > 1 && this.lines.length <= plot.DIRECT && width >= ROOM;
      const legend = direct ? null : plot.legend(this);
      if (legend) this.stage(legend);
      const spec = this.spec(width, Math.max(PLOT, this.tall - (legend ? legend.offsetHeight : 0)), direct);
      const key = JSON.stringify([this.look.name, xs, { ...spec, params: null }]);
      if (!this.view || key !== this.key) await this.embed(spec, turn);
      if (turn !== this.turn) return legend && legend.remove();
      Object.assign(this, { key, direct });
      this.put(legend);
    }

    // what is drawn of the runs: each by itself, or one line per configuration
    gather() {
      const grouped = plot.grouped && plot.grouped(this.every, this.state);
      this.lines = grouped || this.every;
      this.members = grouped && this.state.members ? this.every : [];
    }

    async embed(spec, turn) {
      const live = element("div", "rp-chart-live");
      const holder = element("div", "rp-chart-canvas");
      live.append(holder);
      this.stage(live);
      const view = await plot.embed(holder, spec, { config: runpages.get("specs").config[this.look.name] });
      if (turn !== this.turn) {
        live.remove();
        return view.finalize();
      }
      if (this.view) this.view.finalize();
      Object.assign(this, { view, live, paint: new plot.Paint(live), pointer: null });
    }

    chosen(payload) {
      const some = this.runs || this.state.runs;
      return some && payload.lines.some((line) => some.includes(line.run)) ? some : some ? [] : null;
    }

    // time is never logarithmic: nobody reads dates that way
    xs() {
      return this.state.x === "wall" ? "linear" : this.state.xs;
    }

    banded() {
      return this.lines !== this.every || (this.state.bands && this.lines.length <= CLEAR && !(this.state.smooth > 0));
    }

    raw() {
      return this.state.smooth > 0 && this.lines === this.every && this.lines.length <= CLEAR;
    }

    spec(width, height, direct) {
      const spec = plot.live();
      const time = this.state.x === "wall";
      Object.assign(spec, { width, height, autosize: { type: "fit", contains: "padding" } });
      if (direct) spec.padding = { left: 2, top: 4, bottom: 2, right: 12 + Math.min(NAME, Math.max(...this.lines.map((line) => plot.wide(this.name(line))))) };
      // known before the first drawing, or the axes would get the room that other labels need
      const signals = this.signals();
      for (const param of spec.params) if (param.name in signals) param.value = signals[param.name];
      plot.axes(spec, "x", (encoding) => {
        encoding.axis.title = this.title;
        if (time) Object.assign(encoding, { type: "temporal", axis: { ...encoding.axis, labelExpr: undefined } });
        Object.assign(encoding.scale, scaled(this.xs(), this.constants.x), time ? { type: "utc", zero: undefined } : {});
      });
      plot.axes(spec, "y", (encoding) => {
        Object.assign(encoding.scale, scaled(this.state.y, this.constants.y));
        if (this.state.y !== "linear") encoding.axis.format = "~g";
      });
      return JSON.parse(JSON.stringify(spec));
    }

    // near zero symlog is straight: up to the size that a tenth of the values stay below
    get constants() {
      return { x: constant(this.lines.map((line) => line.drawn.x)), y: constant(this.lines.map((line) => line.s)) };
    }

    signals() {
      const { x, y } = this.extent();
      return { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
    }

    extent() {
      const [from, to] = this.range || [-Infinity, Infinity];
      const all = [...this.lines, ...this.members, ...this.beside];
      const found = plot.extent(all, from, to, { xs: this.xs(), scale: this.state.y, bands: this.banded(), clip: this.state.clip });
      return { x: this.range || found.x, y: found.y };
    }

    // the rule behind a band stands below it
    caption() {
      const said = plot.told ? plot.told(this.state) : "";
      let place = this.figure.querySelector(".rp-chart-told");
      if (!said) return place && place.remove();
      if (!place) this.figure.insertBefore((place = element("p", "rp-chart-told")), this.box.nextSibling);
      place.textContent = said;
    }

    // empty axes would leave the reader to guess what is missing
    none(payload, { dropped }, other) {
      if (this.view) this.view.finalize();
      Object.assign(this, { view: null, pointer: null, lines: [], members: [], drawnAt: this.box.clientWidth, done: this.turn });
      const count = (this.runs || this.state.runs || payload.lines).length;
      const what = dropped.times ? "what this x axis needs" : `a curve of ${this.metric}`;
      const one = dropped.times ? "The selected run has not recorded what this x axis needs." : `The selected run has no curve of ${this.metric}.`;
      const said = other ? other : count === 0 ? "No run is selected." : count === 1 ? one : `None of the ${count} selected runs has ${what}.`;
      this.box.replaceChildren(Object.assign(element("p", "rp-chart-none"), { textContent: said }));
      this.note({ times: 0, log: 0 }, 0);
      this.figure.dataset.drawn = "0";
    }

    // measured where it will stand, but not yet seen
    stage(part) {
      part.classList.add("rp-staged");
      this.box.append(part);
    }

    put(legend) {
      this.drawnAt = this.box.clientWidth;
      this.box.replaceChildren(this.live, ...(legend ? [legend] : []));
      this.live.classList.remove("rp-staged");
      if (legend) legend.classList.remove("rp-staged");
      this.pointer = this.pointer || new plot.Pointer(this);
      this.rescale();
      this.caption();
      this.describe();
      this.pointer.lift(this.state.highlight);
      this.done = this.turn;
      this.figure.dataset.drawn = String(this.lines.length);
    }

    describe() {
      const still = this.figure.querySelector(".rp-still[aria-label], .rp-chart-view img[alt]");
      this.alt = this.alt || (still && (still.getAttribute("aria-label") || still.alt)) || this.metric;
      this.live.tabIndex = 0;
      this.live.setAttribute("role", "img");
      this.live.setAttribute("aria-label", [this.alt, this.told].filter(Boolean).join(" "));
    }

    name(line) {
      return line.label || plot.runs.name(line.run);
    }

    color(line) {
      return plot.runs.color(line.run, this.look, this.state);
    }

    dash(line) {
      return plot.runs.dash(line.run, this.state);
    }

    // what these axes cannot show is said, not dropped in silence
    note({ times, log }, beyond) {
      const said = [];
      const plural = (count, one, many) => `${runpages.format.count(count)} ${count === 1 ? one : many}`;
      if (times) said.push(`${plural(times, "run", "runs")} without what this x axis needs`);
      if (log) said.push(`${plural(log, "value", "values")} at or below 0, not on a log scale`);
      if (beyond) said.push(`${plural(beyond, "outlier", "outliers")} beyond the y axis, marked at its edge`);
      const old = this.figure.querySelector(".rp-chart-left");
      if (old) old.remove();
      if (said.length) this.figure.append(Object.assign(element("p", "rp-chart-left"), { textContent: "Not shown: " + said.join("; ") + "." }));
    }

    smooth() {
      plot.smooth(this.every, this.state.rule, this.state.smooth);
      this.gather();
      this.rescale();
    }

    zoom(range, told = false) {
      const whole = plot.extent(this.lines, -Infinity, Infinity, { xs: this.xs() }).x;
      // zooming out beyond everything is the whole; a range below a pixel's worth is no range
      const all = !range || (range[0] <= whole[0] && range[1] >= whole[1]);
      if (!all && range[1] - range[0] < (whole[1] - whole[0]) * 1e-4) return;
      this.range = all ? null : range;
      this.figure.classList.toggle("rp-zoomed", Boolean(this.range));
      this.rescale();
      if (!told) this.bus.range(this.range, this);
    }

    rescale() {
      const { x, y } = this.extent();
      const signals = { x0: x[0], x1: x[1], y0: y[0], y1: y[1] };
      const moved = Object.entries(signals).filter(([name, value]) => this.view.signal(name) !== value);
      for (const [name, value] of moved) this.view.signal(name, value);
      // the axis' new labels may be wider
      if (moved.length) this.view.resize().run();
      this.frame(x, y);
      this.repaint();
    }

    // the plot's place below the paint and the pointer, and the scales that Vega's axes stand for
    frame(x, y) {
      const [left, top] = this.view.origin();
      const padding = this.view.padding();
      const box = { left: left + padding.left, top: top + padding.top, width: this.view.signal("width"), height: this.view.signal("height") };
      this.sx = plot.scale(this.xs(), x, [0, box.width], this.xs() === "symlog" ? this.constants.x : 1);
      this.sy = plot.scale(this.state.y, y, [box.height, 0], this.state.y === "symlog" ? this.constants.y : 1);
      this.shown = { x, y };
      this.paint.fit(box);
      this.pointer.fit(box);
    }

    repaint() {
      const strands = plot.strands(this);
      this.note(this.dropped, strands.reduce((sum, { beyond }) => sum + (beyond ? beyond.count : 0), 0));
      const events = plot.events && this.state.events ? plot.events(this) : [];
      this.events = events.filter(({ x }) => x >= this.shown.x[0] && x <= this.shown.x[1]);
      this.told = this.events.filter(({ kind }) => kind !== "epoch").map(({ text }) => text + ".").join(" ");
      this.paint.draw({ x: this.sx, y: this.sy, strands, labels: this.direct ? plot.endLabels(this, NAME) : [], events, soft: this.look.soft });
    }

    resize() {
      if (!this.view || Math.abs(this.box.clientWidth - this.drawnAt) < 2) return;
      this.draw();
    }

    busy() {
      return this.dirty || this.done !== this.turn;
    }

    domain() {
      return this.shown;
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
      return { x: left + this.sx.at(line.drawn.x[i]), y: top + this.sy.at(line.s[i]) };
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
      if (this.state.x === "relative") return format.number(x) + " " + this.title.split(" ")[0];
      return this.title + " " + (Number.isInteger(x) ? format.count(x) : format.number(x));
    }
  }

  // a logarithmic scale has no zero to be told about
  const scaled = (type, straight) => ({ type, constant: type === "symlog" ? straight : undefined, zero: type === "log" ? undefined : false });

  function constant(arrays) {
    const sizes = arrays.flatMap((values) => Array.from(values, Math.abs)).filter((size) => size > 0 && Number.isFinite(size));
    sizes.sort((a, b) => a - b);
    return sizes.length ? sizes[Math.floor(sizes.length / 10)] : 1;
  }

  plot.Chart = Chart;
})();
