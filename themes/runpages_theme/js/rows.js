/* From 10,000 runs to the rows that are shown: filter, search, group, sort.

   runpages.rows.pick(columns, {q, s, reducer}) -> {runs: Int32Array, filter, removed}; removed = {text, start, end, before} when nothing is left
   runpages.rows.sort(runs, keys, columns, reducer) -> runs in order; keys = [{id, down}], nan and missing last either way, ties by number
   runpages.rows.group(runs, grouping) -> [{key, label, runs}] in the order of their first run
   runpages.rows.grouping(value, columns, data, across) -> {by: [Column], key(run), label(run)} | null
       "seed" = what Python calls a configuration, or, with a pivot `across` a column, every parameter that differs but that one and the seeds
*/
(function () {
  "use strict";

  function pick(columns, { q, s, reducer }) {
    const filter = runpages.filter(q, columns, reducer);
    const search = runpages.search(s, columns);
    const runs = [];
    for (let i = 0; i < columns.count; i++) if (filter.test(i) && search(i)) runs.push(i);
    return { runs: Int32Array.from(runs), filter, removed: runs.length ? null : culprit(columns.count, filter, search, s) };
  }

  // the first condition after which nothing was left, taken in the order the reader wrote them
  function culprit(count, filter, search, s) {
    let left = Array.from({ length: count }, (_, i) => i);
    for (const part of filter.parts) {
      const before = left.length;
      left = left.filter(part.test);
      if (!left.length) return { ...part, before };
    }
    return { text: s, search: true, before: left.length };
  }

  function sort(runs, keys, columns, reducer) {
    const orders = keys.map((key) => columns.get(key.id)).map((column) => column && column.order(reducer));
    const signs = keys.map((key) => (key.down ? -1 : 1));
    if (orders.length === 1 && orders[0] && runs.length > 1000) return sortByOne(runs, orders[0], signs[0]);
    return Int32Array.from(runs).sort((a, b) => {
      for (let k = 0; k < orders.length; k++) {
        const order = orders[k];
        const x = order[a];
        const y = order[b];
        if (x === y) continue;
        if (x !== x || y !== y) {
          if (x !== x && y !== y) continue;
          return x !== x ? 1 : -1;
        }
        return x < y ? -signs[k] : signs[k];
      }
      return a - b;
    });
  }

  // the common case, in linear time: the bits of a number, its sign turned, sort as a whole number does, eleven at a time
  function sortByOne(runs, order, sign) {
    const missing = [];
    let now = new Int32Array(runs.length);
    let there = 0;
    for (const run of runs) {
      if (order[run] === order[run]) now[there++] = run;
      else missing.push(run);
    }
    now = now.subarray(0, there);
    const keys = new Float64Array(order.length);
    for (const run of now) keys[run] = order[run] === 0 ? 0 : sign * order[run];
    const bits = new Uint32Array(keys.buffer);
    for (let k = 0; k < keys.length; k++) {
      const below = bits[2 * k + 1] & 0x80000000;
      bits[2 * k] ^= below ? 0xffffffff : 0;
      bits[2 * k + 1] ^= below ? 0xffffffff : 0x80000000;
    }
    let next = new Int32Array(now.length);
    for (const [word, shift] of [[0, 0], [0, 11], [0, 22], [1, 0], [1, 11], [1, 22]]) {
      const places = new Uint32Array(2049);
      for (const run of now) places[((bits[2 * run + word] >>> shift) & 2047) + 1] += 1;
      for (let k = 1; k < 2049; k++) places[k] += places[k - 1];
      for (const run of now) next[places[(bits[2 * run + word] >>> shift) & 2047]++] = run;
      [now, next] = [next, now];
    }
    const out = new Int32Array(runs.length);
    out.set(now);
    out.set(missing, now.length);
    return out;
  }

  function grouping(value, columns, data, across) {
    if (!value || value === "tree") return null;
    if (value === "seed" && !across) {
      const by = columns.all.filter((column) => column.kind === "param" && column.differs && !column.seed);
      return { by, key: (run) => data.runs.configuration[run], label: (run) => data.configurations[data.runs.configuration[run]] || "all runs" };
    }
    const told = (column) => column.kind === "param" && column.differs && !column.seed && column !== across;
    const by = value === "seed" ? columns.all.filter(told) : value.split(",").map((id) => columns.get(decodeURIComponent(id))).filter(Boolean);
    if (!by.length) return null;
    const raws = by.map((column) => column.raw(""));
    return { by, key: (run) => raws.map((values) => values[run]).join("\u0000"), label: (run) => label(by, run) };
  }

  function group(runs, how) {
    const groups = new Map();
    for (const run of runs) {
      const key = String(how.key(run));
      let found = groups.get(key);
      if (!found) groups.set(key, (found = new Group(key, how)));
      found.runs.push(run);
    }
    return [...groups.values()];
  }

  class Group {
    constructor(key, how) {
      Object.assign(this, { key, how, runs: [], open: false });
    }

    get label() {
      return (this.text ??= this.how.label(this.runs[0]));
    }
  }

  function label(by, run) {
    const parts = by.filter((column) => column.raw("")[run] !== null).map((column) => {
      const text = column.text(run, "");
      return column.kind === "run" ? text || "none" : column.label + " " + text;
    });
    return parts.join(", ") || "all runs";
  }

  function sortGroups(groups, keys, columns, reducer) {
    const values = keys.map((key) => {
      const column = columns.get(key.id);
      if (!column || key.id === "run:name") return groups.map(() => NaN);
      const order = column.order(reducer);
      return groups.map((one) => (column.type === "text" ? order[one.runs[0]] : runpages.interval.summary(order, one.runs, columns.twins).mean));
    });
    const runs = groups.map((_, at) => at);
    const columnsLike = { get: (at) => ({ order: () => values[at] }) };
    const order = sort(runs, keys.map((key, at) => ({ id: at, down: key.down })), columnsLike, reducer);
    return Array.from(order, (at) => groups[at]);
  }

  runpages.rows = { pick, sort, grouping, group, sortGroups };
})();
