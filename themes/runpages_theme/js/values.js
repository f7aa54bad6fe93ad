/* What a cell says, apart from how it is drawn: the page, the copies and the files all ask here.

   runpages.values(view) -> {
     run(column, i)      {text, value, sample, best: "best" | "", title}
     group(column, one)  {text, n, mean, half, sample, best: "best" | "co-best" | "", title, missing}; text of params: the value or "3 values"
     delta(column, cell, who)  null or {text, up, better: true | false | null, noise, title}
     level(column, value)      0..4 in shaded cells (4 = the best fifth, or the highest), -1 for none
   }
   view: {data, store, shown, reducer, grouped, groups, runs, base: {run, sample(column)} | null, interval: std | sem | ci, percent, shaded}
*/
(function () {
  "use strict";
  const { number, full, plusMinus, count, duration } = runpages.format;
  const { summary, ofSample, half, welch, WORDS } = runpages.interval;
  const measured = (column) => column.kind === "metric" || column.kind === "result";

  class Values {
    constructor(view) {
      Object.assign(this, view);
      this.tops = new Map();
      this.cuts = new Map();
    }

    sample(column, runs) {
      return summary(column.numbers(this.reducer), runs, this.store.twins);
    }

    // the best row of a column: its value, and its sample when rows are groups
    top(column) {
      if (!this.tops.has(column)) this.tops.set(column, column.direction ? this.findTop(column) : null);
      return this.tops.get(column);
    }

    findTop(column) {
      const sign = column.direction === "max" ? 1 : -1;
      let best = null;
      let rows = 0;
      const look = (value, sample) => {
        if (value !== value) return;
        rows += 1;
        if (Number.isFinite(value) && (!best || sign * value > sign * best.value)) best = { value, sample };
      };
      if (this.grouped) {
        for (const one of this.groups) {
          const sample = this.sample(column, one.runs);
          look(sample.mean, sample);
        }
      } else {
        const numbers = column.numbers(this.reducer);
        for (const run of this.runs) look(numbers[run], null);
      }
      return rows > 1 ? best : null;
    }

    run(column, i) {
      const text = column.text(i, this.reducer);
      if (column.type !== "number") return { text, value: NaN, best: "", title: text };
      const value = column.numbers(this.reducer)[i];
      const top = !this.grouped && this.top(column);
      return { text, value, best: top && top.value === value ? "best" : "", title: this.hover(column, i), sample: measured(column) ? ofSample(Number.isFinite(value) ? [value] : []) : null };
    }

    hover(column, i) {
      const raw = column.raw(this.reducer)[i];
      if (column.kind === "run") return column.text(i, "");
      const step = column.stepOf(this.reducer, i);
      return full(raw) + (step === null ? "" : ` at ${column.step_name || "step"} ${count(step)}`);
    }

    group(column, one) {
      if (!measured(column) && column.id !== "run:duration") return this.common(column, one);
      if (column.type !== "number") return { text: "–", best: "", title: "" };
      const sample = this.sample(column, one.runs);
      const { n, mean } = sample;
      if (!n) return { text: "–", n, mean: NaN, half: NaN, best: "", title: "", sample };
      if (column.id === "run:duration") return { text: duration(mean), n, mean, half: NaN, best: "", title: `mean of ${n}`, sample: null };
      const width = half(this.interval, sample);
      const top = this.top(column);
      let best = "";
      if (top && top.value === mean) best = "best";
      else if (top && welch(top.sample, sample, column.direction).verdict === "within noise") best = "co-best";
      const title = n > 1 ? `mean ${full(mean)}, ${WORDS[this.interval]} ${full(width)}, n ${n}` : `${full(mean)}, one run`;
      return { text: n > 1 ? plusMinus(mean, width) : number(mean), n, mean, half: width, best, title, sample, missing: n !== one.runs.length || Boolean(column.across) };
    }

    common(column, one) {
      const texts = new Set(one.runs.map((run) => column.text(run, this.reducer)));
      if (texts.size === 1) return { text: [...texts][0], best: "", title: [...texts][0] };
      return { text: `${texts.size} values`, many: true, best: "", title: [...texts].slice(0, 20).join(", ") };
    }

    delta(column, cell, who) {
      if (!this.base || !measured(column) || !cell.sample || this.base.run === who) return null;
      const base = this.base.sample(column);
      const { gap, half: width, verdict } = welch(cell.sample, base, column.direction);
      if (!Number.isFinite(gap)) return null;
      const share = base.mean ? (100 * gap) / Math.abs(base.mean) : NaN;
      const percent = Number.isFinite(share) ? number(Number(Math.abs(share).toPrecision(2))) + " %" : "";
      const size = number(Number(Math.abs(gap).toPrecision(2)));
      const noise = verdict === "within noise";
      const better = gap === 0 || !column.direction ? null : gap > 0 === (column.direction === "max");
      const range = width === width ? `, 95 % interval ${number(gap - width)} to ${number(gap + width)}` : "";
      const words = noise ? ", within noise" : width === width && verdict === "cannot tell" ? ", too few runs to tell from noise" : "";
      const sign = gap > 0 ? "+" : gap < 0 ? "−" : "";
      return { text: this.percent && percent ? percent : size, up: gap > 0, same: gap === 0, better, noise, title: `${sign}${number(Math.abs(gap))}${percent ? ` (${sign}${percent})` : ""} against the baseline${range}${words}`, words };
    }

    level(column, value) {
      if (!this.shaded || !measured(column) || column.type !== "number" || !Number.isFinite(value)) return -1;
      if (!this.cuts.has(column)) this.cuts.set(column, this.sorted(column));
      const sorted = this.cuts.get(column);
      const last = sorted.length - 1;
      if (last < 1 || sorted[0] === sorted[last]) return -1;
      const at = value === sorted[last] ? 4 : Math.round((4 * below(sorted, value)) / last);
      return column.direction === "min" ? 4 - at : at;
    }

    // the values of the rows shown, in order: a cell's fifth is by its place among them
    sorted(column) {
      const numbers = column.numbers(this.reducer);
      const values = this.grouped ? this.groups.map((one) => this.sample(column, one.runs).mean) : Array.from(this.runs, (run) => numbers[run]);
      return Float64Array.from(values.filter(Number.isFinite)).sort();
    }
  }

  function below(sorted, value) {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  runpages.values = (view) => new Values(view);
  runpages.values.measured = measured;
})();
