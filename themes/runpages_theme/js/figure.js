/* Charts whose spec and rows are in a data file: drawn over their still picture when they come into view.

   <figure data-figure="history" data-from="studies/digits">    data/studies/digits.js holds {charts: {history: {title, spec, data, alt}}}
   runpages.figures.colours(value, look)    a copy of a spec or rows with the runs' colours as this look has them
   <figure data-drawn> when it is done. Without the data file or the library the still picture stays.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});

  function colours(value, look) {
    const from = runpages.get("specs").colors.map((each) => each.toLowerCase());
    const one = (each) => {
      if (typeof each === "string") {
        const at = each[0] === "#" ? from.indexOf(each.toLowerCase()) : -1;
        return at < 0 ? each : look.runs[at];
      }
      if (Array.isArray(each)) return each.map(one);
      return each && typeof each === "object" ? Object.fromEntries(Object.entries(each).map(([key, item]) => [key, one(item)])) : each;
    };
    return one(value);
  }

  class Figure {
    constructor(figure) {
      Object.assign(this, { figure, view: null, turn: 0, dirty: true, drawnAt: 0 });
      this.box = figure.querySelector(".rp-chart-view");
    }

    chart() {
      const data = runpages.get(this.figure.dataset.from);
      return data && data.charts[this.figure.dataset.figure];
    }

    draw() {
      this.dirty = false;
      const turn = ++this.turn;
      plot.library(() => {
        const from = this.figure.dataset.from;
        const come = () => turn === this.turn && this.build(turn);
        if (runpages.get(from)) come();
        else runpages.load("data/" + from + ".js", come);
      });
    }

    async build(turn) {
      const chart = this.chart();
      const width = this.box.clientWidth;
      if (!chart || !runpages.vega || !width) return;
      const look = plot.look();
      const live = Object.assign(document.createElement("div"), { className: "rp-figure-live rp-staged" });
      this.box.append(live);
      const spec = { ...colours(chart.spec, look), width, autosize: { type: "fit-x", contains: "padding" }, datasets: colours(chart.data, look) };
      const view = await plot.embed(live, spec, { config: runpages.get("specs").config[look.name], data: {} });
      if (turn !== this.turn) return view.finalize();
      if (this.view) this.view.finalize();
      Object.assign(this, { view, drawnAt: width });
      live.setAttribute("role", "img");
      live.setAttribute("aria-label", chart.alt);
      live.classList.remove("rp-staged");
      this.box.replaceChildren(live);
      this.figure.dataset.drawn = "1";
    }

    taken() {
      const chart = this.chart();
      if (!chart) return null;
      const name = (this.figure.dataset.from.split("/").pop() + "-" + this.figure.dataset.figure).replace(/[^\w.-]+/g, "-");
      return { name, csv: () => table(chart), spec: { ...chart.spec, title: chart.title, datasets: chart.data } };
    }
  }

  // the largest of the datasets: what the chart's marks stand for
  function table(chart) {
    const rows = Object.values(chart.data).reduce((most, each) => (each.length > most.length ? each : most), []);
    const names = Object.keys(rows[0] || {});
    return plot.sheet(names, rows.map((row) => names.map((name) => row[name])));
  }

  function begin() {
    const all = new Map();
    const near = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const one = all.get(target);
          one.seen = isIntersecting;
          if (isIntersecting && one.dirty) one.draw();
        }
      },
      { rootMargin: "200px" },
    );
    const again = (one) => (one.seen ? one.draw() : (one.dirty = true));
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const one = all.get(target);
        if (one.view && Math.abs(one.box.clientWidth - one.drawnAt) > 2) again(one);
      }
    });
    for (const figure of document.querySelectorAll("figure[data-figure]")) {
      const one = new Figure(figure);
      all.set(figure, one);
      plot.tools(figure, () => one.taken(), figure.dataset.embed ? { alone: () => runpages.root + figure.dataset.embed } : {});
      near.observe(figure);
      sizes.observe(figure);
    }
    runpages.onTheme(() => all.forEach((one) => one.view && again(one)));
  }

  runpages.figures = { colours };
  runpages.start("figures", () => {
    if (document.querySelector("figure[data-figure]")) runpages.get("specs") ? begin() : runpages.load("data/specs.js", (here) => here && begin());
  });
})();
