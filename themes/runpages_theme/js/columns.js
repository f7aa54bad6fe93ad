/* The run table as columns: typed arrays made once per column and reducer, so that sorting and filtering touch numbers only.

   runpages.columns(runs JSON) -> {count, all: [Column], get(id), find(name), reducers, twins, turn({id: direction})}
     get("metric:loss@min") is the column read by its minimum, whatever the page's reducer; "@at:val/acc" where val/acc was best
     twins: Int32Array, runs of one number have the same seeds
   Column: {id, kind, label, type, direction, differs, shown, seed, reduces}
     raw(reducer)      the values as they came
     numbers(reducer)  Float64Array; missing and nan are NaN, "inf" and "-inf" are infinite
     order(reducer)    Float64Array to sort by: numbers, or for words their rank (numeric-aware)
     reducer(name)     the reducer really used: "best" needs a direction, columns that are no metrics have one value
     says(name)        that reducer in words
     text(i, reducer)  the value as people read it
     stepOf(reducer, i)   the step it was read at, or null
*/
(function () {
  "use strict";
  const { number, duration, date } = runpages.format;
  // made at first use: it takes longer to make than a screen of rows to draw
  let made = null;
  const collator = { compare: (a, b) => (made ??= new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare)(a, b) };
  const REDUCERS = ["best", "last", "min", "max", "mean", "first"];
  const SHOW = { "run:started": date, "run:duration": duration };

  function toNumbers(values) {
    const out = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "number") out[i] = value;
      else if (value === "inf") out[i] = Infinity;
      else if (value === "-inf") out[i] = -Infinity;
      else if (typeof value === "boolean") out[i] = value ? 1 : 0;
      else out[i] = NaN;
    }
    return out;
  }

  function toRanks(values) {
    const words = [...new Set(values.filter((value) => value !== null && value !== "").map(String))].sort(collator.compare);
    const rank = new Map(words.map((word, at) => [word, at]));
    return Float64Array.from(values, (value) => (value === null || value === "" ? NaN : rank.get(String(value))));
  }

  class Column {
    constructor(source) {
      for (const key of Object.keys(source)) if (key !== "values") this[key] = source[key];
      this.source = source;
      this.reduces = source.kind === "metric";
      this.direction = this.told = source.direction || "";
      this.kept = new Map();
    }

    get values() {
      return this.source.values;
    }

    reducer(name) {
      if (!this.reduces) return "";
      if (name.startsWith("at:") && name === "at:" + this.label) return this.reducer("best");
      if (name === "best" && !this.direction) return "last";
      if (name === "best") return name;
      if (name.startsWith("at:")) this.values[name] ||= new Array(this.of("last").length).fill(null);
      return name in this.values ? name : "last";
    }

    says(name) {
      const used = this.reducer(name);
      return used.startsWith("at:") ? "at best " + used.slice(3) : used;
    }

    raw(name) {
      if (!this.reduces) return this.values;
      const used = this.reducer(name);
      return this.of(used === "best" ? this.direction : used);
    }

    of(name) {
      return this.values[name];
    }

    keep(what, name, make) {
      const used = this.reducer(name);
      const key = what + (used === "best" ? this.direction : used);
      if (!this.kept.has(key)) this.kept.set(key, make(this.raw(name)));
      return this.kept.get(key);
    }

    numbers(name) {
      return this.keep("n", name, toNumbers);
    }

    order(name) {
      return this.type === "text" ? this.keep("o", name, toRanks) : this.numbers(name);
    }

    // the step that a run's value was read at, null where none is known
    stepOf(name, i) {
      if (!this.reduces) return null;
      const used = this.reducer(name);
      const list = used === "last" ? "last_step" : used === "best" && this.direction === this.told ? "best_step" : "";
      return (list && this.of(list)?.[i]) ?? null;
    }

    text(i, name) {
      return (SHOW[this.id] || number)(this.raw(name)[i]);
    }
  }

  // the same column, read by one reducer for good
  function fixed(base, reducer) {
    return Object.assign(Object.create(base), { id: base.id + "@" + reducer, fixed: reducer, base, reducer: () => base.reducer(reducer) });
  }

  function twins(all, count) {
    const seeds = all.filter((column) => column.seed).map((column) => column.values);
    const numbers = new Map();
    return Int32Array.from({ length: count }, (_, i) => {
      const key = seeds.map((values) => values[i]).join("\u0000");
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      return numbers.get(key);
    });
  }

  function builtIn(runs) {
    const make = (id, label, type, values) => {
      const first = values[0];
      const differs = values.some((value) => value !== first);
      return new Column({ id: "run:" + id, kind: "run", label, type, differs, shown: differs && id === "tracker", seed: false, values });
    };
    return [
      make("name", "run", "text", runs.name),
      Object.assign(make("spark", "course", "spark", runs.spark), { shown: runs.spark.some(Boolean) }),
      make("status", "status", "text", runs.status),
      make("tracker", "tracker", "text", runs.tracker),
      make("group", "group", "text", runs.group),
      make("started", "started", "number", runs.started),
      make("duration", "duration", "number", runs.duration),
      make("notes", "notes", "number", runs.notes),
      make("id", "id", "text", runs.id),
      make("source", "source", "text", runs.source || runs.id.map(() => "")),
      make("note", "note", "text", runs.note || runs.id.map(() => "")),
    ];
  }

  const PREFIX = { param: "param", params: "param", tag: "tag", tags: "tag", metric: "metric", metrics: "metric", result: "result", results: "result", run: "run" };
  const FIRST = ["param", "metric", "run", "tag", "result"];

  // "params.lr", "param:lr", "lr": the kind may be named, else parameters come first
  function finder(all) {
    const byKind = new Map(FIRST.map((kind) => [kind, new Map()]));
    for (const column of all) byKind.get(column.kind).set(column.label.toLowerCase(), column);
    byKind.get("run").set("name", all[0]);
    return (name) => {
      const wanted = name.toLowerCase();
      const split = /^([a-z]+)[.:](.+)$/.exec(wanted);
      if (split && PREFIX[split[1]]) {
        const column = byKind.get(PREFIX[split[1]]).get(split[2]);
        if (column) return column;
      }
      for (const kind of FIRST) if (byKind.get(kind).has(wanted)) return byKind.get(kind).get(wanted);
      return null;
    };
  }

  // the table at first, in the order of views/compare.html
  function first(byId, all) {
    const run = (id) => [byId.get("run:" + id)].filter((column) => column.shown);
    const kinds = (...wanted) => all.filter((column) => wanted.includes(column.kind) && column.shown);
    const told = [...kinds("param"), ...kinds("tag")].filter((column) => column.differs);
    return [...kinds("metric", "result"), ...run("spark"), ...told, ...run("tracker"), byId.get("run:duration")];
  }

  runpages.columns = function (data) {
    const all = [...builtIn(data.runs), ...data.columns.map((source) => new Column(source))];
    const byId = new Map(all.map((column) => [column.id, column]));
    const reducers = [...REDUCERS, ...(data.beside || []).map((label) => "at:" + label)];
    const get = (id) => {
      if (byId.has(id)) return byId.get(id);
      const at = id.lastIndexOf("@");
      const base = at > 0 && byId.get(id.slice(0, at));
      if (!base || !base.reduces || !reducers.includes(id.slice(at + 1))) return undefined;
      byId.set(id, fixed(base, id.slice(at + 1)));
      return byId.get(id);
    };
    const turn = (ways) => {
      for (const column of all) if (column.reduces || column.kind === "result") column.direction = ways[column.id] ?? column.told;
    };
    let seeds = null;
    return {
      count: data.count,
      all,
      get,
      find: finder(all),
      reducers,
      turn,
      first: () => first(byId, all),
      get twins() {
        return (seeds ??= twins(all, data.count));
      },
    };
  };
  runpages.collator = collator;
})();
