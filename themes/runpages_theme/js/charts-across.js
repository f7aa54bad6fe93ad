/* Where a curve's points stand on x: its steps, times, or what another metric said at those steps. No DOM here.

   plot.across(line, payload, x, other)   -> Float64Array in full, null when the run did not record what this axis needs
       x: step | relative | wall | epoch | metric:NAME; `other` is the curve file of the metric of the last two. wall is ms since 1970.
   plot.acrossTitle(lines, payload, x)    -> {unit, title}: relative time in the unit that its longest line asks for
   plot.number(value)  plot.numbers(values)      "nan", "inf", "-inf" and null are not JSON numbers
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const UNITS = [
    [120, 1, "seconds"],
    [7200, 60, "minutes"],
    [172800, 3600, "hours"],
    [Infinity, 86400, "days"],
  ];
  const number = (value) => (typeof value === "number" ? value : value in WORDS ? WORDS[value] : NaN);
  const numbers = (values) => Float64Array.from(values, number);

  function across(line, payload, x, other) {
    const steps = payload.steps[line.s];
    if (x === "step") return numbers(steps);
    if (x === "epoch" && payload.step_name === "epoch") return numbers(steps);
    if (x === "epoch" || x.startsWith("metric:")) return other ? asOf(line, steps, other) : null;
    if (!line.t) return null;
    const times = numbers(line.t);
    return x === "relative" ? times : line.t0 == null ? null : times.map((t) => (t + line.t0) * 1000);
  }

  // what the other metric said last, at or before each step; before its first word there is no place on x
  function asOf(line, steps, other) {
    const told = other.lines.find((each) => each.run === line.run);
    if (!told) return null;
    const at = other.steps[told.s];
    let k = -1;
    return Float64Array.from(steps, (step) => {
      if (k >= 0 && at[k] > step) k = -1; // a restart begins again
      while (k + 1 < at.length && at[k + 1] <= step) k += 1;
      return k < 0 ? NaN : number(told.y[k]);
    });
  }

  function acrossTitle(lines, payload, x) {
    if (x !== "relative") return { unit: 1, title: x === "step" ? payload.step_name || "step" : x === "wall" ? "wall time (UTC)" : x.replace(/^metric:/, "") };
    const longest = lines.reduce((most, line) => Math.max(most, line.x[line.x.length - 1] || 0), 0);
    const [, unit, name] = UNITS.find(([below]) => longest < below);
    return { unit, title: name + " since the run's first point" };
  }

  runpages.plot = Object.assign(runpages.plot || {}, { across, acrossTitle, number, numbers });
})();
