/* Runs below the runs that started them: which rows stand where, and what a parent tells of its children.

   runpages.tree.items(runs, data, opened, order) -> [{run, node: true, depth, below: [run], open}]; order(runs) sorts siblings
       a run whose parent was filtered out stands at the top
   runpages.tree.rollup(column, reducer, below) -> the children's best value (highest, lowest; without a direction none)
*/
(function () {
  "use strict";

  function kids(runs, parents) {
    const here = new Set(runs);
    const below = new Map();
    const tops = [];
    for (const run of runs) {
      const parent = parents[run];
      if (parent < 0 || parent === run || !here.has(parent) || loops(run, parents)) tops.push(run);
      else if (below.has(parent)) below.get(parent).push(run);
      else below.set(parent, [run]);
    }
    return { tops, below };
  }

  // a store may say that two runs started each other
  function loops(run, parents) {
    const seen = new Set();
    for (let at = run; at >= 0; at = parents[at]) {
      if (seen.has(at)) return true;
      seen.add(at);
    }
    return false;
  }

  function descendants(run, below) {
    const found = [];
    const waiting = [...(below.get(run) || [])];
    while (waiting.length) {
      const next = waiting.pop();
      found.push(next);
      waiting.push(...(below.get(next) || []));
    }
    return found;
  }

  function items(runs, data, opened, order) {
    const { tops, below } = kids(runs, data.runs.parent);
    const rows = [];
    const walk = (some, depth) => {
      for (const run of order(some)) {
        const all = descendants(run, below);
        const open = all.length > 0 && opened.has("run:" + run);
        rows.push({ run, node: true, depth, below: all, open });
        if (open) walk(below.get(run), depth + 1);
      }
    };
    walk(tops, 0);
    return rows;
  }

  function rollup(column, reducer, below) {
    const sign = column.direction === "max" ? 1 : column.direction === "min" ? -1 : 0;
    if (!sign) return NaN;
    const numbers = column.numbers(reducer);
    let best = NaN;
    for (const run of below) if (Number.isFinite(numbers[run]) && !(sign * numbers[run] <= sign * best)) best = numbers[run];
    return best;
  }

  runpages.tree = { items, rollup };
})();
