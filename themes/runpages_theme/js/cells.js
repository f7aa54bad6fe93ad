/* The HTML of a row: the same markup as views/compare.html, with what only a live table has (boxes, deltas, ±).

   runpages.cells(view) -> {head(), run(i, item), group(g), aim(from, to)}: strings of <th> and <td>
   aim: of the columns that are not pinned only shown[from..to) are made; one empty cell stands for those before and after
   view: as in values.js, and {keys (sort), selected: Set, values, pinned: Map(column -> place)}
*/
(function () {
  "use strict";
  const COURSE = 8; // letters that a sparkline beside a number takes
  const LEAST = 12; // characters of a name that are always there
  const { number, pad, decimals, escape } = runpages.format;
  const SAMPLE = 100;
  const WORDS = { max: "higher is better", min: "lower is better" };
  const BARS = "▁▂▄▆█";
  const FIFTHS = ["lowest", "second", "third", "fourth", "top"];

  // what a column's values say of it holds until they change
  const known = new WeakMap();
  function keep(column, what, reducer, make) {
    if (!known.has(column)) known.set(column, new Map());
    const key = what + column.reducer(reducer) + column.direction;
    const kept = known.get(column);
    if (!kept.has(key)) kept.set(key, make(column, reducer));
    return kept.get(key);
  }

  // some values spread over a column stand for all, so that scrolling never moves the point
  function sampled(column, reducer) {
    const { length } = column.raw(reducer);
    const step = Math.max(1, Math.floor(length / SAMPLE));
    const texts = [];
    for (let i = 0; i < length; i += step) texts.push(column.text(i, reducer));
    return texts;
  }

  const sampleOf = (column, reducer) => keep(column, "sample", reducer, sampled);

  function places(column, reducer) {
    if (column.type !== "number") return 0;
    return Math.min(6, sampleOf(column, reducer).reduce((most, text) => Math.max(most, decimals(text)), 0));
  }

  class Cells {
    constructor(view) {
      Object.assign(this, view);
      this.places = new Map(this.shown.map((column) => [column, keep(column, "places", this.reducer, places)]));
      this.kinds = new Map(this.shown.map((column) => [column, className(column) + (this.pinned.has(column) ? ` rp-pin rp-pin${this.pinned.get(column)}` : "")]));
    }

    aim(from, to) {
      Object.assign(this, { from: Math.max(from, this.pinned.size), to });
    }

    each(make, tag) {
      const { shown, from, to } = this;
      const gap = (n) => (n > 0 ? `<${tag} class="rp-gap" colspan="${n}"></${tag}>` : "");
      const pins = this.pinned.size;
      let html = "";
      for (let k = 0; k < pins; k++) html += make(shown[k], k);
      html += gap(from - pins);
      for (let k = from; k < to; k++) html += make(shown[k], k);
      return html + gap(shown.length - to);
    }

    head() {
      const boxes = `<input type="checkbox" data-all aria-label="Draw all shown runs">`;
      const own = this.sortButton(this.store.get("run:name"), this.grouped ? "group" : "run");
      const n = this.grouped ? `<th scope="col" class="rp-n">n</th>` : "";
      return `<tr aria-rowindex="1"><th scope="col" class="rp-run" aria-colindex="1" data-column="run:name" ${this.aria("run:name")}>${boxes}${own}${grip}</th>${n}${this.each((column, k) => this.headOf(column, k), "td")}</tr>`;
    }

    headOf(column, k) {
      const place = `aria-colindex="${k + 2 + Number(this.grouped)}"`;
      const kind = this.kinds.get(column);
      const menu = `<button type="button" class="rp-more" data-more="${escape(column.id)}" aria-haspopup="true" aria-label="Column ${escape(column.label || "course")}: more">⋮</button>`;
      if (column.type === "spark") return `<th scope="col" ${place} class="${kind}" data-column="${escape(column.id)}">${column.label}${menu}${grip}</th>`;
      const arrow = column.direction ? `<span aria-hidden="true"> ${column.direction === "max" ? "↑" : "↓"}</span><span class="rp-sr">, ${WORDS[column.direction]}</span>` : "";
      const sub = column.reduces ? ` <span class="rp-sub">${escape(column.says(this.reducer))}${arrow}</span>` : "";
      return `<th scope="col" ${place} class="${kind}" ${this.aria(column.id)} data-column="${escape(column.id)}">${this.sortButton(column, column.label, sub)}${menu}${grip}</th>`;
    }

    aria(id) {
      const key = this.keys.find((one) => one.id === id);
      return `aria-sort="${key ? (key.down ? "descending" : "ascending") : "none"}"`;
    }

    sortButton(column, label, sub = "") {
      const at = this.keys.findIndex((key) => key.id === column.id);
      const mark = at < 0 ? "" : `<span aria-hidden="true"> ${this.keys[at].down ? "▾" : "▴"}${this.keys.length > 1 ? `<sup>${at + 1}</sup>` : ""}</span>`;
      const title = `${label}: sort; with Shift, sort further; Alt and ← → move the column, with Shift make it wider`;
      return `<button type="button" class="rp-sort" data-sort="${escape(column.id)}" title="${escape(title)}">${escape(label)}${mark}${sub}</button>`;
    }

    run(i, item) {
      const { runs } = this.data;
      const name = escape(runs.name[i]);
      const on = this.selected.has(i) ? "checked" : "";
      const status = runs.status[i] === "finished" || runs.status[i] === "unknown" ? "" : ` <span class="rp-status rp-${escape(runs.status[i])}">${escape(runs.status[i])}</span>`;
      const isBase = this.base && this.base.number === i;
      const set = `<button type="button" class="rp-set" data-base="${i}" aria-pressed="${Boolean(isBase)}" aria-label="${name} as baseline">baseline</button>`;
      const node = item.node ? this.branch(item, name) : "";
      const inside = item.inside ? " rp-inside" : "";
      const deep = item.depth ? ` style="padding-left:${Math.min(item.depth, 8) * 0.8}rem"` : "";
      const head =
        `<th scope="row" class="rp-run${inside}" title="${name}"${deep}><input type="checkbox" data-run="${i}" ${on} aria-label="Draw ${name}">${node}` +
        `<span class="rp-dot rp-c${runs.color[i]} rp-dash${runs.dash[i]}" aria-hidden="true"></span><a href="${escape(runpages.root + runs.page[i])}">${this.cut(runs.name[i], runs.status[i] === "finished" ? 0 : 9)}</a>${status}${set}</th>`;
      return head + (this.grouped ? "<td></td>" : "") + this.each((column) => this.cell(column, i, item.below), "td");
    }

    // a long name loses its middle from sight only: copies, searches and screen readers have it whole
    cut(name, less) {
      const room = Math.max(LEAST, this.letters - less);
      if (name.length <= room) return escape(name);
      const half = Math.floor((room - 1) / 2);
      return `${escape(name.slice(0, half))}<span class="rp-mid">${escape(name.slice(half, -half))}</span>${escape(name.slice(-half))}`;
    }

    branch({ run, below, open }, name) {
      if (!below.length) return `<span class="rp-leaf"></span>`;
      const words = `${below.length} run${below.length === 1 ? "" : "s"} below ${name}`;
      return `<button type="button" class="rp-open" data-open="run:${run}" aria-expanded="${open}" aria-label="${words}" title="${words}">${open ? "▾" : "▸"}</button>`;
    }

    cell(column, i, below) {
      const kind = this.kinds.get(column);
      if (column.type === "spark") return `<td class="${kind} rp-c${this.data.runs.color[i]}">${spark(column.values[i])}</td>`;
      const cell = this.values.run(column, i);
      if (className(column) === "rp-w") return `<td class="${kind}" title="${escape(cell.text)}">${escape(cell.text)}</td>`;
      if (below && below.length && cell.value !== cell.value) {
        const rolled = runpages.tree.rollup(column, this.reducer, below);
        if (rolled === rolled) return `<td class="${kind} rp-soft" title="the best of ${below.length} below"><span aria-hidden="true">⌄ </span>${number(rolled)}<span class="rp-sr"> best of ${below.length} below</span></td>`;
      }
      const inner = this.course(column, i) + `${cell.text}<i>${pad(cell.text, this.places.get(column))}</i>`;
      return this.td(column, kind, cell, cell.value, inner + best(cell), this.grouped ? "" : this.delta(column, cell, i));
    }

    // how the metric went, beside what became of it
    course(column, i) {
      const path = !this.grouped && courses(column) ? courses(column)[i] : "";
      return path ? `<span class="rp-course rp-c${this.data.runs.color[i]}">${spark(path)}</span>` : "";
    }

    td(column, kind, cell, value, inner, delta) {
      const level = this.values.level(column, value);
      const shade = level < 0 ? "" : `<span class="rp-bar-of" aria-hidden="true">${BARS[level]}</span><span class="rp-sr">${FIFTHS[level]} fifth, </span>`;
      const mark = cell.best ? (cell.best === "best" ? " rp-best" : " rp-cobest") : "";
      return `<td class="${kind}${mark}${level < 0 ? "" : " rp-h" + level}" title="${escape(cell.title)}">${shade}${inner}${delta}</td>`;
    }

    delta(column, cell, who) {
      if (!this.base || !runpages.values.measured(column)) return "";
      const change = this.values.delta(column, cell, who);
      if (!change) return ` <span class="rp-delta"></span>`;
      if (change.same) return ` <span class="rp-delta" title="${escape(change.title)}">= <span class="rp-sr">as the baseline</span></span>`;
      const tone = change.noise ? "rp-noise" : change.better === null ? "" : change.better ? "rp-better" : "rp-worse";
      const words = (change.up ? "higher" : "lower") + (change.better === null ? "" : change.better ? ", better" : ", worse") + " than the baseline" + change.words;
      return ` <span class="rp-delta ${tone}" title="${escape(change.title)}"><span aria-hidden="true">${change.noise ? "≈" : change.up ? "▲" : "▼"}</span> ${change.text}<span class="rp-sr"> ${words}</span></span>`;
    }

    group(one) {
      const on = one.runs.filter((run) => this.selected.has(run)).length;
      const label = escape(one.label);
      const base = `<button type="button" class="rp-set" data-base="${one.runs[0]}" aria-pressed="${Boolean(this.base && this.base.run === one)}" aria-label="${label} as baseline">baseline</button>`;
      const head =
        `<th scope="row" class="rp-run" title="${label}"><input type="checkbox" data-group="${escape(one.key)}" ${on === one.runs.length ? "checked" : ""} ${on && on < one.runs.length ? "data-some" : ""} aria-label="Draw the runs of ${label}">` +
        `<button type="button" class="rp-open" data-open="${escape(one.key)}" aria-expanded="${Boolean(one.open)}" aria-label="Runs of ${label}">${one.open ? "▾" : "▸"}</button>${this.cut(one.label, 2)}${base}</th>`;
      const n = one.runs.length === 1 ? "1 run" : one.runs.length;
      return head + `<td class="rp-n">${n}</td>` + this.each((column) => this.groupCell(column, one), "td");
    }

    groupCell(column, one) {
      const kind = this.kinds.get(column);
      if (column.type === "spark") return `<td class="${kind} rp-c${this.data.runs.color[one.runs[0]]}">${spark(column.values[one.runs[0]])}</td>`;
      const cell = this.values.group(column, one);
      if (cell.n === undefined) return `<td class="${kind}${cell.many ? " rp-soft" : ""}" title="${escape(cell.title)}">${escape(cell.text)}</td>`;
      const missing = cell.missing && cell.n ? ` <span class="rp-soft">n ${cell.n}</span>` : "";
      return this.td(column, kind, cell, cell.mean, escape(cell.text) + best(cell) + missing, this.delta(column, cell, one));
    }
  }

  const grip = `<span class="rp-grip" aria-hidden="true"></span>`;
  const SAID = { best: "best", "co-best": "not distinguishable from the best" };

  function best(cell) {
    if (!cell.best) return "";
    return `<span class="rp-sr">, ${SAID[cell.best]}${cell.best === "best" && cell.n === 1 ? ", single run" : ""}</span>`;
  }

  function spark(path) {
    return path ? `<svg class="rp-spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><path d="${escape(path)}"/></svg>` : "";
  }

  const courses = (column) => (column.reduces && !column.across ? column.of("spark") : undefined);

  function className(column) {
    if (column.type === "spark") return "rp-sparks";
    return column.type === "number" ? "rp-n" : "rp-w";
  }

  function letters(column, reducer, decimals) {
    return sampleOf(column, reducer).reduce((most, text) => Math.max(most, text.length + pad(text, decimals).length), 0);
  }

  // widths in characters, from a sample, so that rows coming into view never move the columns
  function widths(view, cells) {
    return view.shown.map((column) => {
      if (column.type === "spark") return 10;
      let most = keep(column, "letters", view.reducer, (one, reducer) => letters(one, reducer, cells.places.get(one)));
      const measured = runpages.values.measured(column);
      if (measured && view.grouped) most = Math.max(most + 9, 15) + (column.across ? 3 : 0);
      if (measured && view.base) most += 8.5;
      if (measured && view.shaded) most += 2;
      if (column.direction) most += 2;
      if (!view.grouped && courses(column)) most += COURSE;
      // the reducer stands on a line of its own below the name
      const sub = column.reduces ? column.says(view.reducer).length * 0.8 + 4 : 0;
      const label = Math.max(column.label.length * 0.92 + (view.keys.some((key) => key.id === column.id) ? 2.5 : 0), sub);
      return Math.min(30, Math.max(most, label, 4)) + 2.4;
    });
  }

  runpages.cells = (view) => new Cells(view);
  runpages.cells.widths = widths;
})();
