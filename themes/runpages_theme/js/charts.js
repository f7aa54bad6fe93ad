/* The charts of a page: drawn when they come into view, sharing runs, axes, smoothing and one crosshair.

   runpages.charts.mount(figure, {metric, curve, runs})   a figure that came later; those in the page mount themselves
   runpages.charts.select([run] | null)                   which runs are drawn; null: all that the data hold
   runpages.charts.set({x, xs, y, smooth, rule, bands, clip})      x: see charts-across.js; xs, y: linear | log | symlog; 0..0.999; see smooth.js
       group, middle, spread, members: see charts-groups.js; hue, stroke, facet: a param's column id that colours, dashes or parts the lines
   runpages.charts.highlight(run | null)                  that run's line stands out in every chart
   runpages.charts.state                                  what is set now (read only)
   runpages.charts.idle(figure)                           whether its drawing is up to date
   runpages.charts.of(figure)                             its plot.Chart;  shown(): those in view that have lines
   Events on a figure: "rp-at" with the crosshair's place on x, "rp-tools" with its bar of buttons when that was made.
   A click on a line fires the event "rp-run" on its figure, with {run}; the reader's choice of axes is kept in the address by whoever sets it.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = runpages.plot;
  const state = {
    ...{ x: "step", xs: "linear", y: "linear", smooth: 0, rule: "ema", bands: true, clip: false, events: false },
    ...{ group: "", middle: "mean", spread: "std", members: true, hue: "", stroke: "", facet: "" },
    ...{ runs: null, highlight: null },
    ...runpages.charts?.state, // what charts-later.js was told meanwhile
  };
  const charts = new Map();
  const seen = new Set();
  let pending = 0;

  const bus = {
    say: (x, py, from) => {
      charts.forEach((chart) => chart.pointer && (chart === from || py !== undefined || x === null) && chart.pointer.at(x, chart === from ? py : undefined));
      from.figure.dispatchEvent(new CustomEvent("rp-at", { bubbles: true, detail: x }));
    },
    highlight,
    range: (range, from) => charts.forEach((chart) => chart !== from && ranged(chart, range)),
    pick: (run, figure) => figure.dispatchEvent(new CustomEvent("rp-run", { bubbles: true, detail: { run } })),
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!charts.has(target)) continue;
        if (isIntersecting) {
          seen.add(target);
          tools(target);
        } else seen.delete(target);
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
    near.observe(figure);
    sizes.observe(figure);
    if (state.facet && plot.facets && !figure.rpFacet) plot.facets(figure, state.facet, { mount, unmount });
  }

  function unmount(figure) {
    const chart = charts.get(figure);
    if (chart && chart.view) chart.view.finalize();
    charts.delete(figure);
    seen.delete(figure);
    near.unobserve(figure);
    sizes.unobserve(figure);
  }

  // made when the chart is first seen: a page of two thousand would wait for buttons that nobody presses
  function tools(figure) {
    if (figure.querySelector(".rp-chart-tools")) return;
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
    figure.dispatchEvent(new CustomEvent("rp-tools", { bubbles: true, detail: bar }));
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
    if (state.facet !== before.facet && plot.facets) for (const figure of [...charts.keys()]) if (!figure.rpFacet) plot.facets(figure, state.facet, { mount, unmount });
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

  // another screen, or another zoom of the page: as many dots as that has
  function dense() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      "change",
      () => {
        stale();
        dense();
      },
      { once: true },
    );
  }

  function begin() {
    const all = document.querySelectorAll("figure.rp-chart[data-curve]");
    if (!all.length) return;
    all.forEach((figure) => mount(figure));
    runpages.onTheme(() => stale());
    dense();
  }

  // drawn, and nothing under way; a figure out of view may be behind
  const idle = (figure) => charts.has(figure) && !pending && !(seen.has(figure) && charts.get(figure).busy());

  const shown = () => [...charts.values()].filter((chart) => seen.has(chart.figure) && chart.pointer && chart.lines.length);

  runpages.charts = { mount, unmount, select, set, highlight, state, idle, shown, of: (figure) => charts.get(figure) };
  // a page without the table of runs still shows their names and colours
  const need = (name, then) => (runpages.get(name) ? then(true) : runpages.load("data/" + name + ".js", then));
  runpages.start("charts", () => {
    if (document.querySelector("figure.rp-chart[data-curve]")) need("specs", (here) => here && need("runs", begin));
  });
})();
