/* What a chart says of a run: its name, colour, dash, and the params that tell it from the others.

   plot.runs.name(run)  color(run, look)  dash(run)  params(run) -> "lr 0.01 · width 256"
   Without data/runs.js a run is a number in the first colour.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const TOLD = 4;
  const table = () => runpages.get("runs");

  function cell(key, run) {
    const data = table();
    return data && data.runs[key] ? data.runs[key][run] : undefined;
  }

  function params(run) {
    const data = table();
    if (!data) return "";
    const telling = data.columns.filter((column) => column.kind === "param" && column.differs && !column.seed);
    const said = telling.filter((column) => column.values[run] !== null).slice(0, TOLD);
    return said.map((column) => column.label + " " + runpages.format.number(column.values[run])).join(" · ");
  }

  plot.runs = {
    name: (run) => cell("name", run) || "run " + run,
    color: (run, look) => look.runs[(cell("color", run) || 0) % 10],
    dash: (run) => cell("dash", run) || 0,
    params,
  };
})();
