/* One picture on the page or in memory, drawn by Vega out of a spec of data/specs.js and named datasets.

   plot.library(done)             the drawing library, loaded once, at the first chart that comes into view
   plot.embed(element, spec, {config, data, renderer})   -> promise of Vega's view, drawn
   plot.live()  plot.still(x, y)  a copy of the spec of a page's axes; of a picture that leaves the page, for these axes
   plot.axes(spec, "x" | "y", change)    change(encoding) for that axis in every layer
   plot.look()                    {name: "light" | "dark", runs: [ten colours], ink, soft} as the style sheet says them now
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});

  function library(done) {
    if (runpages.vega) done(true);
    else runpages.load(runpages.get("specs").bundle, done);
  }

  // Vega's own interpreter: no text becomes code, as the page's policy demands
  async function embed(element, spec, { config, data = {}, renderer = "canvas" }) {
    const { View, parse, compile, interpreter } = runpages.vega;
    const view = new View(parse(compile(spec, { config }).spec, {}, { ast: true }), { expr: interpreter, renderer });
    view.tooltip((handler, event, item, value) => tell(element, event, value));
    view.initialize(element);
    for (const [name, rows] of Object.entries(data)) view.data(name, rows);
    return view.runAsync();
  }

  // what a mark says of itself: text in the picture's frame, beside the pointer
  function tell(element, event, value) {
    let tip = element.querySelector(".rp-tip");
    if (value === null || value === undefined || value === "") return tip && tip.remove();
    if (!tip) {
      tip = Object.assign(document.createElement("div"), { className: "rp-tip" });
      element.append(tip);
    }
    const rows = typeof value === "object" ? Object.entries(value) : [["", value]];
    const list = document.createElement("ul");
    for (const [name, one] of rows) {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("span"), { className: "rp-tip-name", textContent: name }), Object.assign(document.createElement("b"), { textContent: one }));
      list.append(item);
    }
    tip.replaceChildren(list);
    const box = element.getBoundingClientRect();
    const left = event.clientX - box.left;
    tip.style.left = Math.max(0, left + 14 + tip.offsetWidth <= box.width ? left + 14 : left - 14 - tip.offsetWidth) + "px";
    tip.style.top = Math.max(0, Math.min(event.clientY - box.top - 12, box.height - tip.offsetHeight)) + "px";
  }

  const copy = (value) => JSON.parse(JSON.stringify(value));

  function live() {
    return copy(runpages.get("specs").live);
  }

  function still(x, y) {
    return copy(runpages.get("specs").still[(x === "wall" ? "wall" : "step") + "/" + y]);
  }

  // the layers say the same about their shared axes, so a change goes to all of them
  function axes(spec, channel, change) {
    for (const layer of spec.layer) if (layer.encoding[channel] && layer.encoding[channel].axis) change(layer.encoding[channel]);
  }

  // where the system picks the colours its background says which of the two looks is read on it
  function look() {
    const style = getComputedStyle(document.body);
    const forced = matchMedia("(forced-colors: active)").matches;
    const dark = forced ? matchMedia("(prefers-color-scheme: dark)").matches : document.body.dataset.mdColorScheme === "slate";
    const name = dark ? "dark" : "light";
    const read = (variable) => style.getPropertyValue(variable).trim();
    const config = runpages.get("specs").config[name];
    const runs = forced && dark ? config.range.category : Array.from({ length: 10 }, (_, i) => read("--rp-c" + i));
    return { name, runs, ink: config.text.color, soft: config.rule.color };
  }

  Object.assign(plot, { library, embed, live, still, axes, look });
})();
