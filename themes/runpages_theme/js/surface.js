/* A smooth surface through values at places, empty where nothing is near: studies/surface.py in the page, with the same numbers.

   runpages.surface(x, y, values, count) -> {width, explained, cells: [{i, j, mean}]}
     x, y      places scaled to 0..1;  count  cells along each axis, the middle of cell i at (i + 0.5) / count
     width     of the Gaussian kernel, the one of WIDTHS by which runs left out are told best;  explained  their R²
     a cell is there when the runs around it weigh as much as one run a width away
*/
(function () {
  "use strict";
  const WIDTHS = [0.03, 0.045, 0.065, 0.095, 0.14, 0.2, 0.3];
  const NEAR = Math.exp(-0.5);

  function leftOut(x, y, values, width) {
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    let missed = 0;
    for (let a = 0; a < values.length; a++) {
      let [weight, sum] = [0, 0];
      for (let b = 0; b < values.length; b++) {
        if (a === b) continue;
        const w = Math.exp(-((x[a] - x[b]) ** 2 + (y[a] - y[b]) ** 2) / (2 * width * width));
        weight += w;
        sum += w * values[b];
      }
      missed += (values[a] - (weight > 1e-12 ? sum / weight : mean)) ** 2 / values.length;
    }
    return missed;
  }

  runpages.surface = function (x, y, values, count) {
    const missed = WIDTHS.map((width) => leftOut(x, y, values, width));
    const best = missed.indexOf(Math.min(...missed));
    const width = WIDTHS[best];
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const spread = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
    const cells = [];
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const [px, py] = [(i + 0.5) / count, (j + 0.5) / count];
        let [weight, sum] = [0, 0];
        for (let k = 0; k < values.length; k++) {
          const w = Math.exp(-((px - x[k]) ** 2 + (py - y[k]) ** 2) / (2 * width * width));
          weight += w;
          sum += w * values[k];
        }
        if (weight >= NEAR) cells.push({ i, j, mean: sum / weight });
      }
    }
    return { width, explained: spread ? 1 - missed[best] / spread : NaN, cells };
  };
})();
