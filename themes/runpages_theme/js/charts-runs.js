/* What a chart says of a run: its name, colour, dash, and the params that tell it from the others.

   plot.runs.name(run)  color(run, look, state)  dash(run, state)  params(run) -> "lr 0.01 · width 256"
   plot.runs.group(by, run)  groupName(by, run)    which runs are one line, by "seed" (all but it) or a param's column id, and what it is called
   plot.runs.column(id)     the column of a param, of which a chart may take its colours or dashes
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

  function column(id) {
    const data = table();
    return id && data ? data.columns.find((each) => each.id === id) : undefined;
  }

  function params(run) {
    const data = table();
    if (!data) return "";
    const telling = data.columns.filter((one) => one.kind === "param" && one.differs && !one.seed);
    const said = telling.filter((one) => one.values[run] !== null).slice(0, TOLD);
    return said.map((one) => one.label + " " + runpages.format.number(one.values[run])).join(" · ");
  }

  // a value's place among all the values of its column, numbers by size
  const places = new WeakMap();
  function place(id, run) {
    const one = column(id);
    if (!one) return -1;
    if (!places.has(one)) {
      const values = [...new Set(one.values.filter((value) => value !== null))];
      values.sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true })));
      places.set(one, new Map(values.map((value, at) => [value, at])));
    }
    return places.get(one).get(one.values[run]) ?? -1;
  }

  function color(run, look, { hue } = {}) {
    if (!hue) return look.runs[(cell("color", run) || 0) % 10];
    const at = place(hue, run);
    return at < 0 ? look.soft : look.runs[at % 10];
  }

  function dash(run, { stroke } = {}) {
    return stroke ? Math.max(0, place(stroke, run)) % 4 : cell("dash", run) || 0;
  }

  const group = (by, run) => (by === "seed" ? cell("configuration", run) ?? run : JSON.stringify(column(by) ? column(by).values[run] : null));

  function groupName(by, run) {
    if (by !== "seed") return column(by) ? column(by).label + " " + runpages.format.number(column(by).values[run]) : "all runs";
    const data = table();
    return (data && data.configurations && data.configurations[cell("configuration", run)]) || cell("name", run) || "run " + run;
  }

  plot.runs = { group, groupName, name: (run) => cell("name", run) || "run " + run, color, dash, params, column, place };
})();
