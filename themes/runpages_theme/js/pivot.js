/* A table as papers have it: a column per value of one parameter (datasets, say), a row per group, one metric in the cells.

   runpages.pivot(columns, across, cells, limit) -> [Column]: one per value and metric, holding that metric of the runs with that value
       across: Column; cells: [Column]; the most common values first when there are more than limit
*/
(function () {
  "use strict";
  const { number } = runpages.format;

  function valuesOf(across, limit) {
    const seen = new Map();
    for (const value of across.raw("")) if (value !== null && value !== "") seen.set(value, (seen.get(value) || 0) + 1);
    const common = [...seen.keys()].sort((a, b) => seen.get(b) - seen.get(a)).slice(0, limit);
    return common.sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : runpages.collator.compare(String(a), String(b))));
  }

  function column(across, value, metric, several) {
    const theirs = across.raw("");
    const kept = new Map();
    const mask = (what, name, values, none) => {
      const key = what + metric.reducer(name) + metric.direction;
      if (!kept.has(key)) kept.set(key, Array.from(values, (one, i) => (theirs[i] === value ? one : none)));
      return kept.get(key);
    };
    const shown = number(value);
    return Object.assign(Object.create(metric), {
      id: `pivot:${value}:${metric.id}`,
      label: several ? `${shown} · ${metric.label}` : shown,
      across,
      raw: (name) => mask("r", name, metric.raw(name), null),
      numbers: (name) => mask("n", name, metric.numbers(name), NaN),
      order: (name) => mask("n", name, metric.numbers(name), NaN),
      text: (i, name) => (theirs[i] === value ? metric.text(i, name) : "–"),
    });
  }

  runpages.pivot = (across, cells, limit = 40) => valuesOf(across, limit).flatMap((value) => cells.map((metric) => column(across, value, metric, cells.length > 1)));
})();
