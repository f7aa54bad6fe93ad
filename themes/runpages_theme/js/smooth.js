/* Smoothing rules. All take y (an array of numbers, nan and inf allowed), x and a strength s in 0 <= s < 1, and return
   as many numbers. What is not finite stays in its place and is left out of every mean.

   runpages.smooth(rule, y, x, s, per)   per = points that one y stands for (bucketed curves), 1 if y is complete
     ema        exponential mean, debiased: TensorBoard's. s is the weight of the past.
     time       exponential mean that forgets by distance on x instead of by point: W&B's "time weighted". x runs over 1000 units.
     gaussian   Gaussian window, sigma = s / (1 - s) points: the mean age of what an EMA of the same s remembers.
     running    mean of a centred window of 2 s / (1 - s) + 1 points, cut at the ends.
   runpages.smooth.rules   {rule: its name in words}
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const rules = {
    ema: "exponential mean, debiased",
    time: "exponential mean by distance",
    gaussian: "Gaussian window",
    running: "running mean",
  };

  function smooth(rule, y, x, s, per = 1) {
    if (!(s > 0) || y.length < 2) return Float64Array.from(y);
    if (rule === "ema") return ema(y, Math.pow(s, per));
    if (rule === "time") return timed(y, x, s);
    const reach = s / (1 - s) / per;
    return rule === "gaussian" ? gaussian(y, reach) : running(y, Math.round(reach));
  }

  function constant(y) {
    for (let i = 1; i < y.length; i++) if (y[i] !== y[0]) return false;
    return true;
  }

  // a constant is returned as it is, or rounding would make waves of it
  function ema(y, weight) {
    const out = Float64Array.from(y);
    if (constant(y)) return out;
    let last = 0;
    let left = 1;
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      last = last * weight + (1 - weight) * y[i];
      left *= weight;
      out[i] = last / (1 - left);
    }
    return out;
  }

  function timed(y, x, s) {
    const out = Float64Array.from(y);
    const weight = Math.min(Math.sqrt(s), 0.999);
    const unit = 1000 / (x[x.length - 1] - x[0] || 1);
    let sum = 0;
    let mass = 0;
    let before = x[0];
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      const kept = Math.pow(weight, Math.max(0, x[i] - before) * unit);
      before = x[i];
      sum = sum * kept + y[i];
      mass = mass * kept + 1;
      out[i] = sum / mass;
    }
    return out;
  }

  function gaussian(y, sigma) {
    const out = Float64Array.from(y);
    if (!(sigma > 0)) return out;
    const reach = Math.min(y.length, Math.ceil(3 * sigma));
    const weights = Float64Array.from({ length: reach + 1 }, (_, k) => Math.exp((-k * k) / (2 * sigma * sigma)));
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      let sum = 0;
      let mass = 0;
      const end = Math.min(y.length - 1, i + reach);
      for (let j = Math.max(0, i - reach); j <= end; j++) {
        if (!Number.isFinite(y[j])) continue;
        const weight = weights[Math.abs(i - j)];
        sum += weight * y[j];
        mass += weight;
      }
      out[i] = sum / mass;
    }
    return out;
  }

  function running(y, reach) {
    const out = Float64Array.from(y);
    const sums = new Float64Array(y.length + 1);
    const counts = new Int32Array(y.length + 1);
    for (let i = 0; i < y.length; i++) {
      const fine = Number.isFinite(y[i]);
      sums[i + 1] = sums[i] + (fine ? y[i] : 0);
      counts[i + 1] = counts[i] + (fine ? 1 : 0);
    }
    for (let i = 0; i < y.length; i++) {
      if (!Number.isFinite(y[i])) continue;
      const from = Math.max(0, i - reach);
      const to = Math.min(y.length, i + reach + 1);
      out[i] = (sums[to] - sums[from]) / (counts[to] - counts[from]);
    }
    return out;
  }

  runpages.smooth = Object.assign(smooth, { rules });
})();
