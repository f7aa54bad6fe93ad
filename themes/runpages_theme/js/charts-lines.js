/* From a curve file to lines and to the rows that Vega draws. No DOM here; the tests run it in node too.

   plot.lines(payload, runs, {x, y, epochs, budget})  -> {lines, dropped: {times, log}, unit, title}
     a line = {id, run, x, y, lo, hi, n, shown: Int32Array | null, s}; x, y ... Float64Array in full, s what is drawn of it.
     x: step | relative | wall | epoch (epochs = the payload of the metric that counts them). Times on wall are ms since 1970.
   plot.smooth(lines, rule, strength)     fills s of every line: smoothed in full first, thinned after
   plot.rows(lines, {color, dash, name, bands})    -> the datasets points, bands, alone, marks of the specs
   plot.extent(lines, x0, x1, {log, smoothed})     -> {x: [low, high], y: [low, high]} of what is drawn, with room around y
   plot.number(value)      a number of the data files: "nan", "inf", "-inf" and null are not JSON numbers
   plot.known              line id -> line, for Vega's rpSmooth
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const BUDGET = 50000;
  const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const UNITS = [
    [120, 1, "seconds"],
    [7200, 60, "minutes"],
    [172800, 3600, "hours"],
    [Infinity, 86400, "days"],
  ];
  const known = new Map();
  let next = 0;

  const number = (value) => (typeof value === "number" ? value : value in WORDS ? WORDS[value] : NaN);
  const numbers = (values) => Float64Array.from(values, number);

  function lines(payload, runs, { x, y, epochs, budget = BUDGET }) {
    const wanted = runs && new Set(runs);
    const chosen = payload.lines.filter((line) => !wanted || wanted.has(line.run));
    const dropped = { times: 0, log: 0 };
    const per = Math.max(3, Math.floor(budget / Math.max(1, chosen.length)));
    const made = [];
    for (const line of chosen) {
      const across = abscissa(line, payload, x, epochs);
      if (!across) dropped.times += 1;
      else made.push(whole(line, across, y, per, dropped));
    }
    const { unit, title } = x === "relative" ? timeUnit(made) : { unit: 1, title: x === "step" ? payload.step_name || "step" : x };
    if (unit !== 1) for (const line of made) line.x = line.x.map((value) => value / unit);
    return { lines: made, dropped, unit, title };
  }

  // null when the run did not record what this axis needs
  function abscissa(line, payload, x, epochs) {
    const steps = payload.steps[line.s];
    if (x === "step") return numbers(steps);
    if (x === "epoch") return payload.step_name === "epoch" ? numbers(steps) : epochs && epochOf(line, steps, epochs);
    if (!line.t) return null;
    const times = numbers(line.t);
    return x === "relative" ? times : line.t0 == null ? null : times.map((t) => (t + line.t0) * 1000);
  }

  // the epoch that was last written at or before a step
  function epochOf(line, steps, epochs) {
    const other = epochs.lines.find((each) => each.run === line.run);
    if (!other) return null;
    const at = epochs.steps[other.s];
    let k = 0;
    return Float64Array.from(steps, (step) => {
      while (k + 1 < at.length && at[k + 1] <= step) k += 1;
      return number(other.y[k]);
    });
  }

  function timeUnit(made) {
    const longest = made.reduce((most, line) => Math.max(most, line.x[line.x.length - 1] || 0), 0);
    const [, unit, name] = UNITS.find(([below]) => longest < below);
    return { unit, title: name + " since the run's first point" };
  }

  function whole(line, across, scale, per, dropped) {
    const y = numbers(line.y);
    if (scale === "log") {
      for (let i = 0; i < y.length; i++) {
        if (y[i] <= 0 && y[i] !== -Infinity) {
          y[i] = NaN;
          dropped.log += 1;
        }
      }
    }
    const missing = Int8Array.from(line.y, (value) => (value === null ? 1 : 0));
    const made = { id: next++, run: line.run, x: across, y, missing, n: line.n || y.length, below: scale === "log" ? 1 : 0 };
    made.written = scale === "log" ? numbers(line.y) : y;
    made.lo = line.lo ? numbers(line.lo) : null;
    made.hi = line.hi ? numbers(line.hi) : null;
    made.shown = y.length > per ? buckets(y.length, per) : null;
    made.s = y;
    known.set(made.id, made);
    return made;
  }

  // starts of buckets; the first and the last point stand alone, so that both are exact
  function buckets(n, per) {
    const inner = per - 2;
    return Int32Array.from({ length: per + 1 }, (_, k) => (k === 0 ? 0 : k > inner + 1 ? n : k === inner + 1 ? n - 1 : 1 + Math.floor(((k - 1) * (n - 2)) / inner)));
  }

  function thin(values, starts) {
    if (!starts) return values;
    const out = new Float64Array(starts.length - 1);
    for (let k = 0; k < out.length; k++) {
      let sum = 0;
      let count = 0;
      for (let i = starts[k]; i < starts[k + 1]; i++) {
        if (Number.isFinite(values[i])) {
          sum += values[i];
          count += 1;
        }
      }
      out[k] = count ? sum / count : values[starts[k]];
    }
    return out;
  }

  function smooth(all, rule, strength) {
    for (const line of all) {
      const per = line.n > line.y.length ? line.n / line.y.length : 1;
      line.s = strength > 0 ? thin(runpages.smooth(rule, line.y, line.x, strength, per), line.shown) : thin(line.y, line.shown);
    }
  }

  function rows(all, { color, dash, bands }) {
    const out = { points: [], bands: [], alone: [], marks: [] };
    for (const line of all) {
      const c = color(line.run);
      const d = dash(line.run);
      const x = thin(line.x, line.shown);
      const y = thin(line.y, line.shown);
      line.drawn = { x, y };
      for (let i = 0; i < x.length; i++) {
        const fine = Number.isFinite(y[i]);
        out.points.push({ line: line.id, i, x: x[i], y: fine ? y[i] : null, c, d });
        if (fine && !Number.isFinite(y[i - 1]) && !Number.isFinite(y[i + 1])) out.alone.push({ line: line.id, i, x: x[i], c });
      }
      for (let i = 0; i < line.y.length; i++) {
        const bad = line.written[i];
        if (!Number.isFinite(bad) && !line.missing[i]) out.marks.push({ x: line.x[i], c, bad: bad !== bad ? "nan" : bad > 0 ? "inf" : "-inf" });
      }
      if (bands && line.lo && line.hi && !line.shown) band(line, c, out.bands);
    }
    return out;
  }

  function band(line, c, out) {
    for (let i = 0; i < line.x.length; i++) {
      const fine = Number.isFinite(line.lo[i]) && Number.isFinite(line.hi[i]) && (!line.below || line.lo[i] > 0);
      out.push({ line: line.id, x: line.x[i], lo: fine ? line.lo[i] : null, hi: fine ? line.hi[i] : null, c });
    }
  }

  function extent(all, from, to, { scale = "linear", bands = true } = {}) {
    const x = [Infinity, -Infinity];
    const y = [Infinity, -Infinity];
    for (const line of all) {
      const { x: xs, y: ys } = line.drawn;
      const wide = bands && line.lo && !line.shown;
      for (let i = 0; i < xs.length; i++) {
        if (xs[i] < x[0]) x[0] = xs[i];
        if (xs[i] > x[1]) x[1] = xs[i];
        if (xs[i] < from || xs[i] > to) continue;
        widen(y, ys[i]);
        widen(y, line.s[i]);
        if (!wide) continue;
        if (!line.below || line.lo[i] > 0) widen(y, line.lo[i]);
        widen(y, line.hi[i]);
      }
    }
    return { x: x[0] <= x[1] ? spread(x, 0, "linear") : [0, 1], y: y[0] <= y[1] ? spread(y, 0.05, scale) : scale === "log" ? [1, 10] : [0, 1] };
  }

  function widen(range, value) {
    if (!Number.isFinite(value)) return;
    if (value < range[0]) range[0] = value;
    if (value > range[1]) range[1] = value;
  }

  // a constant gets an axis around it
  function spread([low, high], room, scale) {
    if (scale === "log") {
      const factor = high > low ? Math.pow(high / low, room) : 2;
      return [low / factor, high * factor];
    }
    if (low === high) return [low - (Math.abs(low) * 0.1 || 0.5), high + (Math.abs(high) * 0.1 || 0.5)];
    return [low - (high - low) * room, high + (high - low) * room];
  }

  // the line's index nearest to a place on x, by halving; x is ascending but for a restart, where near is near enough
  function nearest(xs, at) {
    let low = 0;
    let high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= at) low = middle;
      else high = middle;
    }
    return Math.abs(xs[low] - at) <= Math.abs(xs[high] - at) ? low : high;
  }

  const forget = (all) => all.forEach((line) => known.delete(line.id));

  runpages.plot = Object.assign(runpages.plot || {}, { lines, smooth, rows, extent, nearest, number, known, forget, spread });
})();
