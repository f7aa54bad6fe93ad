/* The Compare page: what the reader sets goes through state into rows, table and charts.

   One Compare object holds the settings (all of them are in the address), and redraws from the first step that a change touches:
   pick (filter, search, reducer) -> arrange (group, tree, sort) -> show (columns, pivot, baseline) -> mark (selection).

   runpages.compare.narrow(text)   adds a condition of the filter language (a brush in a chart says "val/loss < 0.3")
*/
(function () {
  "use strict";
  const { state, rows } = runpages;
  const BEST = 10;
  const LINK_LIMIT = 300; // more selected runs than this make a link too long to send
  const MANY_VALUES = 100; // a column with more values than this gives no groups worth reading
  const WORDS = { best: "their best", last: "the last", first: "the first", min: "the lowest", max: "the highest", mean: "the mean" };
  const byId = (id) => document.getElementById(id);
  const worded = (reducer) => WORDS[reducer] || "at best " + reducer.slice(3);

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
      this.chooser = runpages.choose(byId("rp-columns-list"), { columns: this.columns, shown: () => this.arranged.shown, change: (list) => this.setColumns(list) });
      this.card = runpages.card(byId("rp-card"));
      this.look = runpages.look(this.columns, state, () => this.pick());
      this.arranged = runpages.arranged(this.columns, state);
      this.fill();
      this.listen();
      this.restore();
    }

    answers() {
      const redraw = (work) => (...what) => {
        const id = work(...what);
        this.pick();
        return id;
      };
      this.menu = runpages.colmenu(byId("rp-colmenu"), {
        reducers: this.columns.reducers,
        say: worded,
        facts: (id) => this.arranged.facts(id, this.view),
        act: (id, what, value) => this.act(id, what, value),
      });
      return {
        sort: (id, add) => this.sortBy(id, add),
        move: redraw((id, by) => this.arranged.move(id, by)),
        place: redraw((id, before) => this.arranged.place(id, before)),
        width: (id, pixels) => {
          this.arranged.width(id, pixels);
          this.show();
        },
        more: (button) => this.menu.open(button),
        select: (runs, wanted) => this.select(runs, wanted),
        open: (key) => this.open(key),
        base: (run) => this.setBase(this.isBase(run) ? null : run),
        card: (cell, at, id) => this.tell(cell, at, id),
        copy: (at, id) => this.copyCell(at, id),
        hover: (run) => {
          runpages.charts?.highlight?.(run);
          runpages.kinds?.light(run);
        },
      };
    }

    placed(at, id) {
      const item = this.items[at];
      return [{ item, run: typeof item === "number" ? item : item.run }, this.view.shown.find((column) => column.id === id)];
    }

    tell(cell, at, id) {
      const [place, column] = this.placed(at, id);
      if (column && column.type !== "spark") this.card.open(cell, place, column, this.view);
    }

    copyCell(at, id) {
      const [place, column] = this.placed(at, id);
      if (column && column.type !== "spark") this.copied(this.card.text(place, column, this.view));
    }

    copied(text) {
      runpages.takeaway.copy(text, (ok) => {
        byId("rp-said").textContent = ok ? "Copied." : "The browser did not allow copying; save the file instead.";
      });
    }

    // choices that depend on the data
    fill() {
      const add = (list, value, text) => list.append(new Option(text, value));
      const group = byId("rp-group");
      const told = this.columns.all.filter((column) => column.differs && ["param", "tag"].includes(column.kind));
      const { configuration, parent } = this.data.runs;
      if (told.some((column) => column.seed) || new Set(configuration).size < configuration.length) add(group, "seed", "all but the seed");
      if (parent.some((run) => run >= 0)) add(group, "tree", "parent run (tree)");
      for (const id of ["run:group", "run:tracker", "run:status"]) {
        const column = this.columns.get(id);
        if (column.differs) add(group, id, column.label);
      }
      for (const column of told) if (fewValues(column.raw(""), Math.min(MANY_VALUES, this.columns.count))) add(group, runpages.look.safe(column.id), column.label);
      for (const reducer of this.columns.reducers) add(byId("rp-reducer"), reducer, worded(reducer));
    }

    listen() {
      const typed = (id, key) => byId(id).addEventListener("input", (event) => this.set({ [key]: event.target.value }));
      typed("rp-filter", "q");
      typed("rp-find", "s");
      byId("rp-group").addEventListener("change", (event) => this.set({ group: event.target.value }));
      byId("rp-reducer").addEventListener("change", (event) => this.set({ red: event.target.value === "best" ? "" : event.target.value }));
      byId("rp-bar").addEventListener("submit", (event) => event.preventDefault());
      byId("rp-columns").addEventListener("toggle", (event) => event.target.open && this.chooser.draw());
      byId("rp-export").addEventListener("click", (event) => this.take(event.target.dataset.export, event.target.dataset.file));
      runpages.suggest(byId("rp-filter"), byId("rp-filter-list"), { offer: runpages.offers(this.columns), chosen: (q) => this.set({ q }) });
      document.addEventListener("runpages:highlight", (event) => this.light(event.detail));
      document.addEventListener("rp-run", (event) => this.light(event.detail.run));
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
      byId("rp-reducer").value = state.get("red") || "best";
      this.base = this.numberOf.get(state.get("base")) ?? null;
      this.arranged.restore();
      const sort = state.get("sort");
      this.keys = sort && sort !== "none" ? [...sort.matchAll(/(.+?):(asc|desc)(?:,|$)/g)].map(([, id, way]) => ({ id, down: way === "desc" })) : sort ? [] : this.firstSort();
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
      const first = this.firstSort();
      const sorted = !this.grouped && typeof this.items[0] === "number" && JSON.stringify(first) === JSON.stringify(this.keys);
      return [...(sorted ? this.items : rows.sort(this.runs, first, this.columns, this.reducer)).slice(0, BEST)];
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
      this.settings = this.look.read();
      const { across, cells } = this.settings;
      this.pivots = across ? runpages.pivot(across, cells) : null;
      const known = new Map((this.pivots || []).map((column) => [column.id, column]));
      // pivot columns are columns too, as long as the pivot stands
      this.store = { ...this.columns, twins: this.columns.twins, get: (id) => known.get(id) || this.columns.get(id) };
      this.keys = this.keys.filter((key) => this.store.get(key.id) || key.id.startsWith("pivot:"));
      const by = this.groupBy();
      const how = rows.grouping(by, this.columns, this.data, across);
      this.grouped = Boolean(how);
      this.groups = how ? rows.sortGroups(rows.group(this.runs, how), this.keys, this.store, this.reducer) : [];
      const order = (runs) => rows.sort(runs, this.keys, this.store, this.reducer);
      if (how) this.items = this.groups.flatMap((one) => this.unfold(one, order));
      else if (by === "tree") this.items = runpages.tree.items(this.runs, this.data, this.opened, order);
      else this.items = [...order(this.runs)];
      this.show();
    }

    // a pivot without groups would be one filled cell a row
    groupBy() {
      const list = byId("rp-group");
      const by = state.get("group") || (this.pivots ? "seed" : "");
      if (by && ![...list.options].some((option) => option.value === by)) list.append(new Option(by.split(",").map((id) => this.columns.get(decodeURIComponent(id))?.label || id).join(", "), by));
      list.value = by;
      return by;
    }

    unfold(one, order) {
      one.open = this.opened.has(one.key);
      return one.open ? [one, ...Array.from(order(one.runs), (run) => ({ run, inside: true }))] : [one];
    }

    show() {
      const { interval, percent, shaded } = this.settings;
      const chosen = this.pivots || this.arranged.inOrder();
      const shown = this.grouped ? chosen.filter((column) => !column.seed) : chosen;
      const { data, store, reducer, keys, grouped, groups, runs, selected } = this;
      this.view = { data, store, shown, reducer, keys, grouped, groups, runs, selected, interval, percent, shaded, pinned: this.arranged.pinnedOf(shown), widths: this.arranged.widths };
      this.view.base = this.baseline();
      this.view.values = runpages.values(this.view);
      this.table.show(this.items, this.view);
      this.say();
      document.dispatchEvent(new CustomEvent("rp-shown"));
    }

    baseline() {
      if (this.base === null) return null;
      const own = this.grouped ? this.groups.find((one) => one.runs.includes(this.base)) : null;
      if (this.grouped && !own) return null;
      const kept = new Map();
      const make = (column) => runpages.interval.summary(column.numbers(this.reducer), own ? own.runs : [this.base], this.columns.twins);
      const sample = (column) => kept.get(column) || kept.set(column, make(column)).get(column);
      return { number: this.base, run: own || this.base, sample };
    }

    isBase(run) {
      return this.base === run || (this.grouped && this.view.base && this.view.base.run.runs.includes(run));
    }

    say() {
      runpages.said.counts({ count: byId("rp-count"), under: byId("rp-under") }, this, { group: () => this.set({ group: "seed" }) });
      runpages.said.state(byId("rp-said"), this, { undo: (removed) => this.undo(removed), noBase: () => this.setBase(null) });
    }

    undo(removed) {
      if (removed.search) byId("rp-find").value = "";
      else byId("rp-filter").value = runpages.said.without(state.get("q"), removed);
      this.set({ q: byId("rp-filter").value, s: byId("rp-find").value });
      byId(removed.search ? "rp-find" : "rp-filter").focus();
    }

    narrow(text) {
      const before = state.get("q").trim();
      const whole = before ? (/\bor\b|\|\|/i.test(before) ? `(${before}) and ${text}` : `${before} and ${text}`) : text;
      byId("rp-filter").value = whole;
      this.set({ q: whole });
    }

    sortBy(id, add, way) {
      const column = this.store.get(id);
      const first = column.direction === "max" || (column.kind === "metric" && column.direction !== "min");
      const key = this.keys.find((one) => one.id === id);
      const others = add ? this.keys.filter((one) => one.id !== id) : [];
      if (way !== undefined) this.keys = [...others, { id, down: way }];
      else if (!key) this.keys = [...others, { id, down: first }];
      else if (key.down === first) this.keys = add ? this.keys.map((one) => (one.id === id ? { id, down: !first } : one)) : [{ id, down: !first }];
      else this.keys = others;
      state.set({ sort: this.keys.map((one) => `${one.id}:${one.down ? "desc" : "asc"}`).join(",") || "none" });
      this.arrange();
    }

    // what the menu of a column asks for; the id of the column it became
    act(id, what, value) {
      if (what === "asc" || what === "desc") return this.sortBy(id, false, what === "desc");
      if (what === "further") return this.sortBy(id, true);
      const next = this.arranged.act(id, what, value, this.table.widthOf(id));
      this.pick();
      return next;
    }

    setColumns(list) {
      this.arranged.set(list);
      this.show();
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
      document.dispatchEvent(new CustomEvent("rp-shown"));
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

    take(what, file) {
      if (!what) return;
      const { takeaway, saved } = runpages;
      byId("rp-export").open = false;
      byId("rp-export").querySelector("summary").focus();
      const text = what === "link" ? location.href : what === "yaml" ? saved.yaml(state, this.data, document.title.split(" - ")[0] === "Compare" ? "My view" : document.title.split(" - ")[0]) : takeaway[what](takeaway(this.items, this.view));
      if (file) takeaway.save(file, text);
      else this.copied(text);
    }
  }

  function begin() {
    const data = runpages.get("runs");
    if (!data || !byId("rp-compare")) return;
    runpages.controls.menus();
    runpages.controls.splitter();
    runpages.compare = new Compare(data);
    runpages.chartbar(state);
  }

  runpages.start("compare", begin);
})();
