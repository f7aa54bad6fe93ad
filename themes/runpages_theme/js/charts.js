/* The charts of a page: drawn when they come into view, sharing runs, axes, smoothing and one crosshair.

   runpages.charts.mount(figure, {metric, curve, runs})   a figure that came later; those in the page mount themselves
   runpages.charts.select([run] | null)                   which runs are drawn; null: all that the data hold
   runpages.charts.set({x, xs, y, smooth, rule, bands, clip})      x: see charts-across.js; xs, y: linear | log | symlog; 0..0.999; see smooth.js
   runpages.charts.highlight(run | null)                  that run's line stands out in every chart
   runpages.charts.state                                  what is set now (read only)
   runpages.charts.idle(figure)                           whether its drawing is up to date
   runpages.charts.of(figure)                             its plot.Chart
   A click on a line fires the event "rp-run" on its figure, with {run}; the reader's choice of axes is kept in the address by whoever sets it.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = runpages.plot;
  const waits = runpages.charts?.state; // what charts-later.js was told meanwhile
  const state = { x: "step", xs: "linear", y: "linear", smooth: 0, rule: "ema", bands: true, clip: false, runs: null, highlight: null, ...waits };
  const charts = new Map();
  const seen = new Set();
  let pending = 0;

  const bus = {
    say: (x, py, from) => charts.forEach((chart) => chart.pointer && (chart === from || py !== undefined || x === null) && chart.pointer.at(x, chart === from ? py : undefined)),
    highlight,
    range: (range, from) => charts.forEach((chart) => chart !== from && ranged(chart, range)),
    pick: (run, figure) => figure.dispatchEvent(new CustomEvent("rp-run", { bubbles: true, detail: { run } })),
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      later();
    },
    { rootMargin: "200px" },
  );
  const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => charts.get(target).resize()));

  // charts of other figures show the same stretch, as long as they mean the same by it
  function ranged(chart, range) {
    if (chart.view && chart.lines.length && seen.has(chart.figure)) chart.zoom(range, true);
    else {
      chart.range = range;
      chart.figure.classList.toggle("rp-zoomed", Boolean(range));
      chart.dirty = true;
    }
  }

  function mount(figure, { metric, curve, runs } = {}) {
    if (metric !== undefined) figure.dataset.metric = metric;
    if (curve !== undefined) figure.dataset.curve = curve;
    if (runs) figure.dataset.runs = runs.join(",");
    if (charts.has(figure) || !figure.dataset.curve) return;
    charts.set(figure, new plot.Chart(figure, state, bus));
    tools(figure);
    near.observe(figure);
    sizes.observe(figure);
  }

  function tools(figure) {
    const bar = document.createElement("p");
    bar.className = "rp-chart-tools";
    const button = (label, title, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: label, title });
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    };
    button("Reset", "Show the whole range again", () => charts.get(figure).view && charts.get(figure).zoom(null)).className = "rp-chart-reset";
    for (const [kind, title] of Object.entries(plot.KINDS)) {
      button(kind === "json" ? "Spec" : kind.toUpperCase(), title, () => {
        const chart = charts.get(figure);
        if (chart.view) plot.save(kind, { metric: chart.metric, lines: chart.lines, title: chart.title, x: state.x, y: state.y });
      });
    }
    if (figure.dataset.embed !== undefined) {
      const alone = Object.assign(document.createElement("a"), { href: runpages.root + figure.dataset.embed, textContent: "Alone", title: "This chart on a page of its own, for a frame" });
      bar.append(alone);
    }
    figure.append(bar);
  }

  // several changes of one turn are one drawing
  function later() {
    if (pending) return;
    pending = requestAnimationFrame(() => {
      pending = 0;
      for (const figure of seen) if (charts.get(figure).dirty) charts.get(figure).draw();
    });
  }

  function stale(change = () => {}) {
    charts.forEach((chart) => {
      change(chart);
      chart.dirty = true;
    });
    later();
  }

  function select(runs) {
    state.runs = runs ? Array.from(runs) : null;
    stale();
  }

  function set(values) {
    const before = { ...state };
    Object.assign(state, values);
    const other = (...keys) => keys.some((key) => state[key] !== before[key]);
    // what is smoothed or grouped otherwise keeps its axes; the step from none to some smoothing changes what stands behind the lines
    const axes = other("x", "xs");
    const anew = axes || other(...Object.keys(values).filter((key) => !["smooth", "rule"].includes(key))) || state.smooth > 0 !== before.smooth > 0;
    if (anew) stale((chart) => axes && (chart.range = null));
    else if (other("smooth", "rule")) {
      charts.forEach((chart, figure) => {
        if (chart.view && seen.has(figure)) chart.smooth();
        else chart.dirty = true;
      });
      later();
    }
  }

  function highlight(run) {
    state.highlight = run;
    seen.forEach((figure) => charts.get(figure).pointer && charts.get(figure).pointer.lift(run));
  }

  // the curve file of the metric that an x axis is made of: the one that counts epochs, or the one that was chosen
  plot.otherCurve = (x) => {
    if (x !== "epoch" && !x.startsWith("metric:")) return "";
    const fits = x === "epoch" ? (column) => /(^|\/)epoch$/.test(column.label) : (column) => column.id === x;
    const data = runpages.get("runs");
    const column = data && data.columns.find((each) => each.kind === "metric" && each.curve && fits(each));
    return column ? column.curve : "";
  };

  function begin() {
    const all = document.querySelectorAll("figure.rp-chart[data-curve]");
    if (!all.length) return;
    all.forEach((figure) => mount(figure));
    runpages.onTheme(() => stale());
  }

  // drawn, and nothing under way; a figure out of view may be behind
  const idle = (figure) => charts.has(figure) && !pending && !(seen.has(figure) && charts.get(figure).busy());

  runpages.charts = { mount, select, set, highlight, state, idle, of: (figure) => charts.get(figure) };
  // a page without the table of runs still shows their names and colours
  const need = (name, then) => (runpages.get(name) ? then(true) : runpages.load("data/" + name + ".js", then));
  runpages.start("charts", () => {
    if (document.querySelector("figure.rp-chart[data-curve]")) need("specs", (here) => here && need("runs", begin));
  });
})();
