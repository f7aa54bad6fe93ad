/* The Compare page: what the reader sets goes through state into rows, table and charts.

   One Compare object holds the settings (all of them are in the address), and redraws from the first step that a change touches:
   pick (filter, search, reducer) -> arrange (group, sort) -> show (columns, baseline) -> mark (selection).
*/
(function () {
  "use strict";
  const { count } = runpages.format;
  const { state, rows } = runpages;
  const BEST = 10;
  const LINK_LIMIT = 300; // more selected runs than this make a link too long to send
  const MANY_VALUES = 100; // a column with more values than this gives no groups worth reading
  const byId = (id) => document.getElementById(id);

  function fewValues(values, limit) {
    const seen = new Set();
    for (const value of values) if (seen.add(value).size >= limit) return false;
    return true;
  }

  class Compare {
    constructor(data) {
      this.data = data;
      this.columns = runpages.columns(data);
      this.numberOf = new Map(data.runs.key.map((key, i) => [key, i]));
      this.opened = new Set();
      this.selected = new Set();
      this.table = runpages.table({ scroll: byId("rp-scroll"), table: byId("rp-runs") }, this.answers());
      this.chooser = runpages.choose(byId("rp-columns-list"), { columns: this.columns, shown: () => this.shown, change: (list) => this.setColumns(list) });
      this.fill();
      this.listen();
      this.restore();
    }

    answers() {
      return {
        sort: (id, add) => this.sortBy(id, add),
        move: (id, by) => this.move(id, by),
        select: (runs, wanted) => this.select(runs, wanted),
        open: (key) => this.open(key),
        base: (run) => this.setBase(this.base === run ? null : run),
        hover: (run) => runpages.charts?.highlight?.(run),
      };
    }

    // choices that depend on the data
    fill() {
      const add = (list, value, text) => list.append(new Option(text, value));
      const group = byId("rp-group");
      const told = this.columns.all.filter((column) => column.differs && ["param", "tag"].includes(column.kind));
      if (told.some((column) => column.seed)) add(group, "seed", "everything but the seed");
      for (const id of ["run:group", "run:tracker", "run:status"]) {
        const column = this.columns.get(id);
        if (column.differs) add(group, id, column.label);
      }
      for (const column of told) if (fewValues(column.raw(""), Math.min(MANY_VALUES, this.columns.count))) add(group, column.id, column.label);
      for (const reducer of this.columns.reducers) add(byId("rp-reducer"), reducer, { best: "their best", last: "the last", first: "the first", min: "the lowest", max: "the highest", mean: "the mean" }[reducer]);
    }

    listen() {
      const typed = (id, key) => byId(id).addEventListener("input", (event) => this.set({ [key]: event.target.value }));
      typed("rp-filter", "q");
      typed("rp-find", "s");
      byId("rp-group").addEventListener("change", (event) => this.set({ group: event.target.value }));
      byId("rp-reducer").addEventListener("change", (event) => this.set({ red: event.target.value === "best" ? "" : event.target.value }));
      byId("rp-bar").addEventListener("submit", (event) => event.preventDefault());
      byId("rp-columns").addEventListener("toggle", (event) => event.target.open && this.chooser.draw());
      byId("rp-export").addEventListener("click", (event) => this.take(event.target.dataset.export));
      runpages.suggest(byId("rp-filter"), byId("rp-filter-list"), { offer: runpages.offers(this.columns), chosen: (q) => this.set({ q }) });
      document.addEventListener("runpages:highlight", (event) => this.light(event.detail));
      state.onChange(() => this.restore());
    }

    set(values) {
      state.set(values);
      this.pick();
    }

    // the address says everything; what it leaves out is as on the first visit
    restore() {
      byId("rp-filter").value = state.get("q");
      byId("rp-find").value = state.get("s");
      byId("rp-group").value = state.get("group");
      byId("rp-reducer").value = state.get("red") || "best";
      this.base = this.numberOf.get(state.get("base")) ?? null;
      const ids = state.get("cols");
      this.shown = ids ? ids.split(",").map((id) => this.columns.get(decodeURIComponent(id))).filter(Boolean) : this.columns.first();
      const sort = state.get("sort");
      this.keys = sort ? [...sort.matchAll(/(.+?):(asc|desc)(?:,|$)/g)].map(([, id, way]) => ({ id, down: way === "desc" })) : this.firstSort();
      this.keys = this.keys.filter((key) => this.columns.get(key.id));
      this.selected.clear();
      this.pick();
      const keys = state.get("sel");
      const wanted = keys === "none" ? [] : keys ? keys.split(",").map((key) => this.numberOf.get(key)).filter((run) => run !== undefined) : this.bestTen();
      wanted.forEach((run) => this.selected.add(run));
      this.mark();
    }

    firstSort() {
      const main = this.columns.get(this.data.main);
      return main ? [{ id: main.id, down: main.direction !== "min" }] : [];
    }

    bestTen() {
      return this.runs.length ? [...rows.sort(this.runs, this.firstSort(), this.columns, this.reducer)].slice(0, BEST) : [];
    }

    pick() {
      this.reducer = state.get("red") || "best";
      const input = byId("rp-filter");
      const error = byId("rp-filter-error");
      try {
        this.picked = rows.pick(this.columns, { q: state.get("q"), s: state.get("s"), reducer: this.reducer });
        error.textContent = "";
        input.removeAttribute("aria-invalid");
      } catch (problem) {
        if (!(problem instanceof runpages.filter.Error)) throw problem;
        // half a word is no mistake: what was shown stays, the sentence says what is missing
        error.textContent = problem.message + " The table shows the last filter that worked.";
        input.setAttribute("aria-invalid", "true");
        if (!this.picked) this.picked = rows.pick(this.columns, { q: "", s: "", reducer: this.reducer });
      }
      this.runs = this.picked.runs;
      this.arrange();
    }

    arrange() {
      const by = rows.grouping(state.get("group"), this.columns);
      this.grouped = by.length > 0;
      if (!this.grouped) {
        this.groups = [];
        this.items = [...rows.sort(this.runs, this.keys, this.columns, this.reducer)];
      } else {
        this.groups = rows.sortGroups(rows.group(this.runs, by), this.keys, this.columns, this.reducer);
        this.items = this.groups.flatMap((one) => this.unfold(one));
      }
      this.show();
    }

    unfold(one) {
      one.open = this.opened.has(one.key);
      if (!one.open) return [one];
      return [one, ...Array.from(rows.sort(one.runs, this.keys, this.columns, this.reducer), (run) => ({ run, inside: true }))];
    }

    show() {
      const shown = this.grouped ? this.shown.filter((column) => !column.seed) : this.shown;
      this.view = {
        data: this.data,
        store: this.columns,
        shown,
        reducer: this.reducer,
        keys: this.keys,
        best: this.best(shown),
        base: this.baseline(),
        grouped: this.grouped,
        selected: this.selected,
      };
      this.table.show(this.items, this.view);
      this.say();
    }

    best(shown) {
      const found = new Map();
      for (const column of shown) {
        if (!column.direction) continue;
        const sign = column.direction === "max" ? 1 : -1;
        const numbers = column.numbers(this.reducer);
        let top = -Infinity;
        if (this.grouped) for (const one of this.groups) top = Math.max(top, sign * (rows.summary(numbers, one.runs).mean || -Infinity));
        else for (const run of this.runs) if (sign * numbers[run] > top) top = sign * numbers[run];
        if (Number.isFinite(top) && (this.grouped ? this.groups : this.runs).length > 1) found.set(column, sign * top);
      }
      return found;
    }

    baseline() {
      if (this.base === null) return null;
      if (!this.grouped) return { run: this.base, value: (column) => column.numbers(this.reducer)[this.base] };
      const own = this.groups.find((one) => one.runs.includes(this.base));
      if (!own) return null;
      return { run: own, value: (column) => rows.summary(column.numbers(this.reducer), own.runs).mean };
    }

    say() {
      const { length } = this.runs;
      const all = this.columns.count;
      const groups = this.grouped ? `, ${count(this.groups.length)} group${this.groups.length === 1 ? "" : "s"}` : "";
      byId("rp-count").textContent = (length === all ? `${count(all)} run${all === 1 ? "" : "s"}` : `${count(length)} of ${count(all)} runs`) + groups;
      const hidden = this.columns.all.filter((column) => !column.differs && column.kind !== "run").length;
      byId("rp-under").textContent = hidden ? `${count(hidden)} column${hidden === 1 ? " is" : "s are"} the same in every run and left out.` : "";
      const said = byId("rp-said");
      said.replaceChildren();
      if (!length) this.sayEmpty(said);
      else if (this.base !== null) said.append(`Differences are to ${this.data.runs.name[this.base]}. `, button("No baseline", () => this.setBase(null)));
    }

    sayEmpty(said) {
      const { removed } = this.picked;
      said.append("No run is left. ");
      if (!removed || !removed.text) return;
      const what = document.createElement("code");
      what.textContent = removed.text;
      const last = removed.search ? "The search " : "The condition ";
      said.append(last, what, ` removed the last ${removed.before ? count(removed.before) : ""}. `, button("Take it out", () => this.undo(removed)));
    }

    undo(removed) {
      const q = state.get("q");
      if (removed.search) byId("rp-find").value = "";
      else byId("rp-filter").value = (q.slice(0, removed.start).replace(/\s*(and|&&)\s*$/i, "") + " " + q.slice(removed.end)).trim().replace(/^(and|&&)\s+/i, "");
      this.set({ q: byId("rp-filter").value, s: byId("rp-find").value });
      byId(removed.search ? "rp-find" : "rp-filter").focus();
    }

    sortBy(id, add) {
      const column = this.columns.get(id);
      const first = column.direction === "max" || (column.kind === "metric" && column.direction !== "min");
      const key = this.keys.find((one) => one.id === id);
      const others = add ? this.keys.filter((one) => one.id !== id) : [];
      if (!key) this.keys = [...others, { id, down: first }];
      else if (key.down === first) this.keys = add ? this.keys.map((one) => (one.id === id ? { id, down: !first } : one)) : [{ id, down: !first }];
      else this.keys = others;
      state.set({ sort: this.keys.map((one) => `${one.id}:${one.down ? "desc" : "asc"}`).join(",") });
      this.arrange();
    }

    setColumns(list) {
      this.shown = list || this.columns.first();
      state.set({ cols: list ? list.map((column) => column.id.replace(/[%,]/g, encodeURIComponent)).join(",") : "" });
      this.show();
    }

    move(id, by) {
      const at = this.shown.findIndex((column) => column.id === id);
      const to = at + by;
      if (at < 0 || to < 0 || to >= this.shown.length) return;
      const list = [...this.shown];
      [list[at], list[to]] = [list[to], list[at]];
      this.setColumns(list);
    }

    select(runs, wanted) {
      for (const run of runs) {
        if (wanted) this.selected.add(run);
        else this.selected.delete(run);
      }
      const keys = [...this.selected].sort((a, b) => a - b).map((run) => this.data.runs.key[run]);
      state.set({ sel: keys.length > LINK_LIMIT ? "" : keys.join(",") || "none" });
      this.mark();
    }

    mark() {
      this.table.refresh();
      runpages.charts?.select?.([...this.selected].sort((a, b) => a - b));
    }

    open(key) {
      if (this.opened.has(key)) this.opened.delete(key);
      else this.opened.add(key);
      this.arrange();
    }

    setBase(run) {
      this.base = run;
      state.set({ base: run === null ? "" : this.data.runs.key[run] });
      this.show();
    }

    // a line under the pointer lights its row
    light(run) {
      for (const row of byId("rp-runs").querySelectorAll("tr.rp-lit")) row.classList.remove("rp-lit");
      if (run !== null && run !== undefined) byId("rp-runs").querySelector(`tr[data-i="${Number(run)}"]`)?.classList.add("rp-lit");
    }

    take(what) {
      if (!what) return;
      const { takeaway } = runpages;
      const table = takeaway(this.items, this.view);
      const done = (ok) => {
        byId("rp-said").textContent = ok ? "Copied." : "The browser did not allow copying; save the file instead.";
      };
      byId("rp-export").open = false;
      byId("rp-export").querySelector("summary").focus();
      if (what === "file") takeaway.save("runs.csv", takeaway.csv(table));
      else takeaway.copy(what === "link" ? location.href : takeaway[what](table), done);
    }
  }

  function button(text, work) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "rp-plain-button";
    element.textContent = text;
    element.addEventListener("click", work);
    return element;
  }

  function begin() {
    const data = runpages.get("runs");
    if (!data || !byId("rp-compare")) return;
    runpages.controls.menus();
    runpages.controls.splitter();
    new Compare(data);
    runpages.controls.charts(state);
  }

  runpages.start("compare", begin);
})();
