/* Which params matter for the runs that are shown: the small random forest of studies/importance.py, in the page.

   runpages.forest.importance(columns, y, words) -> null | {share, spread, rank, explained, n}
     columns  [Float64Array] a param each, finite;  y  values, finite;  words  [bool] columns that only name a choice
     share    permutation importance on what each tree did not see, scaled to a sum of 1; spread its standard error over trees
     explained  the held-out R²;  null with fewer than runpages.forest.LEAST runs or one value of y
*/
(function () {
  "use strict";
  const LEAST = 20;
  const MOST = 600;
  const TREES = 64;
  const LEAF = 3;

  // the same page says the same (mulberry32)
  function random(seed) {
    return () => {
      seed = (seed + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  function shuffled(list, next) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }

  // the column and border after which the squares are smallest, of two thirds of the columns; null for a leaf
  function split(columns, y, rows, next) {
    const n = rows.length;
    if (n < 2 * LEAF) return null;
    let found = null;
    let best = 1e-12;
    const tried = shuffled(columns.map((_, at) => at), next).slice(0, Math.max(1, Math.ceil((2 * columns.length) / 3)));
    for (const column of tried) {
      const x = columns[column];
      const order = Array.from(rows).sort((a, b) => x[a] - x[b]);
      let total = 0;
      for (const row of order) total += y[row];
      for (let left = 1, sum = y[order[0]]; left < n; sum += y[order[left]], left++) {
        if (left < LEAF || n - left < LEAF || x[order[left]] === x[order[left - 1]]) continue;
        const gain = sum ** 2 / left + (total - sum) ** 2 / (n - left) - total ** 2 / n;
        if (gain > best) [best, found] = [gain, { column, border: (x[order[left]] + x[order[left - 1]]) / 2 }];
      }
    }
    return found;
  }

  function grow(columns, y, rows, next) {
    let mean = 0;
    for (const row of rows) mean += y[row] / rows.length;
    const found = split(columns, y, rows, next);
    if (!found) return { mean };
    const low = rows.filter((row) => columns[found.column][row] <= found.border);
    const high = rows.filter((row) => columns[found.column][row] > found.border);
    return { ...found, low: grow(columns, y, low, next), high: grow(columns, y, high, next) };
  }

  function told(tree, read) {
    while (tree.low) tree = read(tree.column) <= tree.border ? tree.low : tree.high;
    return tree.mean;
  }

  function thinned(columns, y) {
    if (y.length <= MOST) return { columns, y };
    const at = Array.from({ length: MOST }, (_, i) => Math.floor((i * (y.length - 1)) / (MOST - 1)));
    return { columns: columns.map((column) => Float64Array.from(at, (i) => column[i])), y: Float64Array.from(at, (i) => y[i]) };
  }

  function importance(given, values, words) {
    if (values.length < LEAST || values.every((value) => value === values[0])) return null;
    const { columns, y: raw } = thinned(given, values);
    const y = runpages.spread.ranks(raw); // one run that went wrong must not decide
    const next = random(1);
    const n = y.length;
    const guess = new Float64Array(n);
    const seen = new Float64Array(n);
    const growth = [];
    for (let tree = 0; tree < TREES; tree++) {
      const bag = Array.from({ length: n }, () => Math.floor(next() * n));
      const drawn = new Set(bag);
      const out = Array.from(y, (_, i) => i).filter((i) => !drawn.has(i));
      if (!out.length) continue;
      const grown = grow(columns, y, bag, next);
      let error = 0;
      for (const row of out) {
        const one = told(grown, (column) => columns[column][row]);
        guess[row] += one;
        seen[row] += 1;
        error += (y[row] - one) ** 2 / out.length;
      }
      growth.push(columns.map((_, mixed) => worse(grown, columns, y, out, mixed, next) - error));
    }
    return { ...weighed(growth, columns.length), explained: heldOut(y, guess, seen), rank: columns.map((column, at) => (words[at] ? NaN : runpages.spread.spearman(column, y))), n };
  }

  // the error after one column's values were shuffled
  function worse(grown, columns, y, out, mixed, next) {
    const from = shuffled(out.slice(), next);
    let error = 0;
    out.forEach((row, at) => (error += (y[row] - told(grown, (column) => columns[column][column === mixed ? from[at] : row])) ** 2 / out.length));
    return error;
  }

  function weighed(growth, width) {
    const samples = Array.from({ length: width }, (_, at) => runpages.interval.ofSample(growth.map((tree) => tree[at])));
    const mean = samples.map((one) => Math.max(0, one.mean));
    const total = mean.reduce((sum, one) => sum + one, 0) || 1;
    return { share: mean.map((one) => one / total), spread: samples.map((one) => one.std / Math.sqrt(one.n) / total) };
  }

  function heldOut(y, guess, seen) {
    const held = Array.from(y, (_, i) => i).filter((i) => seen[i]);
    const middle = y.reduce((sum, one) => sum + one, 0) / y.length;
    const missed = held.reduce((sum, i) => sum + (y[i] - guess[i] / seen[i]) ** 2, 0) / held.length;
    return 1 - missed / (y.reduce((sum, one) => sum + (one - middle) ** 2, 0) / y.length);
  }

  runpages.forest = { importance, LEAST };
})();
