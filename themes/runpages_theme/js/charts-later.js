/* Chart scripts are loaded when the first chart comes near: who only reads the table, or a phone that shows it first, loads none of them.

   runpages.charts = {state, select, set, highlight}   until charts.js stands in its place: what is set meanwhile waits in the state that it takes over
   <meta name="runpages-charts" content="js/….js …">   the scripts, in order
*/
(function () {
  "use strict";
  const NEAR = "200px";
  const state = {};
  const keep = (values) => void Object.assign(state, values);
  runpages.charts = { state, set: keep, select: (runs) => keep({ runs: runs ? Array.from(runs) : null }), highlight: (run) => keep({ highlight: run }) };

  function load(done) {
    const paths = document.querySelector('meta[name="runpages-charts"]').content.split(" ");
    let left = paths.length;
    for (const path of paths) runpages.load(path, () => --left || done());
  }

  runpages.start("charts", () => {
    const figures = document.querySelectorAll("figure.rp-chart[data-curve]");
    if (!figures.length) return;
    // a page whose charts are in sight is ready when their scripts are
    const ready = runpages.hold();
    const watch = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return ready();
        watch.disconnect();
        return load(ready);
      },
      { rootMargin: NEAR },
    );
    figures.forEach((figure) => watch.observe(figure));
  });
})();
