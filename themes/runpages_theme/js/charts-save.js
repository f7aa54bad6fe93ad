/* Pictures and numbers that leave the page: SVG and PNG on white with names and titles in them, CSV of what is drawn.

   plot.save(kind, {metric, lines, title, x, y})    kind: svg | png | csv | json (the spec); hands the reader a file named after the metric
   plot.csv(lines, x title)                         the text; one row per drawn point
   plot.hand(blob, name)  plot.quoted(value)        a file for the reader; a value as a cell of CSV
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const LEGEND = 24;

  function save(kind, chart) {
    const name = chart.metric.replace(/[^\w.-]+/g, "-") + "." + kind;
    if (kind === "csv") return hand(new Blob([csv(chart.lines, chart.title)], { type: "text/csv" }), name);
    const { spec, config } = paper(chart);
    if (kind === "json") return hand(new Blob([JSON.stringify({ ...spec, config }, null, 1)], { type: "application/json" }), name);
    return plot.embed(document.createElement("div"), spec, { config, data: {}, renderer: "svg" }).then(async (view) => {
      if (kind === "svg") hand(new Blob([await view.toSVG()], { type: "image/svg+xml" }), name);
      else (await view.toCanvas(3)).toBlob((blob) => hand(blob, name));
      view.finalize();
    });
  }

  function hand(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // the chart as a Vega-Lite spec that stands alone
  function paper({ metric, lines, title, x, y }) {
    const look = { runs: runpages.get("specs").colors };
    const spec = plot.still(x, y);
    const names = distinct(lines);
    const data = plot.rows(lines, { color: (run) => plot.runs.color(run, look), dash: plot.runs.dash, bands: true });
    const byId = new Map(lines.map((line, i) => [line.id, i]));
    for (const row of data.points) {
      const line = lines[byId.get(row.line)];
      row.name = names[byId.get(row.line)];
      row.y = Number.isFinite(line.s[row.i]) ? line.s[row.i] : null;
    }
    for (const row of data.alone) row.y = lines[byId.get(row.line)].s[row.i];
    plot.axes(spec, "x", (encoding) => (encoding.axis.title = title));
    plot.axes(spec, "y", (encoding) => (encoding.axis.title = metric));
    legend(spec, names, lines.map((line) => plot.runs.color(line.run, look)));
    // a layer without rows has no extent, which Vega would complain about
    spec.layer = spec.layer.filter((layer) => data[layer.data.name] && data[layer.data.name].length);
    spec.datasets = data;
    return { spec, config: runpages.get("specs").config.paper };
  }

  function legend(spec, names, colours) {
    for (const { encoding } of spec.layer) {
      if (encoding.color.field !== "name") continue;
      encoding.color.scale = { domain: names, range: colours };
      encoding.color.legend = { orient: "bottom", columns: 4, symbolType: "stroke", values: names.slice(0, LEGEND) };
    }
  }

  function distinct(lines) {
    const seen = new Map();
    return lines.map((line) => {
      const name = plot.runs.name(line.run);
      seen.set(name, (seen.get(name) || 0) + 1);
      return seen.get(name) === 1 ? name : name + " (" + seen.get(name) + ")";
    });
  }

  // a run named "=1+1" must stay a name in a spreadsheet
  function quoted(value) {
    const text = String(value);
    const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }

  const plain = (value) => (value === undefined || value === null ? "" : value === Infinity ? "inf" : value === -Infinity ? "-inf" : value !== value ? "nan" : String(value));

  function csv(lines, title) {
    const rows = [["run", title, "value", "smoothed", "low", "high"].map(quoted).join(",")];
    for (const line of lines) {
      const name = quoted(plot.runs.name(line.run));
      const full = line.shown ? null : line;
      for (let i = 0; i < line.s.length; i++) {
        const x = full ? full.x[i] : line.drawn.x[i];
        const y = full ? full.written[i] : line.drawn.y[i];
        const ends = full && full.lo ? [plain(full.lo[i]), plain(full.hi[i])] : ["", ""];
        rows.push([name, plain(x), plain(y), plain(line.s[i]), ...ends].join(","));
      }
    }
    return rows.join("\r\n") + "\r\n";
  }

  Object.assign(plot, { save, csv, hand, quoted });
})();
