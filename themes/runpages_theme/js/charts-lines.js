/* From a curve file to lines and what is drawn of them. No DOM here; the tests run it in node too.

   plot.lines(payload, runs, {x, xs, y, other, budget})  -> {lines, dropped: {times, log}, title}
     a line = {id, run, x, y, lo, hi, n, shown: Int32Array | null}; x, y ... Float64Array in full. x, other: see charts-across.js;
     xs, y: linear | log | symlog
   plot.smooth(lines, rule, strength)     fills `whole`, smoothed in full, and `s`, thinned after that
   plot.place(lines)                      fills drawn: {x, y, lo, hi}, thinned as s is, and marks: [{x, bad}]
   plot.extent(lines, x0, x1, {xs, scale, bands, clip})     -> {x: [low, high], y: [low, high]} of what is drawn, with room around y;
     clip: y is the middle 98 % of the values where that is much less than all of them
   plot.nearest(xs, at)    index; plot.spread(range, room, scale)
   plot.rows(lines, {color, dash, bands})          -> the datasets of the still specs
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const BUDGET = 50000;
  const TAILS = 0.01;
  let next = 0;

  function lines(payload, runs, { x, xs = "linear", y, other, budget = BUDGET }) {
    const wanted = runs && new Set(runs);
    const chosen = payload.lines.filter((line) => !wanted || wanted.has(line.run));
    const dropped = { times: 0, log: 0 };
    const per = Math.max(3, Math.floor(budget / Math.max(1, chosen.length)));
    const made = [];
    for (const line of chosen) {
      const across = plot.across(line, payload, x, other);
      if (!across) dropped.times += 1;
      else made.push(whole(line, across, { xs, y, per, dropped }));
    }
    const { unit, title } = plot.acrossTitle(made, payload, x);
    if (unit !== 1) for (const line of made) line.x = line.x.map((value) => value / unit);
    return { lines: made, dropped, title };
  }

  function whole(line, across, { xs, y: scale, per, dropped }) {
    const y = plot.numbers(line.y);
    const written = scale === "log" ? Float64Array.from(y) : y;
    if (scale === "log") dropped.log += above(y);
    if (xs === "log") dropped.log += above(across);
    const missing = Int8Array.from(line.y, (value) => (value === null ? 1 : 0));
    const made = { id: next++, run: line.run, x: across, y, written, missing, n: line.n || y.length, below: scale === "log" };
    made.lo = line.lo ? plot.numbers(line.lo) : null;
    made.hi = line.hi ? plot.numbers(line.hi) : null;
    made.shown = y.length > per ? buckets(y.length, per) : null;
    made.s = made.whole = y;
    return made;
  }

  // what a log axis has no place for becomes a gap, and is counted
  function above(values) {
    let left = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i] > 0 || values[i] === -Infinity || values[i] !== values[i]) continue;
      values[i] = NaN;
      left += 1;
    }
    return left;
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
        if (values[i] - values[i] === 0) {
          sum += values[i];
          count += 1;
        }
      }
      out[k] = count ? sum / count : values[starts[k]];
    }
    return out;
  }

  function ends(values, starts, pick) {
    if (!starts) return values;
    return Float64Array.from({ length: starts.length - 1 }, (_, k) => {
      let found = NaN;
      for (let i = starts[k]; i < starts[k + 1]; i++) if (Number.isFinite(values[i])) found = found !== found ? values[i] : pick(found, values[i]);
      return found;
    });
  }

  function smooth(all, rule, strength) {
    for (const line of all) {
      const per = line.n > line.y.length ? line.n / line.y.length : 1;
      line.whole = strength > 0 ? runpages.smooth(rule, line.y, line.x, strength, per) : line.y;
      line.s = thin(line.whole, line.shown);
    }
  }

  function place(all) {
    for (const line of all) {
      const { shown, lo, hi } = line;
      line.drawn = { x: thin(line.x, shown), y: thin(line.y, shown), lo: lo && positive(ends(lo, shown, Math.min), line.below), hi: hi && ends(hi, shown, Math.max) };
      line.wild = line.drawn.x.some((value, i, xs) => i > 0 && !(value >= xs[i - 1]));
      line.marks = [];
      const { written, missing } = line;
      for (let i = 0; written && i < written.length; i++) {
        const bad = written[i];
        if (bad - bad !== 0 && !missing[i]) line.marks.push({ x: line.x[i], bad: bad !== bad ? "nan" : bad > 0 ? "inf" : "-inf" });
      }
    }
  }

  const positive = (values, wanted) => (wanted ? values.map((value) => (value > 0 ? value : NaN)) : values);

  function extent(all, from, to, { xs = "linear", scale = "linear", bands = true, clip = false } = {}) {
    const x = [Infinity, -Infinity];
    const y = [Infinity, -Infinity];
    const values = [];
    for (const line of all) {
      const { x: at, y: ys, lo, hi } = line.drawn;
      for (let i = 0; i < at.length; i++) {
        widen(x, at[i]);
        if (!(at[i] >= from && at[i] <= to)) continue;
        if (clip) values.push(line.s[i]);
        widen(y, ys[i]);
        widen(y, line.s[i]);
        if (!bands || !lo) continue;
        widen(y, lo[i]);
        widen(y, hi[i]);
      }
    }
    const whole = y[0] <= y[1] ? spread(y, 0.05, scale) : scale === "log" ? [1, 10] : [0, 1];
    const across = x[0] <= x[1] ? spread(x, 0, xs) : xs === "log" ? [1, 10] : [0, 1];
    return { x: across, y: clip ? middle(values, whole, scale) : whole };
  }

  // a few wild values shall not press all others flat; where they do not, nothing is cut
  function middle(values, whole, scale) {
    const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
    if (sorted.length < 20) return whole;
    const end = Math.floor((sorted.length - 1) * TAILS);
    const inner = spread([sorted[end], sorted[sorted.length - 1 - end]], 0.15, scale);
    const size = ([low, high]) => (scale === "log" ? Math.log(high / low) : high - low);
    return size(inner) < 0.6 * size(whole) ? [Math.max(inner[0], whole[0]), Math.min(inner[1], whole[1])] : whole;
  }

  function widen(range, value) {
    if (value - value !== 0) return;
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

  // the index nearest to a place on x: by halving where x ascends, by looking at each after a restart
  function nearest(xs, at, wild = false) {
    if (wild) {
      let best = 0;
      for (let i = 1; i < xs.length; i++) if (Math.abs(xs[i] - at) < Math.abs(xs[best] - at) || xs[best] !== xs[best]) best = i;
      return best;
    }
    let low = 0;
    let high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= at) low = middle;
      else high = middle;
    }
    return Math.abs(xs[low] - at) <= Math.abs(xs[high] - at) ? low : high;
  }

  function rows(all, { color, dash, bands }) {
    const out = { points: [], bands: [], alone: [], marks: [] };
    for (const line of all) {
      const c = color(line.run, line);
      const d = dash(line.run, line);
      const { x, y, lo, hi } = line.drawn;
      for (let i = 0; i < x.length; i++) {
        if (!Number.isFinite(x[i])) continue;
        const fine = Number.isFinite(y[i]);
        out.points.push({ line: line.id, i, x: x[i], y: fine ? y[i] : null, c, d });
        if (fine && !Number.isFinite(y[i - 1]) && !Number.isFinite(y[i + 1])) out.alone.push({ line: line.id, i, x: x[i], c });
        if (bands && lo && hi) out.bands.push({ line: line.id, x: x[i], lo: Number.isFinite(lo[i]) ? lo[i] : null, hi: Number.isFinite(hi[i]) ? hi[i] : null, c });
      }
      for (const { x: at, bad } of line.marks) out.marks.push({ x: at, c, bad });
    }
    return out;
  }

  Object.assign(plot, { lines, smooth, place, rows, extent, nearest, spread, buckets });
})();
