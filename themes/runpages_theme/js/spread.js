/* How values lie: quartiles, whiskers, a density, ranks. Equal to numpy's and scipy's numbers (tests/compare).

   runpages.spread.quantile(sorted, p)   linear between neighbours, as numpy does
   runpages.spread.box(values) -> {low, q1, median, q3, high, out: [value]}    whiskers reach the last value within 1.5 times the box
   runpages.spread.density(values, count) -> {x: [], d: []} | null    Gaussian kernels, Scott's bandwidth (scipy's gaussian_kde), from 2 different values on
   runpages.spread.ranks(values) -> places from 0, equal values share the mean of theirs
   runpages.spread.spearman(x, y)        rank correlation, NaN when one never changes
*/
(function () {
  "use strict";

  function quantile(sorted, p) {
    const at = p * (sorted.length - 1);
    const low = Math.floor(at);
    return low + 1 < sorted.length ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
  }

  function box(values) {
    const sorted = Float64Array.from(values).sort();
    const [q1, median, q3] = [0.25, 0.5, 0.75].map((p) => quantile(sorted, p));
    const reach = 1.5 * (q3 - q1);
    const inside = sorted.filter((value) => value >= q1 - reach && value <= q3 + reach);
    return { low: inside[0], q1, median, q3, high: inside[inside.length - 1], out: Array.from(sorted.filter((value) => value < inside[0] || value > inside[inside.length - 1])) };
  }

  function density(values, count) {
    const n = values.length;
    const { std, min, max } = runpages.interval.ofSample(values);
    if (!(std > 0)) return null;
    const width = std * n ** -0.2;
    const [from, to] = [min - 2 * width, max + 2 * width];
    const x = Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
    const scale = 1 / (n * width * Math.sqrt(2 * Math.PI));
    const d = x.map((place) => {
      let sum = 0;
      for (const value of values) sum += Math.exp(-0.5 * ((place - value) / width) ** 2);
      return sum * scale;
    });
    return { x, d };
  }

  function ranks(values) {
    const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
    const out = new Float64Array(values.length);
    for (let from = 0; from < order.length; ) {
      let to = from;
      while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to += 1;
      for (let k = from; k <= to; k++) out[order[k]] = (from + to) / 2;
      from = to + 1;
    }
    return out;
  }

  function spearman(x, y) {
    const [a, b] = [ranks(x), ranks(y)];
    const middle = (a.length - 1) / 2;
    let [both, one, other] = [0, 0, 0];
    for (let i = 0; i < a.length; i++) {
      both += (a[i] - middle) * (b[i] - middle);
      one += (a[i] - middle) ** 2;
      other += (b[i] - middle) ** 2;
    }
    return one && other ? both / Math.sqrt(one * other) : NaN;
  }

  runpages.spread = { quantile, box, density, ranks, spearman };
})();
