/* One picture on the page or in memory, drawn by Vega out of a spec of data/specs.js and named datasets.

   plot.library(done)             the drawing library, loaded once, at the first chart that comes into view
   plot.embed(element, spec, {config, data, renderer})   -> promise of Vega's view, drawn
   plot.live(specs, x, y)         a copy of the live spec for these axes;  plot.still: of the still one
   plot.axes(spec, "x" | "y", change)    change(encoding) for that axis in every layer
   plot.look()                    {name: "light" | "dark", runs: [ten colours]} as the style sheet says them now
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});

  function library(done) {
    if (runpages.vegaEmbed) done(true);
    else runpages.load(runpages.get("specs").bundle, done);
  }

  async function embed(element, spec, { config, data, renderer = "canvas" }) {
    const result = await runpages.vegaEmbed(element, spec, {
      mode: "vega-lite",
      actions: false,
      // Vega's own interpreter: no text becomes code, as the page's policy demands
      ast: true,
      renderer,
      config,
      defaultStyle: false,
      expressionFunctions: { rpSmooth: (line, i) => value(line, i) },
    });
    const view = result.view;
    for (const [name, rows] of Object.entries(data)) view.data(name, rows);
    await view.runAsync();
    return view;
  }

  function value(id, i) {
    const line = plot.known.get(id);
    const s = line ? line.s[i] : NaN;
    return Number.isFinite(s) ? s : null;
  }

  const copy = (value) => JSON.parse(JSON.stringify(value));
  const kind = (x) => (x === "wall" ? "wall" : "step");

  function live(x, y) {
    return copy(runpages.get("specs").live[kind(x) + "/" + y]);
  }

  function still(x, y) {
    return copy(runpages.get("specs").still[kind(x) + "/" + y]);
  }

  // the layers say the same about their shared axes, so a change goes to all of them
  function axes(spec, channel, change) {
    for (const layer of spec.layer) if (layer.encoding[channel] && layer.encoding[channel].axis) change(layer.encoding[channel]);
  }

  function look() {
    const dark = document.body.dataset.mdColorScheme === "slate";
    const style = getComputedStyle(document.body);
    const colours = Array.from({ length: 10 }, (_, i) => style.getPropertyValue("--rp-c" + i).trim());
    return { name: dark ? "dark" : "light", runs: colours };
  }

  Object.assign(plot, { library, embed, live, still, axes, look });
})();
