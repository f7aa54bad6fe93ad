/* The table by keyboard alone, as a grid: one stop for Tab, and arrows from there.

   runpages.keys(table)     table = table.js's
     arrows             from cell to cell, over the header's row too; with Shift up and down also choose rows
     Home, End          first and last column; with Ctrl also first and last row.  Page Up, Page Down: a screen of rows
     Space              chooses the row;  Enter on a run's name opens its page, on another cell says where the value comes from
     Ctrl+C             copies the cell;  Shift+F10 or the menu key opens the column's menu
     Alt+arrows         on a header move the column, with Shift make it wider
   Tab goes on to the buttons of the same row or header, then out of the table.
*/
(function () {
  "use strict";
  const STOPS = "a, button, input";

  class Keys {
    constructor(table) {
      this.owner = table;
      this.now = { at: -1, id: "run:name" };
      table.table.setAttribute("role", "grid");
      table.table.addEventListener("keydown", (event) => this.key(event));
      table.table.addEventListener("focusin", (event) => this.went(event.target));
    }

    ids() {
      const { grouped, shown } = this.owner.view;
      return ["run:name", ...(grouped ? [""] : []), ...shown.map((column) => column.id)];
    }

    // row (-1 for the header) and column of an element
    placeOf(element) {
      const cell = element.closest("th, td");
      const row = cell && cell.parentElement;
      if (!row) return null;
      const at = row.dataset.at === undefined ? -1 : Number(row.dataset.at);
      return { at, id: this.owner.table.tHead.rows[0].cells[cell.cellIndex]?.dataset.column ?? "" };
    }

    went(element) {
      const place = this.placeOf(element);
      if (!place) return;
      this.now = place;
      this.rove();
    }

    // one row and one header are stops for Tab: the current ones, or the first in sight
    rove() {
      const { body, table, first } = this.owner;
      const row = body.querySelector(`tr[data-at="${this.now.at}"]`) || body.querySelector(`tr[data-at="${first}"]`);
      const head = [...table.tHead.rows[0].cells].find((cell) => cell.dataset.column === this.now.id) || table.tHead.rows[0].cells[0];
      for (const stop of table.querySelectorAll(STOPS)) {
        const wanted = row?.contains(stop) || head.contains(stop) ? 0 : -1;
        if (stop.tabIndex !== wanted) stop.tabIndex = wanted;
      }
    }

    key(event) {
      const place = this.placeOf(event.target);
      if (!place || !this.owner.view) return;
      if (event.altKey) return this.arrange(event, place);
      const act = this.act(event, place);
      if (!act) return;
      event.preventDefault();
      act();
    }

    act(event, { at, id }) {
      const { owner } = this;
      const last = owner.items.length - 1;
      const ids = this.ids();
      const k = ids.indexOf(id);
      const { shiftKey: shift, ctrlKey, metaKey } = event;
      const control = ctrlKey || metaKey;
      const page = Math.max(1, Math.floor(owner.scroll.clientHeight / owner.height) - 2);
      const go = (row, column) => () => this.go(Math.max(-1, Math.min(last, row)), ids[Math.max(0, Math.min(ids.length - 1, column))]);
      const further = (row) => () => {
        if (shift && row >= 0 && row <= last) owner.tick(row, true, true);
        this.go(Math.max(-1, Math.min(last, row)), id);
      };
      const moves = {
        ArrowRight: go(at, k + 1),
        ArrowLeft: go(at, k - 1),
        ArrowDown: further(at + 1),
        ArrowUp: further(at - 1),
        Home: go(control ? 0 : at, 0),
        End: go(control ? last : at, ids.length - 1),
        PageDown: go(at + page, k),
        PageUp: go(Math.max(0, at - page), k),
        ContextMenu: () => this.menu(id),
      };
      if (event.key === "F10" && shift) return moves.ContextMenu;
      if (moves[event.key]) return moves[event.key];
      if (event.target.matches("input[type=checkbox]") && event.key === "Enter") return () => event.target.closest("tr").querySelector("a, .rp-open")?.click();
      if (!event.target.matches("td")) return null;
      if (event.key === "Enter") return () => owner.on.card(event.target, at, id);
      if (event.key === " ") return () => owner.tick(at, !event.target.parentElement.classList.contains("rp-on"), shift);
      return control && event.key === "c" && !String(getSelection()) ? () => owner.on.copy(at, id) : null;
    }

    arrange(event, { at, id }) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (at >= 0 || !by) return;
      event.preventDefault();
      if (event.shiftKey) this.owner.on.width(id, this.owner.widthOf(id) + 12 * by);
      else this.owner.on.move(id, by);
    }

    menu(id) {
      const button = [...this.owner.table.tHead.querySelectorAll("[data-more]")].find((one) => one.dataset.more === id);
      if (button) this.owner.on.more(button);
    }

    go(at, id) {
      const { owner } = this;
      this.now = { at, id };
      owner.reach(at, id);
      this.focus();
    }

    focus() {
      const { owner, now } = this;
      const row = now.at < 0 ? owner.table.tHead.rows[0] : owner.body.querySelector(`tr[data-at="${now.at}"]`);
      const column = [...owner.table.tHead.rows[0].cells].findIndex((cell) => (cell.dataset.column ?? "") === now.id && cell.tagName === "TH");
      const cell = row?.cells[column];
      if (!cell) return false;
      const stop = now.at < 0 ? cell.querySelector(".rp-sort, .rp-more") : now.id === "run:name" ? cell.querySelector("input") : null;
      if (!stop) cell.tabIndex = -1;
      (stop || cell).focus({ preventScroll: true });
      return true;
    }
  }

  runpages.keys = (table) => new Keys(table);
})();
