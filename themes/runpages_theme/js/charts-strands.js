/* What of a chart's lines is painted: strands for charts-paint.js, the names at their ends, and the legend below.

   plot.strands(chart)      faint ones first: runs behind a configuration, raw values behind smoothed ones, then the lines
   plot.endLabels(chart, most)  -> [{y, text, color}], moved apart
   plot.legend(chart)       <ul> or null where the page has one already (the table beside the charts)
   plot.DIRECT              up to so many lines carry their names
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const DIRECT = 5;
  const NAMED = 12;
  const GAP = 13;
  const BEYOND = 40; // marks of one line at an edge; more are a row of marks that says nothing
  const STYLES = ["solid", "dashed", "dotted", "dashed"];

  function strands(chart) {
    const faint = [];
    const full = [];
    for (const line of chart.members) faint.push({ x: line.drawn.x, y: line.s, color: chart.color(line.within || line), width: 0.8, alpha: 0.4 });
    const raw = chart.raw();
    const bands = chart.banded();
    for (const line of chart.lines) {
      const { x, y, lo, hi } = line.drawn;
      const color = chart.color(line);
      if (raw) faint.push({ x, y, color, width: 1, alpha: 0.28 });
      full.push({ x, y: line.s, lo: bands ? lo : null, hi, color, dash: chart.dash(line), width: 1.75, dots: true, marks: line.marks, beyond: beyond(line, chart) });
    }
    return faint.concat(full);
  }

  // one mark per stretch of neighbours beyond the axis, at the wildest of them
  function beyond(line, chart) {
    const found = [];
    found.count = 0;
    if (!chart.state.clip) return found;
    const { x: [from, to], y: [low, high] } = chart.shown;
    let last = null;
    for (let i = 0; i < line.s.length; i++) {
      const value = line.s[i];
      const out = line.drawn.x[i] >= from && line.drawn.x[i] <= to && (value > high || value < low) && Number.isFinite(value);
      if (!out) last = null;
      else {
        found.count += 1;
        const above = value > high;
        if (!last || last.above !== above) found.push((last = { x: line.drawn.x[i], above, value }));
        else if (above ? value > last.value : value < last.value) Object.assign(last, { x: line.drawn.x[i], value });
      }
    }
    const { count } = found;
    return Object.assign(found.slice(0, BEYOND), { count });
  }

  function endLabels(chart, most) {
    const [from, to] = chart.shown.x;
    const ends = [];
    for (const line of chart.lines) {
      const i = lastShown(line, from, to);
      if (i >= 0) ends.push({ line, y: chart.sy.at(line.s[i]) });
    }
    ends.sort((a, b) => a.y - b.y);
    const places = apart(ends.map(({ y }) => y), GAP, chart.pointer.height);
    return ends.map(({ line }, k) => ({ y: places[k], text: plot.cut(chart.name(line), most), color: chart.color(line) }));
  }

  function lastShown(line, from, to) {
    for (let i = line.s.length - 1; i >= 0; i--) {
      if (line.drawn.x[i] >= from && line.drawn.x[i] <= to && Number.isFinite(line.s[i])) return i;
    }
    return -1;
  }

  function apart(wanted, gap, height) {
    const places = wanted.slice();
    for (let i = 1; i < places.length; i++) places[i] = Math.max(places[i], places[i - 1] + gap);
    for (let i = places.length - 1, below = height; i >= 0; i--, below -= gap) {
      places[i] = Math.min(places[i], below);
      below = places[i];
    }
    return places;
  }

  function legend(chart) {
    const { lines, figure, bus } = chart;
    const own = lines === chart.every;
    // the table beside the charts shows each run's colour; of configurations it does not
    if (lines.length < 2 || figure.closest("[data-rp-legend=none]") || (own && figure.closest(".rp-pane-charts"))) return null;
    const list = Object.assign(document.createElement("ul"), { className: "rp-legend" });
    for (const line of lines.slice(0, NAMED)) {
      const item = document.createElement("li");
      const swatch = document.createElement("i");
      swatch.style.borderTopColor = chart.color(line);
      swatch.style.borderTopStyle = STYLES[chart.dash(line)];
      const name = chart.name(line);
      const shown = plot.cut(name, 320);
      item.append(swatch, shown);
      if (shown !== name) item.title = name;
      item.addEventListener("mouseenter", () => bus.highlight(line.run));
      item.addEventListener("mouseleave", () => bus.highlight(null));
      list.append(item);
    }
    if (lines.length > NAMED) list.append(Object.assign(document.createElement("li"), { textContent: `and ${lines.length - NAMED} more` }));
    return list;
  }

  Object.assign(plot, { DIRECT, strands, endLabels, legend });
})();
