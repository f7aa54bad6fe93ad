/* A column of the table as an axis of a chart, and what a stretch of it is called in the filter language.

   runpages.kindAxis(column, runs, reducer) -> {column, title, words: [text], log, place(run) -> number | NaN, said(run)}
     numbers stand at themselves, words at their place in the natural order; log where all are above 0, reach over a factor of 50 and
     crowd at the low end (studies/__init__.py does the same)
   axis.put(spec, channel, extra)         writes title, scale and labels into every encoding of that channel
   axis.condition(low, high) -> text | ""  "" when it holds all of the axis; null when its name cannot be written
*/
(function () {
  "use strict";
  const REACH = 50;

  class Axis {
    constructor(column, runs, reducer) {
      const word = column.reduces ? ` (${column.says(reducer)})` : "";
      Object.assign(this, { column, reducer, title: column.label + word, words: [] });
      this.numeric = column.type === "number";
      const raw = column.raw(reducer);
      this.raw = raw;
      if (this.numeric) this.numbers = column.numbers(reducer);
      else {
        this.words = [...new Set(Array.from(runs, (run) => raw[run]).filter((value) => value !== null && value !== "").map(String))].sort(runpages.collator.compare);
        this.rank = new Map(this.words.map((text, at) => [text, at]));
      }
      const real = this.numeric ? Array.from(runs, (run) => this.numbers[run]).filter(Number.isFinite) : [];
      this.low = real.reduce((a, b) => Math.min(a, b), Infinity);
      this.high = real.reduce((a, b) => Math.max(a, b), -Infinity);
      this.positive = this.numeric && this.low > 0;
      const crowded = () => runpages.spread.quantile(Float64Array.from(real).sort(), 0.5) <= (this.low + this.high) / 4;
      this.log = this.positive && real.length > 2 && this.high >= REACH * this.low && !column.reduces && crowded();
    }

    place(run) {
      if (!this.numeric) return this.raw[run] === null || this.raw[run] === "" ? NaN : this.rank.get(String(this.raw[run]));
      return Number.isFinite(this.numbers[run]) && (!this.log || this.numbers[run] > 0) ? this.numbers[run] : NaN;
    }

    said(run) {
      return this.column.text(run, this.reducer);
    }

    // share of the axis, 0..1
    share(run) {
      const bent = (value) => (this.log ? Math.log10(value) : value);
      const [low, high] = this.words.length ? [0, this.words.length - 1] : [bent(this.low), bent(this.high)];
      return high > low ? (bent(this.place(run)) - low) / (high - low) : 0.5;
    }

    // back from a share to the axis' own value
    value(share) {
      const bent = (value) => (this.log ? Math.log10(value) : value);
      const [low, high] = this.words.length ? [0, this.words.length - 1] : [bent(this.low), bent(this.high)];
      const at = low + share * (high - low);
      return this.log ? 10 ** at : at;
    }

    put(spec, channel, scale = {}) {
      for (const layer of spec.layer || [spec]) {
        const encoding = layer.encoding[channel];
        if (!encoding || !encoding.axis) continue;
        encoding.axis.title = this.title;
        Object.assign(encoding.scale, this.log ? { type: "log", nice: false } : {}, scale);
        if (this.log) delete encoding.scale.zero;
        if (this.log) Object.assign(encoding.axis, { format: "~g", tickCount: 4 });
        if (!this.words.length) continue;
        encoding.axis.values = this.words.map((_, at) => at);
        encoding.axis.labelExpr = `${channel}words[datum.value]`;
        Object.assign(encoding.axis, { labelLimit: 110, labelOverlap: true });
        encoding.scale.domain = [-0.5, this.words.length - 0.5];
        encoding.scale.nice = false;
      }
      if (this.words.length) spec.params = [...(spec.params || []), { name: channel + "words", value: this.words }];
    }

    name() {
      const { id, kind, label, base } = this.column;
      if (base || label.includes('"')) return null;
      return /^[^\s()<>=!~,"'&|]+$/.test(id) ? id : `${kind}:"${label}"`;
    }

    condition(low, high) {
      const name = this.name();
      if (name === null) return null;
      if (this.words.length) {
        const inside = this.words.filter((_, at) => at >= low && at <= high);
        return inside.length === this.words.length ? "" : `${name} in (${inside.map((word) => JSON.stringify(word)).join(", ")})`;
      }
      if (low <= this.low && high >= this.high) return "";
      const parts = [];
      if (low > this.low) parts.push(`${name} >= ${Number(low.toPrecision(5))}`);
      if (high < this.high) parts.push(`${name} <= ${Number(high.toPrecision(5))}`);
      return parts.join(" and ");
    }
  }

  runpages.kindAxis = (column, runs, reducer) => new Axis(column, runs, reducer);
})();
