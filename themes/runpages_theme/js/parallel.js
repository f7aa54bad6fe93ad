/* Parallel coordinates: a line per trial or run over an axis per param. An axis can be turned over, made logarithmic, and narrowed to a
   range by dragging along it or by its two number fields; what all ranges keep stays in the table of trials below.

   <figure class="rp-parallel" data-from="studies/digits">   the data file's `parallel`: {axes: [{name, words, log, values}], shade, names, trials, states, ramp, alt}
   new runpages.Parallel(figure, told, {ranges, kept(trials, narrowed), settled(ranges), pick(trial)})    the same from elsewhere; `told` may say
     strong: [bool], which lines stand out, and noun: "run"
   <figure data-drawn="27"> how many lines are kept; the event "rp-kept" with {trials: [number]} after each change
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const SVG = "http://www.w3.org/2000/svg";
  const TALL = 260;
  const TOP = 30;
  const SPAN = TALL - TOP - 14;
  const SIDE = 64;
  const GAP = 150;
  // lines run through the labels: these stand on the page's ground
  const HALO = { stroke: "var(--rp-paper,#fff)", "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke" };

  const made = (name, attributes = {}, text = "") => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    return node;
  };
  const element = (name, more = {}) => Object.assign(document.createElement(name), more);
  const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);

  class Axis {
    constructor(told) {
      Object.assign(this, told, { flip: false, range: null });
      const real = this.values.filter((value) => value !== null);
      this.low = Math.min(...real);
      this.high = Math.max(...real);
      this.positive = !this.words.length && this.low > 0 && this.high > this.low;
    }

    bent(value) {
      return this.log ? Math.log10(value) : value;
    }

    // pixels from the top of the picture
    place(value) {
      const [low, high] = [this.bent(this.low), this.bent(this.high)];
      const share = high > low ? (this.bent(value) - low) / (high - low) : 0.5;
      return TOP + (this.flip ? share : 1 - share) * SPAN;
    }

    value(pixel) {
      const share = Math.min(1, Math.max(0, (pixel - TOP) / SPAN));
      const up = this.flip ? share : 1 - share;
      const bent = this.bent(this.low) + up * (this.bent(this.high) - this.bent(this.low));
      return this.log ? 10 ** bent : bent;
    }

    keeps(at) {
      const value = this.values[at];
      return !this.range || (value !== null && value >= this.range[0] && value <= this.range[1]);
    }

    marks() {
      if (this.words.length) return this.words.map((word, at) => [at, word]);
      if (this.log) {
        const found = [];
        for (let power = Math.ceil(Math.log10(this.low) - 1e-9); power <= Math.log10(this.high) + 1e-9; power++) found.push([10 ** power, runpages.format.number(10 ** power)]);
        return found.length > 1 ? found : [this.low, this.high].map((value) => [value, runpages.format.number(value)]);
      }
      const size = (this.high - this.low) / 5 || 1;
      const power = 10 ** Math.floor(Math.log10(size));
      const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= size * 0.999);
      const found = [];
      for (let n = Math.ceil(this.low / step - 1e-9); n <= this.high / step + 1e-9; n++) found.push([n * step, runpages.format.number(Number((n * step).toPrecision(12)))]);
      return found.length ? found : [[this.low, runpages.format.number(this.low)]];
    }
  }

  class Parallel {
    constructor(figure, told, answers = {}) {
      Object.assign(this, { figure, told, answers, noun: told.noun || "trial", axes: told.axes.map((each) => new Axis(each)) });
      (answers.ranges || []).forEach((range, at) => this.axes[at] && (this.axes[at].range = range));
      this.box = figure.querySelector(".rp-chart-view");
      this.said = element("p", { className: "rp-parallel-said" });
      this.said.setAttribute("role", "status");
      this.controls();
      this.axes.forEach((axis) => axis.range && this.write(axis));
      this.draw();
    }

    colour(share) {
      const ramp = this.told.ramp;
      const at = (1 - share) * (ramp.length - 1);
      const low = Math.min(Math.floor(at), ramp.length - 2);
      const part = (text, i) => parseInt(text.slice(i, i + 2), 16);
      const mixed = [1, 3, 5].map((i) => Math.round(part(ramp[low], i) + (part(ramp[low + 1], i) - part(ramp[low], i)) * (at - low)));
      return `rgb(${mixed.join(" ")})`;
    }

    draw() {
      const width = 2 * SIDE + GAP * (this.axes.length - 1);
      const svg = made("svg", { viewBox: `0 0 ${width} ${TALL}`, role: "img", "aria-label": this.told.alt, class: "rp-still" });
      const lines = made("g", { fill: "none", "stroke-width": "1.25" });
      const strong = (at) => Number(Boolean(this.told.strong && this.told.strong[at]));
      const order = this.told.shade.map((_, at) => at).sort((a, b) => strong(a) - strong(b) || (this.told.shade[b] ?? 2) - (this.told.shade[a] ?? 2));
      this.paths = new Map(order.map((at) => [at, this.line(at)]).filter(([, path]) => path));
      lines.append(...this.paths.values());
      svg.append(lines, ...this.axes.map((axis, at) => this.axis(axis, SIDE + GAP * at)));
      this.svg = svg;
      this.box.replaceChildren(svg);
      this.mark();
    }

    line(at) {
      const points = this.axes.map((axis, n) => [SIDE + GAP * n, axis.values[at]]).filter(([, value]) => value !== null);
      if (points.length < 2) return null;
      const shade = this.told.shade[at];
      const d = "M" + this.axes.flatMap((axis, n) => (axis.values[at] === null ? [] : [`${SIDE + GAP * n} ${axis.place(axis.values[at]).toFixed(1)}`])).join("L");
      const path = made("path", { d, stroke: shade === null ? "var(--rp-firm)" : this.colour(shade), opacity: this.told.strong ? (this.told.strong[at] ? "1" : ".25") : shade === null ? ".35" : ".8" });
      if (this.told.strong && this.told.strong[at]) path.setAttribute("stroke-width", "2");
      path.append(made("title", {}, `${this.told.names[at]}, ${this.told.states[at]}`));
      path.addEventListener("mouseenter", () => path.classList.add("rp-hit"));
      path.addEventListener("mouseleave", () => path.classList.remove("rp-hit"));
      if (this.answers.pick) path.addEventListener("click", () => this.answers.pick(this.told.trials[at]));
      return path;
    }

    axis(axis, x) {
      const group = made("g", { "font-size": "11", fill: "currentColor" });
      group.append(made("path", { d: `M${x} ${TOP}v${SPAN}`, stroke: "var(--rp-firm)", fill: "none" }));
      const last = x > SIDE && axis === this.axes[this.axes.length - 1];
      group.append(made("text", { x: last ? x + SIDE - 4 : x, y: 14, "text-anchor": last ? "end" : "middle", "font-weight": "600" }, short(axis.name, 22)));
      for (const [value, label] of axis.marks()) group.append(made("text", { x: x - 5, y: axis.place(value) + 4, "text-anchor": "end", ...HALO }, short(label, 9)));
      axis.kept = made("rect", { class: "rp-kept", x: x - 7, width: 14, y: TOP, height: 0 });
      const handle = made("rect", { class: "rp-handle", x: x - 14, width: 28, y: TOP, height: SPAN });
      handle.addEventListener("pointerdown", (event) => this.drag(axis, handle, event));
      group.append(axis.kept, handle);
      return group;
    }

    drag(axis, handle, event) {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const at = ({ clientY }) => ((clientY - this.svg.getBoundingClientRect().top) / this.svg.getBoundingClientRect().height) * TALL;
      const begin = at(event);
      const move = (now) => {
        const ends = [axis.value(begin), axis.value(at(now))].sort((a, b) => a - b);
        this.narrow(axis, Math.abs(at(now) - begin) < 3 ? null : axis.words.length ? [Math.ceil(ends[0] - 0.4), Math.floor(ends[1] + 0.4)] : ends);
      };
      const end = (now) => {
        move(now);
        handle.removeEventListener("pointermove", move);
        this.settle();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
    }

    narrow(axis, range) {
      axis.range = range;
      this.write(axis);
      this.mark();
    }

    write({ range, words, fields }) {
      fields.forEach((field, side) => (field.value = range ? (words.length ? range[side] + 1 : Number(range[side].toPrecision(4))) : ""));
    }

    mark() {
      for (const axis of this.axes) {
        const ends = axis.range ? axis.range.map((value) => axis.place(Math.min(axis.high, Math.max(axis.low, value)))).sort((a, b) => a - b) : [0, 0];
        axis.kept.setAttribute("y", ends[0] - (axis.words.length && axis.range ? 6 : 0));
        axis.kept.setAttribute("height", ends[1] - ends[0] + (axis.words.length && axis.range ? 12 : 0));
      }
      const kept = this.told.trials.filter((_, at) => this.axes.every((axis) => axis.keeps(at)));
      this.paths.forEach((path, at) => path.classList.toggle("rp-off", !this.axes.every((axis) => axis.keeps(at))));
      const narrowed = this.axes.some((axis) => axis.range);
      if (this.answers.kept) this.answers.kept(kept, narrowed);
      this.said.textContent = narrowed ? `${kept.length} of ${this.told.trials.length} ${this.noun}s pass; the table${this.noun === "trial" ? " of trials" : ""} shows these.` : "";
      this.reset.hidden = !narrowed;
      this.figure.dataset.drawn = String(kept.length);
      this.figure.dispatchEvent(new CustomEvent("rp-kept", { bubbles: true, detail: { trials: kept } }));
    }

    settle() {
      if (this.answers.settled) this.answers.settled(this.axes.map((axis) => axis.range && axis.range.map((value) => Math.min(axis.high, Math.max(axis.low, value)))));
    }

    light(trial) {
      this.paths.forEach((path, at) => path.classList.toggle("rp-hit", trial !== null && this.told.trials[at] === trial));
    }

    controls() {
      const all = element("div", { className: "rp-axes" });
      for (const axis of this.axes) all.append(this.control(axis));
      this.reset = element("button", { type: "button", textContent: `All ${this.noun}s` });
      this.reset.addEventListener("click", () => {
        this.axes.forEach((axis) => this.narrow(axis, null));
        this.settle();
      });
      all.append(this.reset);
      this.figure.append(all, this.said);
    }

    control(axis) {
      const group = element("fieldset");
      const most = axis.words.length ? ["first", "last"] : ["from", "to"];
      axis.fields = most.map((word) => {
        const field = element("input", { type: "number", step: "any" });
        field.setAttribute("aria-label", `${axis.name}, ${word}`);
        field.addEventListener("change", () => this.typed(axis));
        return field;
      });
      group.append(element("legend", { textContent: axis.name }), axis.fields[0], " – ", axis.fields[1], " ");
      group.append(this.toggle("flip", axis, "flip"));
      if (axis.positive) group.append(" ", this.toggle("log", axis, "log"));
      return group;
    }

    toggle(word, axis, key) {
      const button = element("button", { type: "button", textContent: word });
      button.setAttribute("aria-label", `${axis.name}: ${word}`);
      button.setAttribute("aria-pressed", String(axis[key]));
      button.addEventListener("click", () => {
        axis[key] = !axis[key];
        button.setAttribute("aria-pressed", String(axis[key]));
        this.draw();
      });
      return button;
    }

    typed(axis) {
      const [low, high] = axis.fields.map((field) => (field.value === "" ? null : Number(field.value) - (axis.words.length ? 1 : 0)));
      axis.range = low === null && high === null ? null : [low ?? -Infinity, high ?? Infinity];
      this.mark();
      this.settle();
    }
  }

  const kept = (trials, narrowed) => {
    const shown = new Set(trials.map(String));
    for (const row of document.querySelectorAll("#rp-trials tr[data-trial]")) row.hidden = narrowed && !shown.has(row.dataset.trial);
  };

  function mount(figure, data) {
    figure.parallel = new Parallel(figure, data.parallel, { kept });
    const { plot } = runpages;
    const rows = (told) => told.trials.map((trial, at) => [trial, told.names[at], told.states[at], ...told.axes.map((axis) => (axis.words.length && axis.values[at] !== null ? axis.words[axis.values[at]] : axis.values[at]))]);
    const names = ["trial", "name", "state", ...data.parallel.axes.map((axis) => axis.name)];
    plot.tools(figure, () => ({ name: figure.dataset.from.split("/").pop() + "-parallel", csv: () => plot.sheet(names, rows(data.parallel)), svg: () => plot.drawn(figure.querySelector("svg"), data.name) }));
  }

  runpages.Parallel = Parallel;
  runpages.start("parallel", () => {
    for (const figure of document.querySelectorAll("figure.rp-parallel[data-from]")) {
      runpages.load("data/" + figure.dataset.from + ".js", (here) => {
        const data = here && runpages.get(figure.dataset.from);
        if (data && data.parallel) mount(figure, data);
      });
    }
  });
})();
