/* The live table: takes over the server's <table>, draws the rows in sight, and says what the reader did to them.

   const table = runpages.table(root elements {scroll, table}, on)
     on: {sort(id, add), move(id, by), place(id, before), width(id, pixels), more(button), select(runs, wanted), open(key), base(run), hover(run | null),
          card(cell, row, column id), copy(row, column id)}
   table.show(items, view)     items: run numbers, {group fields}, {run, inside: true} and tree.js's; view as in cells.js
   table.refresh()             the same rows again (selection or baseline changed)
   table.widthOf(id)           pixels of a column
*/
(function () {
  "use strict";
  const MANY_CELLS = 6000; // below this every cell is in the page, so that the browser's own find sees them
  const SPARE_PIXELS = 120; // columns drawn beyond either edge, so that the keyboard can walk on
  const SPARE_ROWS = 6;

  class Table {
    constructor({ scroll, table }, on) {
      Object.assign(this, { scroll, table, on, items: [], view: null, height: 33, first: 0, last: 0, anchor: null });
      this.body = table.tBodies[0];
      this.listen();
    }

    listen() {
      let waiting = false;
      const later = () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
          waiting = false;
          this.draw(false);
        });
      };
      this.scroll.addEventListener("scroll", later, { passive: true });
      window.addEventListener("resize", () => {
        this.seen = null;
        later();
      });
      window.addEventListener("beforeprint", () => this.draw(true, true));
      window.addEventListener("afterprint", () => this.draw(true));
      this.table.addEventListener("click", (event) => this.click(event));
      this.keys = runpages.keys(this);
      this.table.addEventListener("mouseover", (event) => this.hover(event));
      this.table.addEventListener("mouseleave", () => this.hover(null));
      this.table.addEventListener("focusin", (event) => this.hover(event));
      runpages.grips(this.table, { width: this.on.width, place: this.on.place });
    }

    show(items, view) {
      this.look();
      Object.assign(this, { items, view, cells: runpages.cells(view) });
      this.anchor = null;
      this.measure();
      this.keepFocus(() => this.draw(true));
    }

    refresh() {
      this.look();
      this.keepFocus(() => this.draw(true));
    }

    // sizes are read before anything is written: each reading after a change lays the whole table out again
    look() {
      if (!this.letter) {
        this.letter = letterWidth(this.table);
        this.body.replaceChildren(); // the server's rows: laying them out once more would be for nothing
      }
      if (!this.seen) this.seen = { width: this.scroll.clientWidth, height: innerHeight, head: this.table.tHead.offsetHeight };
      this.top = this.scroll.scrollTop;
      this.left = this.scroll.scrollLeft;
    }

    measure() {
      const { table, view } = this;
      const names = view.data.runs.name;
      const step = Math.max(1, Math.floor(names.length / 200));
      let most = 10;
      for (let i = 0; i < names.length; i += step) most = Math.max(most, names[i].length);
      if (view.grouped) most = Math.max(most, ...this.items.slice(0, 100).map((item) => (item.label || "").length));
      const narrow = this.seen.width < 500;
      const own = Math.min(narrow ? 15 : 34, most + 1) + (narrow ? 5 : 12);
      const all = [own, ...(view.grouped ? [6.2] : []), ...runpages.cells.widths(view, this.cells)];
      const ids = ["run:name", ...(view.grouped ? [""] : []), ...view.shown.map((column) => column.id)];
      const pixels = all.map((width, at) => view.widths.get(ids[at]) || Math.round(width * this.letter));
      // a long name gives way before a column is cut off at the edge
      const over = pixels.reduce((sum, width) => sum + width, 0) - this.seen.width;
      if (over > 0 && !view.widths.get("run:name")) pixels[0] = Math.max(Math.min(pixels[0], Math.round(28 * this.letter)), pixels[0] - over);
      this.sizes = new Map(ids.map((id, at) => [id, pixels[at]]));
      // the letters of names are narrower than the digit that `letter` measures
      this.cells.letters = Math.floor((pixels[0] / this.letter - (narrow ? 7 : 5)) * 1.1);
      this.setWidths(pixels);
      this.setPins(pixels[0]);
      table.setAttribute("aria-colcount", all.length);
      table.setAttribute("aria-rowcount", this.items.length + 1);
      table.classList.add("rp-live");
      this.wide = all.length;
    }

    // pinned columns stand beside the first one, each right of those before it
    setPins(left) {
      for (const [column, at] of this.view.pinned) {
        this.table.style.setProperty("--rp-left" + at, left + "px");
        left += this.sizes.get(column.id);
      }
    }

    widthOf(id) {
      return this.sizes.get(id) || 0;
    }

    setWidths(pixels) {
      const text = pixels.join();
      if (text === this.widths) return;
      this.widths = text;
      const columns = document.createElement("colgroup");
      for (const width of pixels) {
        const column = document.createElement("col");
        column.style.width = width + "px";
        columns.append(column);
      }
      this.table.querySelector("colgroup")?.remove();
      this.table.prepend(columns);
      this.table.style.minWidth = pixels.reduce((sum, width) => sum + width, 0) + "px";
    }

    span(whole) {
      const total = this.items.length;
      if (whole || total * this.wide <= MANY_CELLS) return [0, total];
      const top = Math.max(0, this.top - this.seen.head);
      const first = Math.max(0, Math.floor(top / this.height) - SPARE_ROWS);
      const seen = Math.ceil(this.seen.height / this.height);
      return [first, Math.min(total, first + seen + 2 * SPARE_ROWS)];
    }

    // the columns in sight, from the left edge and the width as they were looked up
    across(whole) {
      const { shown, grouped } = this.view;
      if (whole || this.items.length * this.wide <= MANY_CELLS) return [0, shown.length];
      let at = this.sizes.get("run:name") + (grouped ? this.sizes.get("") : 0);
      let from = shown.length;
      let to = 0;
      for (let k = 0; k < shown.length; k++) {
        const wide = this.sizes.get(shown[k].id);
        if (at + wide > this.left - SPARE_PIXELS && at < this.left + this.seen.width + SPARE_PIXELS) {
          from = Math.min(from, k);
          to = k + 1;
        }
        at += wide;
      }
      return [Math.min(from, to), to];
    }

    stays(first, last, from, to) {
      const near = first <= this.first + SPARE_ROWS / 2 && first >= this.first - SPARE_ROWS / 2 && last <= this.last + SPARE_ROWS / 2;
      return near && from >= this.from - 1 && from <= this.from + 1 && to <= this.to + 1 && to >= this.to - 1;
    }

    draw(force, whole = false) {
      if (!this.view) return;
      this.look();
      const [first, last] = this.span(whole);
      const [from, to] = this.across(whole);
      if (!force && this.stays(first, last, from, to)) return;
      const turned = force || from !== this.from || to !== this.to;
      Object.assign(this, { first, last, from, to });
      this.cells.aim(from, to);
      const rows = [];
      for (let at = first; at < last; at++) rows.push(this.row(at));
      const paint = () => {
        if (turned) this.table.tHead.innerHTML = this.cells.head();
        this.body.innerHTML = this.space(first) + rows.join("") + this.space(this.items.length - last);
      };
      if (force) paint();
      else this.keepFocus(paint);
      for (const row of this.body.querySelectorAll("tr[data-space]")) row.firstChild.style.height = row.dataset.space + "px";
      for (const box of this.body.querySelectorAll("[data-some]")) box.indeterminate = true;
      this.boxOfAll();
      this.keys.rove();
      if (!this.measured) this.learnHeight();
    }

    space(rows) {
      return rows > 0 ? `<tr class="rp-space" aria-hidden="true" data-space="${Math.round(rows * this.height)}"><td colspan="${this.wide}"></td></tr>` : "";
    }

    learnHeight() {
      const row = this.body.querySelector("tr[data-at]");
      const height = row ? row.getBoundingClientRect().height : 0;
      this.measured = height > 0;
      this.seen.height = this.scroll.clientHeight || innerHeight;
      if (height && Math.abs(height - this.height) > 0.05) {
        this.height = height;
        if (this.last - this.first < this.items.length) this.draw(true);
      }
    }

    row(at) {
      const item = this.items[at];
      const run = typeof item === "number" ? item : item.run;
      const { selected, base } = this.view;
      const chosen = base ? base.run : null;
      if (run === undefined) {
        const classes = [item.runs.some((one) => selected.has(one)) ? "rp-on" : "", chosen === item ? "rp-base" : ""];
        return `<tr class="rp-grouped ${classes.join(" ")}" data-at="${at}" aria-rowindex="${at + 2}">${this.cells.group(item)}</tr>`;
      }
      const classes = [selected.has(run) ? "rp-on" : "", chosen === run ? "rp-base" : ""];
      return `<tr class="${classes.join(" ")}" data-at="${at}" data-i="${run}" aria-rowindex="${at + 2}">${this.cells.run(run, item)}</tr>`;
    }

    runsAt(at) {
      const item = this.items[at];
      if (typeof item === "number") return [item];
      if (item.runs) return item.runs;
      return item.node && !item.open ? [item.run, ...item.below] : [item.run];
    }

    boxOfAll() {
      const box = this.table.tHead.querySelector("[data-all]");
      if (!box) return;
      let on = 0;
      let all = 0;
      for (const item of this.items) {
        for (const run of typeof item === "number" ? [item] : item.runs || (item.node ? [item.run] : [])) {
          all += 1;
          if (this.view.selected.has(run)) on += 1;
        }
      }
      box.checked = all > 0 && on === all;
      box.indeterminate = on > 0 && on < all;
    }

    click(event) {
      const target = event.target.closest("button, input");
      if (!target) return this.ask(event);
      const { sort, open, base, all, run, group, more } = target.dataset;
      if (sort) this.on.sort(sort, event.shiftKey);
      else if (more) this.on.more(target);
      else if (open !== undefined) this.on.open(open);
      else if (base) this.on.base(Number(base));
      else if (all !== undefined) this.on.select(this.items.flatMap((_, at) => this.runsAt(at)), target.checked);
      else if (run || group !== undefined) this.tick(Number(target.closest("tr").dataset.at), target.checked, event.shiftKey);
    }

    // a click on a value, not one that ends a selection of text
    ask(event) {
      const cell = event.target.closest("td");
      const place = cell && !event.target.closest("a") && !String(getSelection()) && this.keys.placeOf(cell);
      if (place && place.at >= 0 && place.id) this.on.card(cell, place.at, place.id);
    }

    tick(at, wanted, range) {
      const from = range && this.anchor !== null ? this.anchor : at;
      const runs = [];
      for (let i = Math.min(from, at); i <= Math.max(from, at); i++) runs.push(...this.runsAt(i));
      this.anchor = at;
      this.on.select(runs, wanted);
    }

    // the row and the column in sight, drawn
    reach(at, id) {
      const { scroll } = this;
      if (at >= 0) {
        const head = this.table.tHead.offsetHeight;
        const top = at * this.height;
        if (top < scroll.scrollTop) scroll.scrollTop = top;
        else if (top + this.height + head > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = top + this.height + head - scroll.clientHeight;
      }
      this.reachColumn(id);
      this.draw(at >= 0 && (at < this.first || at >= this.last));
    }

    reachColumn(id) {
      const { shown, pinned, grouped } = this.view;
      const k = shown.findIndex((column) => column.id === id);
      if (k < pinned.size) return;
      const wide = (column) => this.sizes.get(column.id);
      const still = this.sizes.get("run:name") + shown.slice(0, pinned.size).reduce((sum, column) => sum + wide(column), 0);
      const left = this.sizes.get("run:name") + (grouped ? this.sizes.get("") : 0) + shown.slice(0, k).reduce((sum, column) => sum + wide(column), 0);
      const right = left + wide(shown[k]);
      const { scrollLeft, clientWidth } = this.scroll;
      if (left - still < scrollLeft) this.scroll.scrollLeft = left - still;
      else if (right > scrollLeft + clientWidth) this.scroll.scrollLeft = right - clientWidth;
    }

    hover(event) {
      const row = event && event.target.closest("tr[data-i]");
      const run = row ? Number(row.dataset.i) : null;
      if (run === this.hovered) return;
      this.hovered = run;
      this.on.hover(run);
    }

    // rows are drawn anew; what had the focus gets it back
    keepFocus(work) {
      const had = this.table.contains(document.activeElement) ? document.activeElement : null;
      const cell = had && had.matches("td");
      const [name, value] = (had && Object.entries(had.dataset).find(([key]) => ["run", "group", "open", "sort", "all", "base", "more"].includes(key))) || [];
      work();
      if (cell && this.keys.focus()) return;
      if (!name) return;
      const again = [...this.table.querySelectorAll(`[data-${name}]`)].find((element) => element.dataset[name] === value);
      (again || this.scroll).focus({ preventScroll: true });
    }
  }

  // measured without laying anything out
  function letterWidth(table) {
    const { fontStyle, fontWeight, fontSize, fontFamily } = getComputedStyle(table);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
    return pen.measureText("0".repeat(50)).width / 50;
  }

  runpages.table = (elements, on) => new Table(elements, on);
})();
