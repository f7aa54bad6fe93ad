/* Compare's other charts: one figure in place of the curves, of the kind and over the columns that the reader chose (kind, kx, ky, kc, ks in
   the address). Draws what the filter keeps, the table's selection strong; a box drawn over it becomes a condition of the table's filter.

   runpages.kinds.light(run | null)     the dot of a run stands out
   <figure id="rp-kind-figure" data-drawn="KIND"> when it is done
*/
(function () {
  "use strict";
  const { state } = runpages;
  const plot = (runpages.plot = runpages.plot || {});
  const byId = (id) => document.getElementById(id);
  const safe = (id) => id.replace(/[%,]/g, encodeURIComponent);
  const make = (name, more = {}) => Object.assign(document.createElement(name), more);
  const MOST_GROUPS = 200;
  const NEEDS = { importance: ["spread", "forest"], parallel: ["spread", "parallel"], contour: ["spread", "surface"], default: ["spread"] };
  // which choices a kind has, and what they are called there
  const ASKS = {
    scatter: { kx: "x", ky: "y", kc: "Colour", ks: "y scale" },
    parallel: { ky: "Ends in" },
    importance: { ky: "For" },
    contour: { kx: "x", ky: "y", kc: "Value" },
    groups: { kx: "Group by", ky: "Value", ks: "Scale" },
  };
  const family = (kind) => (["strip", "box", "violin", "bar"].includes(kind) ? "groups" : kind);
  // the scripts of all charts, which the page may not have asked for yet
  const plotting = () => (document.querySelector('meta[name="runpages-charts"]')?.content || "").split(" ").filter(Boolean);
  const measured = (column) => column.kind === "metric" || column.kind === "result";

  class Kinds {
    constructor(compare) {
      Object.assign(this, { compare, turn: 0, view: null, own: "", drawn: "" });
      this.figure = byId("rp-kind-figure");
      this.box = this.figure.querySelector(".rp-chart-view");
      byId("rp-kind").addEventListener("change", (event) => this.choose({ kind: event.target.value === "curves" ? "" : event.target.value, kx: "", ky: "", kc: "" }));
      for (const key of ["kx", "ky", "kc", "ks"]) byId("rp-" + key).addEventListener("change", (event) => this.choose({ [key]: event.target.value }));
      byId("rp-kind-bar").addEventListener("submit", (event) => event.preventDefault());
      this.figure.querySelector("details").addEventListener("toggle", () => this.numbers());
      document.addEventListener("rp-shown", () => this.later());
      runpages.onTheme(() => this.later(true));
      new ResizeObserver(() => this.box.clientWidth && Math.abs(this.box.clientWidth - this.wide) > 4 && this.later(true)).observe(this.box);
      this.later();
    }

    choose(values) {
      state.set(values);
      this.later();
    }

    // several changes of one turn are one drawing
    later(anew = false) {
      if (anew) this.drawn = "";
      cancelAnimationFrame(this.waiting);
      this.waiting = requestAnimationFrame(() => this.draw());
    }

    draw() {
      const kind = runpages.kindNames.includes(state.get("kind")) ? state.get("kind") : "curves";
      byId("rp-kind").value = kind;
      byId("rp-curves").hidden = byId("rp-chart-bar").hidden = kind !== "curves";
      byId("rp-kind-box").hidden = kind === "curves";
      document.documentElement.classList.toggle("rp-kind-alone", Boolean(state.get("alone")) && kind !== "curves");
      this.fields(kind);
      if (kind === "curves") return;
      const turn = ++this.turn;
      const wanted = [...plotting(), "js/kind-axis.js", "js/kind-charts.js", ...(NEEDS[kind] || NEEDS.default).map((name) => `js/${name}.js`), "data/kinds.js"];
      if (!runpages.get("specs")) wanted.push("data/specs.js");
      let left = wanted.length;
      const came = () => --left === 0 && plot.library && plot.library(() => turn === this.turn && this.build(kind));
      for (const path of wanted) runpages.load(path, came);
    }

    // the columns a choice offers, and the one that is meant when none is chosen
    offers(key, kind) {
      const { columns, data } = this.compare;
      const numeric = columns.all.filter((column) => column.type === "number" && (column.differs || measured(column)) && column.kind !== "run" && !column.fixed);
      const main = columns.get(data.main) || numeric.find(measured) || numeric[0];
      // of a report of many trackers, the params that the runs with the main metric have
      const there = main ? Array.from(this.compare.runs).filter((run) => Number.isFinite(main.numbers(this.compare.reducer)[run])) : [];
      const set = (column) => there.reduce((sum, run) => sum + (column.raw("")[run] !== null && column.raw("")[run] !== ""), 0);
      const varies = (column) => new Set(there.map((run) => column.raw("")[run])).size > 1;
      const known = columns.all.filter((column) => ["param", "tag"].includes(column.kind) && column.differs && !column.fixed).map((column) => [varies(column) ? set(column) : -1, column]);
      const params = known.sort((a, b) => b[0] - a[0]).map(([, column]) => column);
      const searched = params.filter((column) => column.kind === "param" && !column.seed);
      const inNumbers = searched.filter((column) => column.type === "number");
      const others = (one) => [one, ...numeric.filter(measured), ...params, columns.get("run:duration"), columns.get("run:started"), ...numeric].filter(Boolean);
      if (family(kind) === "groups" && key === "kx") return this.groupings(params);
      if (kind === "contour") return key === "kc" ? others(main).filter((column) => column.type === "number") : [inNumbers[key === "kx" ? 0 : 1], ...numeric].filter(Boolean);
      if (key === "kx") return others(searched.find((column) => column.type === "number") || searched[0] || main);
      if (key === "kc") return [null, ...others(main), columns.get("run:group"), columns.get("run:tracker"), columns.get("run:status")].filter((column) => column === null || column.differs || measured(column));
      return kind === "scatter" ? others(main) : [main, ...numeric].filter(Boolean);
    }

    groupings(params) {
      const few = params.filter((column) => !column.seed && new Set(column.raw("")).size <= MOST_GROUPS);
      const seed = { id: "seed", label: "all but the seed" };
      const grouped = runpages.look && this.compare.grouped ? state.get("group") : "";
      const same = grouped && grouped !== "tree" && grouped !== "seed" ? [{ id: grouped, label: grouped.split(",").map((id) => this.compare.columns.get(decodeURIComponent(id))?.label || id).join(", ") }] : [];
      const group = this.compare.columns.get("run:group");
      const others = [...few.map((column) => ({ id: safe(column.id), label: column.label })), ...(group.differs ? [group] : [])];
      // without repeats a group of one run each says nothing
      const repeats = this.compare.data.configurations.length * 1.5 <= this.compare.columns.count;
      return repeats || !others.length ? [...same, seed, ...others] : [...same, ...others, seed];
    }

    fields(kind) {
      const asks = ASKS[family(kind)] || {};
      this.chosen = {};
      for (const key of ["kx", "ky", "kc"]) {
        byId("rp-" + key).closest(".rp-field").hidden = !asks[key];
        if (!asks[key]) continue;
        byId("rp-" + key).labels[0].textContent = asks[key];
        const offered = new Map(this.offers(key, kind).map((one) => [one ? one.id : "", one]));
        const wanted = state.get(key);
        // a reduced column ("metric:loss@min") may come by address
        if (wanted && !offered.has(wanted) && this.compare.columns.get(wanted)) offered.set(wanted, this.compare.columns.get(wanted));
        const first = offered.keys().next().value;
        const id = offered.has(wanted) ? wanted : first;
        byId("rp-" + key).replaceChildren(...[...offered.values()].map((one) => new Option(one ? one.label : "the run", one ? (one.id === first ? "" : one.id) : "", false, (one ? one.id : "") === id)));
        this.chosen[key] = offered.get(id);
      }
      byId("rp-ks").closest(".rp-field").hidden = !asks.ks || kind === "bar";
      byId("rp-ks").value = state.get("ks");
    }

    // what the filter keeps without the condition that was drawn here
    base() {
      const { compare } = this;
      const q = state.get("q");
      if (!this.own || !q.endsWith(this.own)) return { runs: compare.runs, q };
      const rest = q.slice(0, -this.own.length).replace(/\s+and\s+$/i, "");
      try {
        return { runs: runpages.rows.pick(compare.columns, { q: rest, s: state.get("s"), reducer: compare.reducer }).runs, q: rest };
      } catch {
        return { runs: compare.runs, q };
      }
    }

    ask(kind) {
      const { compare } = this;
      const { runs, q } = this.base();
      const passing = new Set(compare.runs);
      const { kx, ky, kc } = this.chosen;
      const log = state.get("ks") === "log";
      const goal = compare.columns.get(compare.data.main);
      const ask = { kind, compare, runs, passes: (run) => passing.has(run), selected: compare.selected, reducer: compare.reducer, x: kx, y: ky, colour: kc, goal, log, look: plot.look(), kinds: runpages.get("kinds") };
      if (family(kind) === "groups") Object.assign(ask, { groups: kx.id, groupTitle: kx.id === "seed" ? "configuration" : kx.label });
      this.about = [kind, kx?.id, ky?.id, kc?.id, q, state.get("s"), log].join("\n");
      return ask;
    }

    async build(kind) {
      if (!runpages.vega || !runpages.get("kinds")) return;
      this.tools ||= plot.tools(this.figure, () => this.taken(), { alone: () => location.pathname.split("/").pop() + location.hash.replace(/^#/, "#alone=1&") });
      const turn = this.turn;
      const ask = this.ask(kind);
      // only a chart whose question changed forgets its box
      if (this.asked !== this.about) this.drawn = "";
      this.asked = this.about;
      const needed = ["kx", "ky"].filter((key) => (ASKS[family(kind)] || {})[key] && !this.chosen[key]);
      this.chart = needed.length ? { none: "There are too few columns for this chart." } : ask.runs.length ? runpages.kindCharts[kind](ask) : { none: "No run passes the filter." };
      this.words();
      if (this.chart.none) this.nothing();
      else if (this.chart.parallel) this.lines();
      else await this.vega(kind, turn);
      if (turn === this.turn) this.figure.dataset.drawn = kind;
    }

    words() {
      const { title, caption, none } = this.chart;
      this.figure.querySelector(".rp-chart-title").textContent = none ? "" : title;
      this.figure.querySelector("figcaption").textContent = none ? "" : caption;
      this.figure.querySelector("details").hidden = Boolean(none);
      this.figure.classList.toggle("rp-parallel", Boolean(this.chart.parallel));
      this.numbers();
    }

    clear() {
      if (this.view) this.view.finalize();
      this.figure.querySelectorAll(".rp-axes, .rp-parallel-said").forEach((one) => one.remove());
      Object.assign(this, { view: null, drawn: "", parallel: null });
    }

    nothing() {
      this.clear();
      this.box.replaceChildren(make("p", { className: "rp-chart-none", textContent: this.chart.none }));
    }

    async vega(kind, turn) {
      const width = this.box.clientWidth;
      const spec = { ...this.chart.spec, width, autosize: { type: "fit-x", contains: "padding" } };
      const text = JSON.stringify(spec);
      if (this.view && this.drawn === text) {
        for (const [name, rows] of Object.entries(this.chart.data)) if (rows.length) this.view.data(name, rows);
        return void (await this.view.runAsync());
      }
      const live = make("div", { className: "rp-figure-live rp-staged" });
      this.box.append(live);
      const view = await plot.embed(live, { ...spec, datasets: this.chart.data }, { config: runpages.get("specs").config[plot.look().name], data: {} });
      if (turn !== this.turn) {
        live.remove();
        return void view.finalize();
      }
      this.clear();
      Object.assign(this, { view, drawn: text, wide: width });
      live.setAttribute("role", "img");
      live.setAttribute("aria-label", this.chart.alt);
      live.classList.remove("rp-staged");
      this.box.replaceChildren(live);
      this.listen(view, live);
    }

    listen(view, live) {
      const runOf = (item) => item && item.datum && item.datum.run;
      view.addEventListener("mouseover", (_, item) => this.tell(runOf(item)));
      view.addEventListener("mouseout", () => this.tell(undefined));
      view.addEventListener("click", (_, item) => runOf(item) !== undefined && this.figure.dispatchEvent(new CustomEvent("rp-run", { bubbles: true, detail: { run: runOf(item) } })));
      if (!this.chart.brush || !this.chart.spec || !JSON.stringify(this.chart.spec).includes('"brush"')) return;
      let box = null;
      let changed = false;
      view.addSignalListener("brush", (_, value) => {
        box = value;
        changed = true;
      });
      const end = () => {
        if (!live.isConnected) return window.removeEventListener("pointerup", end);
        // Vega settles what the last move meant after this event
        if (changed || live.matches(":hover")) view.runAsync().then(() => changed && ((changed = false), this.brushed(box)));
      };
      window.addEventListener("pointerup", end);
    }

    tell(run) {
      document.dispatchEvent(new CustomEvent("runpages:highlight", { detail: run ?? null }));
    }

    brushed(box) {
      const { brush } = this.chart;
      const parts = Object.entries(brush).filter(([channel]) => box && box[channel]).map(([channel, axis]) => {
        const ends = box[channel].map(Number).sort((a, b) => a - b);
        return axis.words.length ? axis.condition(Math.ceil(ends[0] - 0.25), Math.floor(ends[1] + 0.25)) : axis.condition(...ends);
      });
      this.narrow(parts);
    }

    narrow(parts) {
      if (parts.includes(null)) return (byId("rp-said").textContent = "A column whose name holds a quotation mark cannot be filtered by its chart.");
      const before = this.base().q.trim();
      this.own = parts.filter(Boolean).join(" and ");
      const open = /\bor\b|\|\|/i.test(before) && !/^\(.*\)$/.test(before) ? `(${before})` : before;
      const q = [open, this.own].filter(Boolean).join(" and ");
      byId("rp-filter").value = q;
      return this.compare.set({ q });
    }

    lines() {
      const about = JSON.stringify(this.chart.parallel);
      if (this.parallel && this.drawn === about) return;
      const ranges = this.parallel && this.ranges ? this.ranges : [];
      this.clear();
      this.parallel = new runpages.Parallel(this.figure, this.chart.parallel, { ranges, settled: (found) => this.settled(found), pick: (run) => this.figure.dispatchEvent(new CustomEvent("rp-run", { bubbles: true, detail: { run } })) });
      Object.assign(this, { drawn: about, wide: this.box.clientWidth });
    }

    settled(ranges) {
      this.ranges = ranges;
      this.narrow(ranges.map((range, at) => (range ? this.chart.axes[at].condition(...range) : "")));
    }

    light(run) {
      if (this.parallel) this.parallel.light(run);
      else if (this.view && this.chart.data.runs) {
        const lit = { o: 1, c: plot.look().name === "dark" ? "#ffffff" : "#000000" };
        // Vega marks its rows by a symbol, which a copy must not have
        this.view.data("runs", this.chart.data.runs.map((row) => ({ ...Object.fromEntries(Object.entries(row)), ...(row.run === run ? lit : {}) })));
        this.view.runAsync();
      }
    }

    // the table behind the chart is made when it is opened
    numbers() {
      const details = this.figure.querySelector("details");
      if (!details.open || !this.chart || !this.chart.table) return;
      const { names, rows } = this.chart.table;
      const cells = (name, list) => list.map((cell) => make(name, { textContent: cell, className: "rp-n" }));
      const line = (name, list) => {
        const row = make("tr");
        row.append(...cells(name, list));
        return row;
      };
      details.querySelector("thead").replaceChildren(line("th", names));
      details.querySelector("tbody").replaceChildren(...rows.slice(0, 500).map((row) => line("td", row)));
    }

    taken() {
      const { chart } = this;
      if (!chart || chart.none) return null;
      const name = (chart.title + "").replace(/[^\w.-]+/g, "-");
      const csv = plot.sheet(chart.table.names, chart.table.rows);
      if (chart.parallel) return { name, csv, svg: () => plot.drawn(this.box.querySelector("svg"), chart.title) };
      const paper = runpages.kindCharts[state.get("kind")]({ ...this.ask(state.get("kind")), look: { runs: runpages.get("specs").colors } });
      return { name, csv, spec: { ...paper.spec, title: paper.title, datasets: paper.data } };
    }
  }

  runpages.kindNames = Array.from(byId("rp-kind")?.options || [], (option) => option.value);
  runpages.start("kinds", () => {
    if (runpages.compare && byId("rp-kind")) runpages.kinds = new Kinds(runpages.compare);
  });
})();
