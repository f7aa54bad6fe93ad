/* Pictures and numbers that leave the page: SVG, PNG and PDF on white with names and titles in them, CSV of what is drawn.

   plot.save(kind, {metric, lines, title, x, y})    kind: svg | png | pdf | csv | json (the spec); hands the reader a file named after the metric
   plot.give(kind, {name, csv, spec | svg()})       the same of any chart: its spec holds its datasets
   plot.tools(figure, ask, {alone()})               the buttons; ask() -> what `give` takes
   plot.drawn(svg element, title)                   that picture as a file of its own;  plot.sheet(names, rows) -> CSV
   plot.csv(lines, x title)                         the text; one row per drawn point
   plot.hand(blob, name)  plot.quoted(value)        a file for the reader; a value as a cell of CSV
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const LEGEND = 24;

  const KINDS = { svg: "Download the picture", png: "Download the picture for print, three times as fine", pdf: "Download the picture for LaTeX", csv: "Download the numbers drawn here", json: "Download the Vega-Lite spec with its data" };

  function save(kind, chart) {
    const { spec, config } = kind === "csv" ? {} : paper(chart);
    return give(kind, { name: chart.metric.replace(/[^\w.-]+/g, "-"), csv: () => csv(chart.lines, chart.title), spec, config });
  }

  // one kind of file of a chart: {name, csv: text or function, spec with its datasets} or {svg()} for one drawn by hand
  async function give(kind, { name, csv: numbers, spec, config = runpages.get("specs").config.paper, svg }) {
    const file = `${name}.${kind}`;
    if (kind === "csv") return hand(new Blob([typeof numbers === "function" ? numbers() : numbers], { type: "text/csv" }), file);
    if (kind === "json") return hand(new Blob([JSON.stringify({ ...spec, config }, null, 1)], { type: "application/json" }), file);
    const view = svg ? null : await plot.embed(document.createElement("div"), JSON.parse(JSON.stringify(spec)), { config, data: {}, renderer: "svg" });
    if (kind === "png" && view) (await view.toCanvas(3)).toBlob((blob) => hand(blob, file));
    else await picture(kind, svg ? svg() : await view.toSVG(), file);
    return view && view.finalize();
  }

  function picture(kind, text, file) {
    if (kind === "svg") return hand(new Blob([text], { type: "image/svg+xml" }), file);
    if (kind === "png") return raster(text, (blob) => hand(blob, file));
    return new Promise((done) => runpages.load("js/pdf-path.js", () => runpages.load("js/pdf.js", () => done(hand(new Blob([runpages.pdf(text)], { type: "application/pdf" }), file)))));
  }

  function raster(text, done) {
    const image = new Image();
    image.onload = () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 3 * image.width, height: 3 * image.height });
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(done);
    };
    image.src = "data:image/svg+xml," + encodeURIComponent(text);
  }

  // buttons on a figure; `ask` gives what `give` takes, or null when there is nothing yet
  function tools(figure, ask, { alone } = {}) {
    const bar = Object.assign(document.createElement("p"), { className: "rp-chart-tools" });
    for (const [kind, title] of Object.entries(KINDS)) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: kind === "json" ? "Spec" : kind.toUpperCase(), title });
      button.addEventListener("click", () => {
        const asked = ask();
        if (asked && (kind !== "json" || asked.spec)) give(kind, asked);
      });
      bar.append(button);
    }
    if (alone) {
      const link = Object.assign(document.createElement("a"), { textContent: "Alone", title: "This chart on a page of its own, for a frame", href: "#" });
      link.addEventListener("pointerdown", () => (link.href = alone()));
      link.addEventListener("focus", () => (link.href = alone()));
      link.href = alone();
      bar.append(link);
    }
    figure.append(bar);
    return bar;
  }

  // a picture that stands on the page, with its colours as they are there, on white and with its title
  function drawn(picture, title) {
    const copy = picture.cloneNode(true);
    const { width, height } = picture.viewBox.baseVal;
    const light = ["fill", "stroke", "opacity", "stroke-width"];
    picture.querySelectorAll("*").forEach((node, at) => {
      const style = getComputedStyle(node);
      for (const name of light) copy.querySelectorAll("*")[at].setAttribute(name, style.getPropertyValue(name));
    });
    copy.querySelectorAll(".rp-handle, title").forEach((node) => node.remove());
    copy.removeAttribute("class");
    const box = { xmlns: "http://www.w3.org/2000/svg", width, height: height + 28, viewBox: `0 -28 ${width} ${height + 28}`, "font-family": "Helvetica, Arial, sans-serif" };
    for (const [name, value] of Object.entries(box)) copy.setAttribute(name, value);
    const put = (name, attributes, text = "") => {
      const node = document.createElementNS(box.xmlns, name);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      node.textContent = text;
      return node;
    };
    copy.prepend(put("rect", { x: 0, y: -28, width, height: height + 28, fill: "white" }), put("text", { x: 8, y: -10, "font-size": 13, "font-weight": 600, fill: "#1b2129" }, title));
    return new XMLSerializer().serializeToString(copy);
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

  const sheet = (names, rows) => [names, ...rows].map((cells) => cells.map((cell) => quoted(plain(cell))).join(",")).join("\r\n") + "\r\n";

  Object.assign(plot, { save, give, tools, drawn, sheet, csv, hand, quoted, KINDS });
})();
