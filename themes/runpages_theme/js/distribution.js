/* Distributions over steps: below the pointer, the exact count of the bin that the tracker wrote.
   A figure has data-bins [[step, edges, counts]] and data-span [first, last, low, high] of its strip (charts/quick.py). */
(function () {
  "use strict";
  const { count, number } = runpages.format;
  const [LEFT, TOP, WIDTH, HEIGHT] = [60, 8, 560, 240];

  function bin(bins, span, x, y) {
    const place = span[0] + x * (span[1] - span[0]);
    const value = span[3] - y * (span[3] - span[2]);
    const [step, edges, counts] = bins.reduce((best, one) => (Math.abs(one[0] - place) < Math.abs(best[0] - place) ? one : best));
    const at = counts.findIndex((_, i) => value >= edges[i] && value <= edges[i + 1]);
    const all = counts.reduce((sum, one) => sum + one, 0);
    if (at < 0) return `step ${count(step)}: no values at ${number(value)}`;
    return `step ${count(step)}: ${number(counts[at])} of ${number(all)} values from ${number(edges[at])} to ${number(edges[at + 1])}`;
  }

  function watch(figure) {
    const svg = figure.querySelector(".rp-strip svg");
    const said = figure.querySelector(".rp-spread-said");
    let bins, span;
    svg.addEventListener("pointermove", (event) => {
      bins ??= JSON.parse(figure.dataset.bins);
      span ??= JSON.parse(figure.dataset.span);
      const box = svg.getBoundingClientRect();
      const [, , wide, high] = svg.getAttribute("viewBox").split(" ").map(Number);
      const x = (((event.clientX - box.left) / box.width) * wide - LEFT) / WIDTH;
      const y = (((event.clientY - box.top) / box.height) * high - TOP) / HEIGHT;
      said.textContent = x >= 0 && x <= 1 && y >= 0 && y <= 1 ? bin(bins, span, x, y) : "";
    });
    svg.addEventListener("pointerleave", () => (said.textContent = ""));
  }

  runpages.start("distribution", () => document.querySelectorAll(".rp-spread").forEach(watch));
})();
