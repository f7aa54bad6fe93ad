/* Runs put side by side. The same rules as runpages/views/diff.py, whose tests run both on the same runs.

   diff.compared(sides, everything)   sides as in the data files of/NAME -> {facts, params, metrics, results, packages, environment, params_same,
                                      telling, patches, files}: rows with one value per run, the first run as the measure
   diff.between(one, other)           lines of a unified diff of two lists of lines
*/
(function () {
  "use strict";
  const PARTS = ["params", "results", "packages", "environment"];
  const CONTEXT = 2;
  const same = (one, other) => (Array.isArray(one) ? Array.isArray(other) && one[1] === other[1] && one[0] === other[0] : one === other);
  const names = (parts) => [...new Set(parts.flatMap((part) => Object.keys(part)))];

  function rows(parts, everything) {
    const found = [];
    for (const name of names(parts)) {
      const values = parts.map((part) => (Object.hasOwn(part, name) ? part[name] : ""));
      const kinds = values.map((value) => values.findIndex((other) => same(value, other)));
      const differs = kinds.some((kind) => kind !== 0);
      if (!differs && !everything) continue;
      const word = (at) => values.map((value) => (Array.isArray(value) ? value[at] : value));
      found.push({ name, values: word(0), exact: word(1).map((one, at) => (Array.isArray(values[at]) ? one : values[at])), kinds, differs });
    }
    return found;
  }

  // how many runs the divisions tell from each other
  function told(kinds, count) {
    const seen = new Set();
    for (let run = 0; run < count; run += 1) seen.add(kinds.map((kind) => kind[run]).join());
    return seen.size;
  }

  function* chosen(list, size, from = 0) {
    if (!size) yield [];
    else for (let at = from; at <= list.length - size; at += 1) for (const rest of chosen(list, size - 1, at + 1)) yield [list[at], ...rest];
  }

  function telling(differing, count) {
    const alike = new Map();
    for (const row of differing) alike.set(row.kinds.join(), [...(alike.get(row.kinds.join()) || []), row]);
    const every = [...alike.values()];
    const tells = (some) => told(some.map((group) => group[0].kinds), count);
    const goal = tells(every);
    let best = null;
    for (let size = 1; size <= 3 && !best; size += 1) for (const some of chosen(every.slice(0, 40), size)) if ((best = tells(some) === goal ? some : null)) break;
    if (!best) {
      best = [];
      while (tells(best) < goal) best = every.map((group) => [...best, group]).reduce((one, other) => (tells(other) > tells(one) ? other : one));
    }
    if (goal < 2) best = [];
    const others = best.filter((group) => group.length > 1).map((group) => [group[0].name, group.slice(1).map((row) => row.name)]);
    return { names: best.map((group) => group[0].name), alike: Object.fromEntries(others), apart: goal === count };
  }

  const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const value = (x) => (x === null ? NaN : typeof x === "string" ? WORDS[x] : x);

  function delta(one, other, which) {
    const gap = value(other) - value(one);
    if (!Number.isFinite(gap)) return null;
    return { text: (gap > 0 ? "+" : "") + runpages.format.number(gap), up: gap > 0, better: gap === 0 || !which ? null : gap > 0 === (which === "max") };
  }

  function metrics(parts, everything) {
    const found = [];
    for (const name of names(parts)) {
      const some = parts.map((part) => (Object.hasOwn(part, name) ? part[name] : null));
      const direction = some.find((one) => one)[0];
      const full = some.map((one) => (one ? one[1] : null));
      const differs = full.some((one) => one !== full[0]);
      if (!differs && !everything) continue;
      const deltas = full.map((one, at) => (at ? delta(full[0], one, direction) : null));
      found.push({ name, direction, values: full.map((one) => (one === null ? "" : runpages.format.number(one))), full, deltas, differs });
    }
    return found;
  }

  // the longest lines in common, after what is the same at both ends
  function steps(one, other) {
    let head = 0;
    let tail = 0;
    while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
    while (tail < one.length - head && tail < other.length - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
    const a = one.slice(head, one.length - tail);
    const b = other.slice(head, other.length - tail);
    const wide = b.length + 1;
    const longest = new Uint16Array((a.length + 1) * wide);
    for (let i = a.length - 1; i >= 0; i -= 1)
      for (let j = b.length - 1; j >= 0; j -= 1)
        longest[i * wide + j] = a[i] === b[j] ? longest[(i + 1) * wide + j + 1] + 1 : Math.max(longest[(i + 1) * wide + j], longest[i * wide + j + 1]);
    const found = one.slice(0, head).map((line) => [" ", line]);
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      if (i < a.length && j < b.length && a[i] === b[j]) (found.push([" ", a[i]]), (i += 1), (j += 1));
      else if (j >= b.length || (i < a.length && longest[(i + 1) * wide + j] >= longest[i * wide + j + 1])) (found.push(["-", a[i]]), (i += 1));
      else (found.push(["+", b[j]]), (j += 1));
    }
    return found.concat(one.slice(one.length - tail).map((line) => [" ", line]));
  }

  function between(one, other) {
    const every = steps(one, other);
    const near = every.map(() => false);
    every.forEach(([sign], at) => sign !== " " && near.fill(true, Math.max(0, at - CONTEXT), at + CONTEXT + 1));
    const lines = [];
    let [left, right] = [1, 1];
    every.forEach(([sign, line], at) => {
      if (near[at]) {
        if (!near[at - 1]) lines.push("@@ -" + left + " +" + right + " @@");
        lines.push(sign + line);
      }
      if (sign !== "+") left += 1;
      if (sign !== "-") right += 1;
    });
    return lines;
  }

  function files(sides) {
    return sides.slice(1).flatMap((side) =>
      Object.keys(sides[0].files)
        .filter((name) => Object.hasOwn(side.files, name))
        .map((name) => ({ file: name, between: [sides[0].name, side.name], lines: between(sides[0].files[name], side.files[name]) }))
        .filter((patch) => patch.lines.length),
    );
  }

  function compared(sides, everything) {
    const found = Object.fromEntries(PARTS.map((name) => [name, rows(sides.map((side) => side[name]), everything)]));
    const differing = found.params.filter((row) => row.differs);
    return {
      ...found,
      facts: rows(sides.map((side) => side.facts), everything).filter((row) => row.values.some(Boolean)),
      params_same: names(sides.map((side) => side.params)).length - differing.length,
      telling: telling(differing, sides.length),
      metrics: metrics(sides.map((side) => side.metrics), everything),
      patches: sides.slice(1).map((side) => ({ between: [sides[0].name, side.name], lines: between(sides[0].patch, side.patch) })),
      files: files(sides),
    };
  }

  runpages.diff = { compared, between };
})();
