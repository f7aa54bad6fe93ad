/* Lines over several runs: at each place on x the middle of those that reach it, and how far they spread. No DOM here.

   plot.grouped(lines, state)   -> one line per group, or null where each run is a line of its own
       state.group: "" | "seed" (all but the seed) | a param's column id;  state.middle: mean | median;  state.spread: see below
       a line = {run (its first), runs, label, x, y, s, lo, hi, counts, drawn, band: {middle, spread}}
   plot.over(members, {middle, spread})   -> {x, y, lo, hi, counts}; members = [{x, whole}]
       std, sem: mean ± sample deviation, standard error;  range: least and most;  iqr: quartiles;
       ci: 95 % t-interval of the mean;  boot: 95 % percentile bootstrap of the middle (500 samples, seeded, so twice the same);  none
   On the union of the members' places; between two of its own points a member counts by the straight line between them, before its
   first, after its last, and beside a nan it does not count: nothing is extrapolated. Below two members there is no band.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const SAMPLES = 500;
  const PLACES = 2000;
  const SPREADS = {
    std: "± standard deviation",
    sem: "± standard error",
    ci: "95 % interval of the mean",
    iqr: "quartiles",
    range: "least to most",
    boot: "95 % bootstrap",
    none: "no band",
  };

  function grouped(lines, { group, middle = "mean", spread = "std" }) {
    if (!group) return null;
    const found = new Map();
    for (const line of lines) {
      const key = plot.runs.group(group, line.run);
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(line);
    }
    return Array.from(found.values(), (members) => together(members, { group, middle, spread }));
  }

  function together(members, { group, middle, spread }) {
    const [first] = members;
    const alone = members.length === 1;
    const { x, y, lo, hi, counts } = coarse(over(members, { middle, spread }));
    const runs = members.map((line) => line.run);
    const label = plot.runs.groupName(group, first.run) + (alone ? "" : `, ${runs.length} runs`);
    const line = { id: first.id, run: first.run, runs, label, x, y, whole: y, written: y, lo, hi, counts, n: x.length, below: first.below, band: { middle, spread } };
    line.missing = Int8Array.from(y, () => 1);
    line.shown = null;
    line.s = y;
    plot.place([line]);
    line.marks = members.flatMap((each) => each.marks);
    for (const each of members) each.within = line;
    return line;
  }

  function over(members, { middle, spread }) {
    const x = union(members);
    const ready = members.map((line) => along(line, x));
    const out = { x, y: new Float64Array(x.length), lo: new Float64Array(x.length), hi: new Float64Array(x.length), counts: new Int32Array(x.length) };
    const values = [];
    for (let k = 0; k < x.length; k++) {
      values.length = 0;
      for (const one of ready) if (one[k] - one[k] === 0) values.push(one[k]);
      out.counts[k] = values.length;
      out.y[k] = values.length ? (middle === "median" ? quantile(values.sort(ascending), 0.5) : mean(values)) : NaN;
      [out.lo[k], out.hi[k]] = values.length < 2 ? [NaN, NaN] : ends(values, out.y[k], middle, spread);
    }
    return out;
  }

  // more places than any screen has dots: means of neighbours, the outermost ends of their bands, the least of their counts
  function coarse({ x, y, lo, hi, counts }) {
    if (x.length <= PLACES) return { x, y, lo, hi, counts };
    const starts = plot.buckets(x.length, PLACES);
    const each = (values, pick) =>
      Float64Array.from({ length: starts.length - 1 }, (_, k) => {
        const some = Array.from(values.subarray(starts[k], starts[k + 1])).filter(Number.isFinite);
        return some.length ? pick(some) : NaN;
      });
    const [least, most] = [(some) => Math.min(...some), (some) => Math.max(...some)];
    return { x: each(x, mean), y: each(y, mean), lo: each(lo, least), hi: each(hi, most), counts: each(counts, least) };
  }

  const ascending = (a, b) => a - b;

  function union(members) {
    const [first, ...rest] = members;
    const same = rest.every(({ x }) => x.length === first.x.length && x.every((value, i) => value === first.x[i]));
    const all = same ? Float64Array.from(first.x) : Float64Array.from(members.flatMap(({ x }) => Array.from(x)));
    const sorted = all.filter((value) => value - value === 0).sort();
    return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  }

  // a member's values at all places of the union; of a place told twice (a restart) the last word counts
  function along({ x, whole }, at) {
    const told = new Map();
    for (let i = 0; i < x.length; i++) if (x[i] - x[i] === 0) told.set(x[i], whole[i]);
    const xs = Float64Array.from(told.keys()).sort();
    const out = new Float64Array(at.length).fill(NaN);
    let i = 0;
    for (let k = 0; k < at.length; k++) {
      while (i < xs.length && xs[i] < at[k]) i += 1;
      if (i === xs.length) break;
      if (xs[i] === at[k]) out[k] = told.get(xs[i]);
      else if (i > 0) {
        const [left, right] = [told.get(xs[i - 1]), told.get(xs[i])];
        out[k] = left + ((right - left) * (at[k] - xs[i - 1])) / (xs[i] - xs[i - 1]);
      }
    }
    return out;
  }

  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  function deviation(values) {
    const m = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1));
  }

  // numpy's linear rule
  function quantile(sorted, share) {
    const place = (sorted.length - 1) * share;
    const low = Math.floor(place);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
  }

  function ends(values, y, middle, spread) {
    if (spread === "none") return [NaN, NaN];
    if (spread === "boot") return boot(values, middle);
    if (spread === "iqr" || spread === "range") {
      const sorted = values.slice().sort(ascending);
      return spread === "range" ? [sorted[0], sorted[sorted.length - 1]] : [quantile(sorted, 0.25), quantile(sorted, 0.75)];
    }
    const std = deviation(values);
    const error = std / Math.sqrt(values.length);
    const half = spread === "std" ? std : spread === "sem" ? error : error * runpages.interval.quantile(values.length - 1);
    const centre = mean(values);
    return [centre - half, centre + half];
  }

  // the same draws at every place (mulberry32 from 1): neighbours differ by their values, not by luck
  const draws = new Map();
  function drawn(n) {
    if (draws.has(n)) return draws.get(n);
    let seed = 1;
    const next = () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const made = Int32Array.from({ length: SAMPLES * n }, () => Math.floor(next() * n));
    draws.set(n, made);
    return made;
  }

  function boot(values, middle) {
    const n = values.length;
    const picks = drawn(n);
    const found = new Float64Array(SAMPLES);
    const sample = new Array(n);
    for (let b = 0; b < SAMPLES; b++) {
      for (let i = 0; i < n; i++) sample[i] = values[picks[b * n + i]];
      found[b] = middle === "median" ? quantile(sample.slice().sort(ascending), 0.5) : mean(sample);
    }
    found.sort();
    return [quantile(found, 0.025), quantile(found, 0.975)];
  }

  // a sentence for the caption: what the band is and by which rule it came about
  function told({ group, middle, spread, smooth }) {
    if (!group) return "";
    const raw = smooth > 0 ? " of the smoothed curves" : "";
    const band = spread === "none" ? "" : spread === "std" || spread === "sem" ? ` ${SPREADS[spread]}` : `, band: ${SPREADS[spread]}`;
    return `Lines are the ${middle}${raw} over runs${band}; between a run's points by a straight line, never beyond its first and last.`;
  }

  Object.assign(plot, { grouped, over, SPREADS, told });
})();
