/* The HTML of a row: the same markup as views/compare.html, with what only a live table has (boxes, deltas, ±).

   runpages.cells(view) -> {head(), run(i, inside), group(g)}: strings of <th> and <td>
   view: {data, store, shown: [Column], reducer, keys (sort), best: Map(column -> number), base: summary source | null, grouped, selected: Set}
*/
(function () {
  "use strict";
  const { number, full, pad, decimals, plusMinus, escape, count, duration } = runpages.format;
  const SAMPLE = 200;
  const WORDS = { max: "higher is better", min: "lower is better" };

  // decimals of a column: from at most 200 values spread over it, so that scrolling never moves the point
  function places(column, reducer) {
    if (column.type !== "number") return 0;
    const length = column.raw(reducer).length;
    const step = Math.max(1, Math.floor(length / SAMPLE));
    let most = 0;
    for (let i = 0; i < length; i += step) most = Math.max(most, decimals(column.text(i, reducer)));
    return Math.min(most, 6);
  }

  class Cells {
    constructor(view) {
      Object.assign(this, view);
      this.places = new Map(this.shown.map((column) => [column, places(column, this.reducer)]));
    }

    head() {
      const boxes = `<input type="checkbox" data-all aria-label="Draw all shown runs">`;
      const own = this.sortButton(this.store.get("run:name"), "run");
      const n = this.grouped ? `<th scope="col" class="rp-n"><span class="rp-still">n</span></th>` : "";
      return `<tr aria-rowindex="1"><th scope="col" class="rp-run" ${this.aria("run:name")}>${boxes}${own}</th>${n}${this.shown.map((column) => this.headOf(column)).join("")}</tr>`;
    }

    headOf(column) {
      const kind = className(column);
      if (column.type === "spark") return `<th scope="col" class="${kind}">${column.label}</th>`;
      const arrow = column.direction ? `<span aria-hidden="true"> ${column.direction === "max" ? "↑" : "↓"}</span><span class="rp-sr">, ${WORDS[column.direction]}</span>` : "";
      const sub = column.reduces ? ` <span class="rp-sub">${column.reducer(this.reducer)}${arrow}</span>` : "";
      return `<th scope="col" class="${kind}" ${this.aria(column.id)} data-column="${escape(column.id)}">${this.sortButton(column, column.label, sub)}</th>`;
    }

    aria(id) {
      const key = this.keys.find((one) => one.id === id);
      return `aria-sort="${key ? (key.down ? "descending" : "ascending") : "none"}"`;
    }

    sortButton(column, label, sub = "") {
      const at = this.keys.findIndex((key) => key.id === column.id);
      const mark = at < 0 ? "" : `<span aria-hidden="true"> ${this.keys[at].down ? "▾" : "▴"}${this.keys.length > 1 ? `<sup>${at + 1}</sup>` : ""}</span>`;
      const title = `${label}: sort; with Shift, sort further; Alt and ← → move the column`;
      return `<button type="button" class="rp-sort" data-sort="${escape(column.id)}" title="${escape(title)}">${escape(label)}${mark}${sub}</button>`;
    }

    run(i, inside) {
      const { runs } = this.data;
      const name = escape(runs.name[i]);
      const on = this.selected.has(i) ? "checked" : "";
      const status = runs.status[i] === "finished" || runs.status[i] === "unknown" ? "" : ` <span class="rp-status rp-${escape(runs.status[i])}">${escape(runs.status[i])}</span>`;
      const isBase = this.base && this.base.run === i;
      const set = `<button type="button" class="rp-set" data-base="${i}" aria-pressed="${Boolean(isBase)}" aria-label="${name} as baseline">baseline</button>`;
      const head =
        `<th scope="row" class="rp-run${inside ? " rp-inside" : ""}" title="${name}"><input type="checkbox" data-run="${i}" ${on} aria-label="Draw ${name}">` +
        `<span class="rp-dot rp-c${runs.color[i]} rp-dash${runs.dash[i]}" aria-hidden="true"></span><a href="${escape(runpages.root + runs.page[i])}">${name}</a>${status}${set}</th>`;
      return head + (this.grouped ? "<td></td>" : "") + this.shown.map((column) => this.cell(column, i)).join("");
    }

    cell(column, i) {
      if (column.type === "spark") return `<td class="rp-sparks rp-c${this.data.runs.color[i]}">${spark(column.values[i])}</td>`;
      const text = column.text(i, this.reducer);
      if (className(column) === "rp-w") return `<td class="rp-w" title="${escape(text)}">${escape(text)}</td>`;
      const value = column.numbers(this.reducer)[i];
      const best = !this.grouped && value === this.best.get(column);
      return (
        `<td class="rp-n${best ? " rp-best" : ""}" title="${escape(this.hover(column, i))}">${text}<i>${pad(text, this.places.get(column))}</i>` +
        (best ? `<span class="rp-sr">, best</span>` : "") +
        (this.grouped ? "" : this.delta(column, value, i)) +
        "</td>"
      );
    }

    hover(column, i) {
      const raw = column.raw(this.reducer)[i];
      if (column.kind === "run") return column.text(i, "");
      const reducer = column.reducer(this.reducer);
      const steps = reducer && (reducer === "best" ? column.values.best_step : reducer === "last" ? column.values.last_step : null);
      const step = steps && steps[i] !== null && steps[i] !== undefined ? ` at ${column.step_name || "step"} ${count(steps[i])}` : "";
      return full(raw) + step;
    }

    delta(column, value, who) {
      if (!this.base || (column.kind !== "metric" && column.kind !== "result")) return "";
      const change = value - this.base.value(column);
      if (this.base.run === who || !Number.isFinite(change)) return `<span class="rp-delta"></span>`;
      if (change === 0) return ` <span class="rp-delta">= <span class="rp-sr">as the baseline</span></span>`;
      const up = change > 0;
      const good = column.direction ? (up === (column.direction === "max") ? "better" : "worse") : "";
      const words = (up ? "higher" : "lower") + (good ? ", " + good : "") + " than the baseline";
      const text = number(Number(Math.abs(change).toPrecision(2)));
      return ` <span class="rp-delta ${good ? "rp-" + good : ""}"><span aria-hidden="true">${up ? "▲" : "▼"}</span> ${text}<span class="rp-sr"> ${words}</span></span>`;
    }

    group(one) {
      const on = one.runs.filter((run) => this.selected.has(run)).length;
      const label = escape(one.label);
      const head =
        `<th scope="row" class="rp-run" title="${label}"><input type="checkbox" data-group="${escape(one.key)}" ${on === one.runs.length ? "checked" : ""} ${on && on < one.runs.length ? "data-some" : ""} aria-label="Draw the runs of ${label}">` +
        `<button type="button" class="rp-open" data-open="${escape(one.key)}" aria-expanded="${Boolean(one.open)}" aria-label="Runs of ${label}">${one.open ? "▾" : "▸"}</button>${label}</th>`;
      return head + `<td class="rp-n">${one.runs.length}</td>` + this.shown.map((column) => this.groupCell(column, one)).join("");
    }

    groupCell(column, one) {
      if (column.type === "spark") return `<td class="rp-sparks rp-c${this.data.runs.color[one.runs[0]]}">${spark(column.values[one.runs[0]])}</td>`;
      if (column.kind === "metric" || column.kind === "result" || column.id === "run:duration") return this.meanCell(column, one);
      const texts = new Set(one.runs.map((run) => column.text(run, this.reducer)));
      const kind = className(column);
      if (texts.size === 1) return `<td class="${kind}">${escape([...texts][0])}</td>`;
      return `<td class="${kind} rp-soft">${texts.size} values</td>`;
    }

    meanCell(column, one) {
      if (column.type !== "number") return `<td class="rp-w rp-soft">–</td>`;
      const { n, mean, std } = runpages.rows.summary(column.numbers(this.reducer), one.runs);
      if (!n) return `<td class="rp-n">–</td>`;
      if (column.id === "run:duration") return `<td class="rp-n" title="mean of ${n}">${duration(mean)}</td>`;
      const best = mean === this.best.get(column);
      const text = n > 1 ? plusMinus(mean, std) : number(mean);
      const missing = n < one.runs.length ? ` <span class="rp-soft">(n ${n})</span>` : "";
      const title = n > 1 ? `mean ${full(mean)}, standard deviation ${full(std)}, n ${n}` : `${full(mean)}, one run`;
      return `<td class="rp-n${best ? " rp-best" : ""}" title="${title}">${text}${best ? `<span class="rp-sr">, best</span>` : ""}${missing}${this.delta(column, mean, one)}</td>`;
    }
  }

  function spark(path) {
    return path ? `<svg class="rp-spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true"><path d="${escape(path)}"/></svg>` : "";
  }

  function className(column) {
    if (column.type === "spark") return "rp-sparks";
    return column.type === "number" ? "rp-n" : "rp-w";
  }

  // widths in characters, from a sample, so that rows coming into view never move the columns
  function widths(view, cells) {
    return view.shown.map((column) => {
      if (column.type === "spark") return 10;
      const length = column.raw(view.reducer).length;
      const step = Math.max(1, Math.floor(length / SAMPLE));
      let most = 0;
      for (let i = 0; i < length; i += step) {
        const text = column.text(i, view.reducer);
        most = Math.max(most, text.length + pad(text, cells.places.get(column)).length);
      }
      const measured = column.kind === "metric" || column.kind === "result";
      if (measured && view.grouped) most = Math.max(most + 9, 15);
      if (measured && view.base) most += 8.5;
      if (column.direction) most += 2;
      // the reducer stands on a line of its own below the name
      const label = column.label.length * 0.92 + (view.keys.some((key) => key.id === column.id) ? 2.5 : 0);
      return Math.min(30, Math.max(most, label, 4)) + 1.8;
    });
  }

  runpages.cells = (view) => new Cells(view);
  runpages.cells.widths = widths;
})();
