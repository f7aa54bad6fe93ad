/* A chart per value of a param: the figure of a metric steps back, small ones of the same axes stand in its place.

   plot.facets(figure, id, {mount, unmount})    id: a param's column, "" for the one chart of all
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const MOST = 12;

  function facets(figure, id, { mount, unmount }) {
    const shown = figure.rpFacets || [];
    for (const part of shown) {
      unmount(part);
      part.remove();
    }
    const column = plot.runs.column(id);
    figure.classList.toggle("rp-parted", Boolean(column));
    if (!column) return (figure.rpFacets = []);
    const values = new Map(column.values.map((value, run) => [plot.runs.place(id, run), value]));
    const places = [...values.keys()].sort((a, b) => a - b).slice(0, MOST);
    const parts = places.map((place) => part(figure, column.label + " " + runpages.format.number(values.get(place)), { id, place }));
    figure.after(...parts);
    parts.forEach((each) => mount(each));
    return (figure.rpFacets = parts);
  }

  function part(figure, title, facet) {
    const made = Object.assign(document.createElement("figure"), { className: "rp-chart rp-facet" });
    Object.assign(made.dataset, { metric: figure.dataset.metric, curve: figure.dataset.curve });
    const heading = Object.assign(document.createElement("h3"), { className: "rp-chart-title", textContent: figure.dataset.metric + " · " + title });
    made.append(heading, Object.assign(document.createElement("div"), { className: "rp-chart-view" }));
    made.rpFacet = facet;
    return made;
  }

  plot.facets = facets;
})();
