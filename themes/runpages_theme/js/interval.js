/* Means of repeats and how far to trust them: the rules of stats.py, equal to scipy's numbers (tests/compare).

   runpages.interval.summary(numbers, runs, twins) -> {n, mean, std, min, max}; std is the sample's (n - 1), NaN below 2
       what is not finite is left out; of runs with one value and one number in `twins` (the same seeds) only one counts
   runpages.interval.half(kind, {n, std})  "std" | "sem" | "ci" (half of the 95 % t-interval of the mean); NaN below 2
   runpages.interval.welch(a, b, direction) -> {gap: a - b, half, verdict}: "better" | "worse" | "within noise" | "cannot tell"
   runpages.interval.quantile(freedom)     Student's t at 0.975
*/
(function () {
  "use strict";
  const NORMAL = 1.959963984540054; // below every t quantile, so that Newton climbs
  const WORDS = { std: "standard deviation", sem: "standard error of the mean", ci: "95 % interval of the mean" };
  let rule = null;
  const quantiles = new Map();

  function summary(numbers, runs, twins) {
    const seen = twins && runs.length > 1 ? new Set() : null;
    const kept = [];
    for (const run of runs) {
      const x = numbers[run];
      if (!Number.isFinite(x)) continue;
      if (seen) {
        const key = x + ":" + twins[run];
        if (seen.has(key)) continue;
        seen.add(key);
      }
      kept.push(x);
    }
    return ofSample(kept);
  }

  function ofSample(sample) {
    const n = sample.length;
    if (!n) return { n, mean: NaN, std: NaN, min: NaN, max: NaN };
    let sum = 0;
    let min = Infinity;
    let max = -Infinity;
    for (const x of sample) {
      sum += x;
      if (x < min) min = x;
      if (x > max) max = x;
    }
    const mean = sum / n;
    let squares = 0;
    for (const x of sample) squares += (x - mean) ** 2;
    return { n, mean, std: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN, min, max };
  }

  function half(kind, { n, std }) {
    if (n < 2) return NaN;
    if (kind === "std") return std;
    const error = std / Math.sqrt(n);
    return kind === "sem" ? error : quantile(n - 1) * error;
  }

  function welch(a, b, direction) {
    const gap = a.mean - b.mean;
    if (Math.min(a.n, b.n) < 2) return { gap, half: NaN, verdict: "cannot tell" };
    const va = a.std ** 2 / a.n;
    const vb = b.std ** 2 / b.n;
    const both = va + vb;
    const freedom = both ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
    const width = both === 0 ? 0 : quantile(freedom) * Math.sqrt(both);
    let verdict = "cannot tell";
    if (Math.min(a.n, b.n) >= 3 && direction) verdict = Math.abs(gap) <= width ? "within noise" : gap > 0 === (direction === "max") ? "better" : "worse";
    return { gap, half: width, verdict };
  }

  function quantile(freedom) {
    let t = quantiles.get(freedom);
    if (t === undefined) quantiles.set(freedom, (t = solve(freedom)));
    return t;
  }

  // the distribution function is concave right of 0: Newton from the left never overshoots
  function solve(freedom) {
    const constant = gammaRatio(freedom / 2) / Math.sqrt(Math.PI);
    let t = NORMAL;
    for (let round = 0; round < 100; round++) {
      const missing = 0.475 - constant * area(t, freedom);
      const density = (constant / Math.sqrt(freedom)) * (1 + (t * t) / freedom) ** (-(freedom + 1) / 2);
      const step = missing / density;
      t += step;
      if (Math.abs(step) < 1e-15 * t) break;
    }
    return t;
  }

  // Gauss-Legendre over the angle: with t = sqrt(v) tan a the density becomes cos(a)^(v - 1)
  function area(t, freedom) {
    rule ||= legendre(64);
    const angle = Math.atan(t / Math.sqrt(freedom));
    let sum = 0;
    for (const [node, weight] of rule) sum += weight * Math.cos((angle / 2) * (node + 1)) ** (freedom - 1);
    return (angle / 2) * sum;
  }

  function legendre(n) {
    return Array.from({ length: n }, (_, i) => {
      let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
      let slope = 1;
      for (let round = 0; round < 20; round++) {
        let before = 1;
        let now = x;
        for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
        slope = (n * (x * now - before)) / (x * x - 1);
        x -= now / slope;
      }
      return [x, 2 / ((1 - x * x) * slope * slope)];
    });
  }

  // gamma(x + 1/2) / gamma(x): a series for large x, reached by steps of one; logarithms of gamma would lose digits
  function gammaRatio(x) {
    let ratio = 1;
    for (; x < 30; x += 1) ratio *= x / (x + 0.5);
    const u = 1 / (x * x);
    return ratio * Math.sqrt(x) * Math.exp((-1 / 8 + u * (1 / 192 - u * (1 / 640 - (u * 17) / 14336))) / x);
  }

  runpages.interval = { summary, ofSample, half, welch, quantile, WORDS };
})();
