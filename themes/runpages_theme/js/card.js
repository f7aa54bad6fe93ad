/* Where a cell's value comes from: its run or runs, how it was read, the step, the files. One box for all cells, beside the cell that asked.

   runpages.card(box) -> {open(cell, item, column, view), close(back), text(item, column, view)}
     text(...)   what a copy of the cell says: "0.912 ± 0.004 (n=5)"; of one run the whole number
*/
(function () {
  "use strict";
  const { full, count } = runpages.format;
  const { measured } = runpages.values;
  const MOST = 8; // runs listed of a group

  function text({ item, run }, column, view) {
    if (run !== undefined) return column.type === "number" && column.kind !== "run" ? full(column.raw(view.reducer)[run]) : column.text(run, view.reducer);
    const cell = view.values.group(column, item);
    return cell.n && cell.sample ? `${cell.text} (n=${cell.n})` : cell.text;
  }

  function make(name, words, parent, className = "") {
    const element = document.createElement(name);
    element.textContent = words;
    if (className) element.className = className;
    parent.append(element);
    return element;
  }

  function link(run, view, parent) {
    const { runs } = view.data;
    const made = make("a", runs.name[run], parent);
    made.href = runpages.root + runs.page[run];
    return made;
  }

  // "best (highest) at step 1,200, of 500 points"
  function reading(column, run, view) {
    if (!column.reduces) return { param: "parameter, as it was logged", tag: "tag", result: "result, as the tracker holds it" }[column.kind] || "";
    const used = column.reducer(view.reducer);
    const way = used === "best" ? ` (${column.direction === "max" ? "highest" : "lowest"})` : "";
    const step = column.stepOf(view.reducer, run);
    const points = column.of("count")?.[run];
    const at = step === null ? "" : ` at ${column.step_name || "step"} ${count(step)}`;
    return column.says(view.reducer) + way + at + (points ? `, of ${count(points)} point${points === 1 ? "" : "s"}` : "");
  }

  function terms(pairs, parent) {
    const list = make("dl", "", parent, "rp-card-facts");
    for (const [term, words] of pairs) {
      if (!words) continue;
      make("dt", term, list);
      if (typeof words === "string") make("dd", words, list);
      else words(make("dd", "", list));
    }
  }

  function ofRun(run, column, view, box) {
    const { runs } = view.data;
    const delta = view.base && !view.grouped ? view.values.delta(column, view.values.run(column, run), run) : null;
    terms([
      ["run", (place) => link(run, view, place)],
      ["read as", reading(column, run, view)],
      ["against", delta && delta.title],
      ["tracker", runs.tracker[run]],
      ["from", runs.source && runs.source[run]],
    ], box);
  }

  function ofGroup(one, column, view, box) {
    const cell = view.values.group(column, one);
    terms([["group", one.label], ["exactly", cell.title], ["read as", column.reduces ? column.says(view.reducer) : ""]], box);
    const list = make("ul", "", box, "rp-card-runs");
    for (const run of one.runs.slice(0, MOST)) {
      const item = make("li", "", list);
      link(run, view, item);
      make("span", column.text(run, view.reducer), item);
    }
    if (one.runs.length > MOST) make("li", `and ${count(one.runs.length - MOST)} more`, list);
  }

  class Card {
    constructor(box) {
      Object.assign(this, { box, from: null });
      box.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        this.close(true);
      });
      document.addEventListener("pointerdown", (event) => {
        if (!box.hidden && !box.contains(event.target)) this.close(false);
      });
      document.addEventListener("scroll", (event) => !box.hidden && !box.contains(event.target) && this.close(false), { capture: true, passive: true });
    }

    open(cell, at, column, view) {
      const { box } = this;
      this.from = cell;
      cell.tabIndex = -1;
      box.replaceChildren();
      make("p", column.label, box);
      const said = text(at, column, view);
      make("p", at.run === undefined || measured(column) ? said : column.text(at.run, view.reducer), box, "rp-card-value");
      if (at.run === undefined) ofGroup(at.item, column, view, box);
      else ofRun(at.run, column, view, box);
      const copy = make("button", `Copy ${said.length > 40 ? "the value" : said}`, box);
      copy.type = "button";
      copy.addEventListener("click", () => runpages.takeaway.copy(said, (ok) => (copy.textContent = ok ? "Copied." : "The browser did not allow copying.")));
      box.hidden = false;
      const place = cell.getBoundingClientRect();
      box.style.left = Math.max(4, Math.min(place.left, innerWidth - box.offsetWidth - 4)) + "px";
      box.style.top = Math.max(4, Math.min(place.bottom + 2, innerHeight - box.offsetHeight - 4)) + "px";
      copy.focus({ preventScroll: true });
    }

    close(back) {
      this.box.hidden = true;
      if (back && this.from) this.from.focus({ preventScroll: true });
    }
  }

  runpages.card = (box) => Object.assign(new Card(box), { text });
})();
