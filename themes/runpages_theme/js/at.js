/* The values of all drawn lines where the crosshair stands: a table under the chart bar, as long as it is open.

   runpages.at()   listens; a click in a chart holds the place, the next one lets it go
*/
(function () {
  "use strict";
  const METRICS = 6;
  const LINES = 30;
  const find = (id) => document.getElementById(id);

  function cell(name, text, scope) {
    const made = Object.assign(document.createElement(name), { textContent: text });
    if (scope) made.scope = scope;
    return made;
  }

  function show(x) {
    const charts = runpages.charts.shown().slice(0, METRICS);
    if (!charts.length) return;
    find("rp-at-x").textContent = charts[0].where(x);
    const rows = new Map();
    charts.forEach((chart, k) => {
      for (const { line, i } of chart.pointer.near(x, 0)) {
        const name = chart.name(line);
        if (!rows.has(name)) rows.set(name, { color: chart.color(line), values: [] });
        rows.get(name).values[k] = runpages.format.number(line.s[i]) + (line.counts ? ` (n=${line.counts[i]})` : "");
      }
    });
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    head.append(cell("th", "", "col"), ...charts.map((chart) => cell("th", chart.metric, "col")));
    const body = table.createTBody();
    for (const [name, { color, values }] of [...rows].slice(0, LINES)) {
      const row = body.insertRow();
      const first = cell("th", runpages.plot.cut(name, 220), "row");
      const dot = document.createElement("i");
      dot.style.background = color;
      first.prepend(dot);
      first.title = name;
      row.append(first, ...charts.map((_, k) => cell("td", values[k] ?? "–")));
    }
    if (rows.size > LINES) body.insertRow().append(cell("th", `and ${rows.size - LINES} more`, "row"));
    find("rp-at-table").replaceChildren(table);
  }

  function at() {
    const panel = find("rp-at");
    find("rp-at-table").textContent = "Point at a chart, or walk along a line with the arrow keys.";
    document.addEventListener("rp-at", ({ detail: x }) => panel.open && x !== null && show(x));
  }

  runpages.at = at;
})();
