/* The charts of Compare that are no curves, out of the columns of its table: what each draws, says, and brushes.

   runpages.kindCharts[kind](ask) -> {title, alt, caption, spec, data, table: {names, rows}, brush: {x: Axis, y: Axis}} | {parallel} | {none: sentence}
     ask  {compare, runs, passes(run), selected, reducer, x, y, colour: Column | null, groups, log, look, kinds: data/kinds.js}
     runs are those the filter keeps without the chart's own brush, `passes` those it keeps with it
*/
(function () {
  "use strict";
  const { number, count } = runpages.format;
  const copy = (value) => JSON.parse(JSON.stringify(value));
  const plural = (n, word) => `${count(n)} ${word}${n === 1 ? "" : "s"}`;
  const ALL = 20; // up to so many runs in a group, every one of them is a dot
  const GROUPS = 40;
  const AXES = 10;
  const LEAST_SURFACE = 8;

  const strength = ({ passes, selected }) => (run) => (!passes(run) ? 0.07 : selected.has(run) || !selected.size ? 0.95 : 0.4);
  const namesOf = ({ compare }) => compare.data.runs.name;

  // the strong ones last, so that they lie on top
  function rowsOf(ask, axes) {
    const opacity = strength(ask);
    const there = Array.from(ask.runs).filter((run) => axes.every((axis) => !Number.isNaN(axis.place(run))));
    const rows = there.map((run) => ({ run, name: namesOf(ask)[run], c: runpages.plot.runs.color(run, ask.look), o: opacity(run) }));
    return rows.sort((a, b) => a.o - b.o || a.run - b.run);
  }

  const left = (ask, rows) => (ask.runs.length > rows.length ? ` ${plural(ask.runs.length - rows.length, "run")} without both values not shown.` : "");

  function colours(ask, spec, rows) {
    if (!ask.colour) return "";
    const axis = runpages.kindAxis(ask.colour, ask.runs, ask.reducer);
    for (const row of rows) row.v = axis.words.length ? axis.said(row.run) : axis.place(row.run);
    const few = axis.words.length && axis.words.length <= 10;
    const scale = axis.words.length ? { domain: axis.words, range: axis.words.map((_, at) => ask.look.runs[at % 10]) } : { range: ask.kinds.ramp, type: axis.log ? "log" : "linear", nice: false, zero: false };
    const legend = axis.words.length ? (few ? { title: axis.title, orient: "bottom", columns: 4 } : null) : { title: axis.title, orient: "right", gradientLength: 160, format: ".3~g" };
    spec.encoding.color = { field: "v", type: axis.words.length ? "nominal" : "quantitative", scale, legend };
    return `; coloured by ${axis.title}`;
  }

  function scatter(ask) {
    const [x, y] = [ask.x, ask.y].map((column) => runpages.kindAxis(column, ask.runs, ask.reducer));
    if (ask.log && y.positive) y.log = true;
    const rows = rowsOf(ask, [x, y]);
    if (!rows.length) return { none: `No run has both ${x.title} and ${y.title}.` };
    for (const row of rows) Object.assign(row, { x: x.place(row.run), y: y.place(row.run) });
    const spec = copy(ask.kinds.specs.scatter);
    const coloured = colours(ask, spec, rows);
    x.put(spec, "x");
    y.put(spec, "y");
    tips(spec, x, y);
    const rho = x.words.length || y.words.length ? NaN : runpages.spread.spearman(rows.map((row) => row.x), rows.map((row) => row.y));
    const together = rho === rho && rows.length > 2 ? ` Rank correlation (Spearman) ${number(Number(rho.toFixed(2)))}, n ${rows.length}.` : "";
    return {
      title: `${y.title} over ${x.title}`,
      alt: `Scatter plot of ${y.title} over ${x.title} for ${plural(rows.length, "run")}${coloured}.${together}`,
      caption: `A dot per run${coloured}; strong dots are selected in the table.${together}${left(ask, rows)}`,
      spec,
      data: { runs: rows },
      table: { names: ["run", x.title, y.title], rows: rows.map((row) => [row.name, x.said(row.run), y.said(row.run)]) },
      brush: { x, y },
    };
  }

  function tips(spec, x, y) {
    for (const layer of spec.layer || [spec]) {
      for (const tip of Array.isArray(layer.encoding.tooltip) ? layer.encoding.tooltip : []) {
        const axis = tip.field === "x" ? x : tip.field === "y" ? y : null;
        if (!axis) continue;
        tip.title = axis.title;
        if (axis.words.length) Object.assign(tip, { type: "nominal", field: tip.field + "w" });
        else tip.format = ".4~g";
      }
    }
    if (x.words.length || y.words.length) spec.transform = ["x", "y"].map((name) => ({ calculate: `${name}words[datum.${name}]`, as: name + "w" })).filter((_, at) => [x, y][at].words.length);
  }

  function groups(ask) {
    const axis = runpages.kindAxis(ask.y, ask.runs, ask.reducer);
    if (!axis.numeric) return { none: `${axis.title} has no numbers to compare.` };
    if (ask.log && axis.positive && ask.kind !== "bar") axis.log = true;
    const how = runpages.rows.grouping(ask.groups || "seed", ask.compare.columns, ask.compare.data, null) || { key: () => "", label: () => "all runs" };
    const all = runpages.rows.group(Array.from(ask.runs).filter((run) => !Number.isNaN(axis.place(run))), how);
    if (!all.length) return { none: `No run has ${axis.title}.` };
    const made = all.map((one) => ({ label: one.label, runs: one.runs, values: one.runs.map((run) => axis.numbers[run]), mean: runpages.interval.summary(axis.numbers, one.runs, ask.compare.columns.twins) }));
    const sign = ask.y.direction === "min" ? 1 : -1;
    made.sort((a, b) => sign * (a.mean.mean - b.mean.mean));
    const shown = made.slice(0, GROUPS);
    const data = groupData(ask, axis, shown);
    const base = ask.compare.base;
    if (base !== null && Number.isFinite(axis.numbers[base])) data.base = [{ x: axis.numbers[base], what: namesOf(ask)[base] }];
    const spec = groupSpec(ask, axis, shown, data);
    return { ...groupWords(ask, axis, made, shown), spec, data, brush: { x: axis } };
  }

  function groupSpec(ask, axis, shown, data) {
    const spec = copy(ask.kinds.specs.groups);
    spec.height = Math.max(90, 34 * shown.length);
    axis.put(spec, "x", ask.kind === "bar" ? { zero: true, padding: 0 } : {});
    for (const layer of spec.layer) {
      const y = layer.encoding.y;
      if (!y || !y.axis) continue;
      y.axis.values = shown.map((_, at) => at);
      y.scale.domain = [-0.6, shown.length - 0.4];
      if (layer.data.name === "runs") layer.encoding.tooltip[2].title = axis.title;
    }
    spec.params.find((one) => one.name === "names").value = shown.map((one) => one.label + (one.values.length > 1 ? ` (${one.values.length})` : ""));
    // a layer without rows has no extent, which Vega would complain about
    const kept = spec.layer.filter((layer) => data[layer.data.name] && data[layer.data.name].length);
    if (!kept.some((layer) => layer.data.name === "runs")) spec.params = spec.params.filter((one) => one.name !== "brush");
    return { ...spec, layer: kept };
  }

  function groupData(ask, axis, shown) {
    const opacity = strength(ask);
    const interval = ask.compare.view.interval;
    const data = { runs: [], shape: [], box: [], bars: [], means: [] };
    shown.forEach((one, at) => {
      const c = runpages.plot.runs.color(one.runs[0], ask.look);
      const name = { g: one.label, c };
      const [a, b] = [at - 0.27, at + 0.27];
      const box = runpages.spread.box(one.values);
      const every = ask.kind === "strip" || one.values.length <= ALL;
      const out = new Set(ask.kind === "box" ? box.out : []);
      one.runs.forEach((run, k) => {
        if (every || out.has(axis.numbers[run])) data.runs.push({ ...name, run, name: namesOf(ask)[run], x: axis.numbers[run], at: at + jitter(k, one.runs.length), o: opacity(run) * 0.9 });
      });
      if (ask.kind === "box") data.box.push({ ...name, ...box, out: undefined, a, b, at });
      if (ask.kind === "violin") violin(data.shape, name, one.values, at);
      const { n, mean } = one.mean;
      const half = runpages.interval.half(interval, one.mean);
      if (ask.kind === "bar") data.bars.push({ ...name, x: mean, zero: 0, a, b });
      const ends = half === half ? { lo: mean - half, hi: mean + half } : { lo: mean, hi: mean };
      if (ask.kind !== "box") data.means.push({ ...name, x: mean, ...ends, n, a: at - 0.16, b: at + 0.16, at });
    });
    return data;
  }

  // even, the same every time, and neighbours in the list far apart
  const jitter = (k, n) => (n < 2 ? 0 : (((k * 0.618034) % 1) - 0.5) * 0.36);

  function violin(rows, name, values, at) {
    const shape = runpages.spread.density(values, 64);
    if (!shape) return;
    const most = Math.max(...shape.d);
    shape.x.forEach((x, k) => rows.push({ ...name, x, lo: at - (0.42 * shape.d[k]) / most, hi: at + (0.42 * shape.d[k]) / most }));
  }

  const TOLD = {
    strip: "A dot per run, the mean as a bar",
    box: "Boxes from the first to the third quartile with the median, whiskers to the last run within 1.5 times the box",
    violin: "Densities (Gaussian kernels, Scott's bandwidth) of equal width, the mean as a bar",
    bar: "Bars are means",
  };

  function groupWords(ask, axis, made, shown) {
    const { interval } = ask.compare.view;
    const repeated = shown.some((one) => one.mean.n > 1);
    const line = ask.kind === "box" ? "" : repeated ? `; lines: ${interval === "ci" ? "95 % interval of the mean" : `mean ± ${runpages.interval.WORDS[interval]}`}` : "; single runs have no interval";
    const dots = ask.kind === "strip" ? "" : ` Groups of up to ${ALL} runs show every run.`;
    const more = made.length > shown.length ? ` ${plural(made.length - shown.length, "more group")} not drawn.` : "";
    const first = shown[0];
    const rows = shown.map((one) => [one.label, one.mean.n, number(one.mean.mean), number(one.mean.std), ...Object.values(quartiles(one.values))]);
    return {
      title: `${axis.title} by ${ask.groupTitle}`,
      alt: `${axis.title} by ${ask.groupTitle} in ${plural(made.length, "group")}; first ${first.label} with a mean of ${number(first.mean.mean)} (n ${first.mean.n}).`,
      caption: `${TOLD[ask.kind]}${line}.${dots}${more}${ask.compare.base !== null ? " Dashed: the baseline." : ""}`,
      table: { names: [ask.groupTitle, "n", "mean", "standard deviation", "minimum", "first quartile", "median", "third quartile", "maximum"], rows },
    };
  }

  function quartiles(values) {
    const sorted = Float64Array.from(values).sort();
    return Object.fromEntries([0, 0.25, 0.5, 0.75, 1].map((p) => [p, number(runpages.spread.quantile(sorted, p))]));
  }

  // params that vary among these runs, the reader's columns when some are chosen
  function params(ask, most) {
    const varies = (column) => {
      const raw = column.raw("");
      return new Set(Array.from(ask.runs, (run) => raw[run])).size > 1;
    };
    const told = ask.compare.columns.all.filter((column) => column.kind === "param" && !column.seed && column.differs && varies(column));
    const shown = new Set(ask.compare.view.shown.map((column) => column.id));
    const chosen = told.filter((column) => shown.has(column.id));
    return (chosen.length > 1 ? chosen : told).slice(0, most);
  }

  function parallel(ask) {
    const told = [...params(ask, AXES - 1).filter((column) => column !== ask.y), ask.y];
    if (told.length < 2) return { none: "No param differs among these runs." };
    const axes = told.map((column) => runpages.kindAxis(column, ask.runs, ask.reducer)).filter((axis) => axis.words.length || Number.isFinite(axis.low));
    const runs = Array.from(ask.runs);
    const goal = axes[axes.length - 1];
    const there = runs.filter((run) => Number.isFinite(goal.place(run)));
    const sign = ask.y.direction === "min" ? 1 : -1;
    const places = goal.numeric ? runpages.spread.ranks(there.map((run) => sign * goal.numbers[run])) : [];
    const shade = new Map(there.map((run, at) => [run, places[at] / Math.max(1, there.length - 1)]));
    const alt = `Parallel coordinates of ${plural(runs.length, "run")} over ${axes.map((axis) => axis.title).join(", ")}.`;
    const value = (axis, run) => (Number.isNaN(axis.place(run)) ? null : axis.place(run));
    return {
      title: "All params at once",
      alt,
      caption: `A line per run; amber is the best ${goal.title}, strong lines are selected in the table. Drag along an axis, or use its fields, to filter the table. Params chosen as columns of the table are the axes.`,
      parallel: {
        axes: axes.map((axis) => ({ name: axis.title, words: axis.words, log: axis.log, values: runs.map((run) => value(axis, run)) })),
        shade: runs.map((run) => shade.get(run) ?? null),
        names: runs.map((run) => namesOf(ask)[run]),
        states: runs.map((run) => goal.said(run)),
        trials: runs,
        strong: ask.selected.size ? runs.map((run) => ask.selected.has(run)) : null,
        ramp: ask.kinds.ramp,
        noun: "run",
        alt,
      },
      table: { names: ["run", ...axes.map((axis) => axis.title)], rows: runs.map((run) => [namesOf(ask)[run], ...axes.map((axis) => axis.said(run))]) },
      axes,
    };
  }

  function importance(ask) {
    const goal = runpages.kindAxis(ask.y, ask.runs, ask.reducer);
    const axes = params(ask, 100).map((column) => runpages.kindAxis(column, ask.runs, ""));
    const runs = Array.from(ask.runs).filter((run) => goal.numeric && Number.isFinite(goal.numbers[run]));
    const whole = axes.filter((axis) => axis.column !== ask.y && runs.every((run) => !Number.isNaN(axis.place(run))) && new Set(runs.map((run) => axis.place(run))).size > 1);
    // a param with another word in every run is a name
    const told = whole.filter((axis) => !axis.words.length || axis.words.length <= runs.length / 2);
    const { LEAST } = runpages.forest;
    if (runs.length < LEAST) return { none: `${plural(runs.length, "run")} with ${goal.title}: too few to say which params matter (${LEAST} are needed).` };
    if (told.length < 2) return { none: "Fewer than two params vary and are set in every run: there is nothing to compare." };
    const found = runpages.forest.importance(told.map((axis) => Float64Array.from(runs, (run) => axis.place(run))), Float64Array.from(runs, (run) => goal.numbers[run]), told.map((axis) => axis.words.length > 0));
    if (!found) return { none: `Every run reached the same ${goal.title}.` };
    const r2 = number(Number(found.explained.toFixed(2)));
    if (found.explained <= 0.05) return { none: `A random forest over ${plural(found.n, "run")} explains nothing of runs it did not see (held-out R² ${r2}): no order of params could be trusted.` };
    return weighed(ask, goal, told, found, r2);
  }

  function weighed(ask, goal, told, found, r2) {
    const order = told.map((_, at) => at).sort((a, b) => found.share[b] - found.share[a]).slice(0, 24);
    const rows = order.map((at) => ({ name: told[at].title, value: found.share[at], lo: Math.max(0, found.share[at] - 1.96 * found.spread[at]), hi: found.share[at] + 1.96 * found.spread[at], c: ask.look.runs[0] }));
    const spec = copy(ask.kinds.specs.importance);
    spec.height = 24 * rows.length;
    for (const layer of spec.layer) layer.encoding.y.sort = rows.map((row) => row.name);
    const doubt = found.explained > 0.3 ? "" : " That is little: do not read much into the order.";
    return {
      title: `Which params matter for ${goal.title}`,
      alt: `Importance of ${plural(told.length, "param")} for ${goal.title}: ${rows[0].name} matters most, with ${Math.round(100 * rows[0].value)} %.`,
      caption: `Permutation importance for the rank of ${goal.title}, by a random forest over ${plural(found.n, "run")}; lines: 95 % over trees. Held-out R² ${r2}.${doubt}`,
      spec,
      data: { bars: rows },
      table: { names: ["param", "importance", `rank correlation with ${goal.title}`], rows: order.map((at) => [told[at].title, number(Number(found.share[at].toFixed(4))), Number.isNaN(found.rank[at]) ? "" : number(Number(found.rank[at].toFixed(4)))]) },
    };
  }

  function contour(ask) {
    const goal = runpages.kindAxis(ask.colour || ask.goal, ask.runs, ask.reducer);
    const [x, y] = [ask.x, ask.y].map((column) => runpages.kindAxis(column, ask.runs, ask.reducer));
    if (x.words.length || y.words.length || !goal.numeric) return { none: "A contour needs two params and a value that are numbers; a scatter plot shows words too." };
    const rows = rowsOf(ask, [x, y, goal]);
    if (rows.length < LEAST_SURFACE || x.low === x.high || y.low === y.high) return { none: `${plural(rows.length, "run")} with ${x.title}, ${y.title} and ${goal.title}: too few different ones for a surface (${LEAST_SURFACE} are needed).` };
    const { cells } = ask.kinds;
    const values = rows.map((row) => goal.place(row.run));
    const found = runpages.surface(rows.map((row) => x.share(row.run)), rows.map((row) => y.share(row.run)), values, cells);
    for (const row of rows) Object.assign(row, { x: x.place(row.run), y: y.place(row.run), c: "#1b2129" });
    const spec = copy(ask.kinds.specs.contour);
    x.put(spec, "x", { padding: 0, nice: false });
    y.put(spec, "y", { padding: 0, nice: false });
    tips(spec, x, y);
    spec.layer[0].encoding.color.legend.title = goal.title;
    // cells reach a little into the next, or the ground would show between them
    const over = (i) => Math.min(1, (i + 1.08) / cells);
    const data = { runs: rows, cells: found.cells.map(({ i, j, mean }) => ({ x: x.value(i / cells), x2: x.value(over(i)), y: y.value(j / cells), y2: y.value(over(j)), mean })) };
    if (!data.cells.length) spec.layer.shift();
    const explained = number(Number(found.explained.toFixed(2)));
    return {
      title: `${goal.title} over ${x.title} and ${y.title}`,
      alt: `Smoothed ${goal.title} over ${x.title} and ${y.title}, from ${plural(rows.length, "run")}; empty where no run is near.`,
      caption: `Dots are runs. The surface is their Gaussian-kernel mean, empty where no run is near; of runs left out it explains R² ${explained}.${found.explained > 0.1 ? "" : " That is nothing: do not read shapes into it."}${left(ask, rows)}`,
      spec,
      data,
      table: { names: ["run", x.title, y.title, goal.title], rows: rows.map((row) => [row.name, x.said(row.run), y.said(row.run), goal.said(row.run)]) },
      brush: { x, y },
    };
  }

  runpages.kindCharts = { scatter, strip: groups, box: groups, violin: groups, bar: groups, parallel, importance, contour };
})();
