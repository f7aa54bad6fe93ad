/* Which columns stand where, how wide, and how they are read: the settings cols, pin, w and dir of the address.

   runpages.arranged(columns, state) -> {shown: [Column], widths: Map(id -> pixels), restore(), set([Column] | null), move(id, by), place(id, before),
     width(id, pixels), inOrder() -> pinned first, pinnedOf(shown) -> Map(column -> place), facts(id, view), act(id, what, value, pixels) -> id}
*/
(function () {
  "use strict";
  const PINS = 4; // more would leave no room for the rest
  const WIDE = [32, 900];
  const { safe } = runpages.look;
  const listed = (text) => text.split(",").filter(Boolean).map(decodeURIComponent);

  class Arranged {
    constructor(columns, state) {
      Object.assign(this, { columns, state, shown: [], pins: [], widths: new Map() });
    }

    restore() {
      const { columns, state } = this;
      const found = (key) => listed(state.get(key)).map((id) => columns.get(id)).filter(Boolean);
      columns.turn(this.ways());
      this.shown = state.get("cols") ? [...new Set(found("cols"))] : columns.first();
      this.pins = found("pin").slice(0, PINS);
      this.widths = new Map(listed(state.get("w")).map((pair) => [pair.slice(0, pair.lastIndexOf("*")), Number(pair.slice(pair.lastIndexOf("*") + 1))]).filter(([, pixels]) => pixels > 0));
    }

    ways() {
      const pairs = listed(this.state.get("dir")).map((pair) => [pair.slice(0, pair.lastIndexOf(":")), pair.slice(pair.lastIndexOf(":") + 1)]);
      return Object.fromEntries(pairs.map(([id, way]) => [id, way === "none" ? "" : way]).filter(([, way]) => ["max", "min", ""].includes(way)));
    }

    set(list) {
      this.shown = list ? [...new Set(list)] : this.columns.first();
      this.state.set({ cols: list ? this.shown.map((column) => safe(column.id)).join(",") : "" });
    }

    inOrder() {
      const pins = this.pins.filter((column) => this.shown.includes(column));
      return [...pins, ...this.shown.filter((column) => !pins.includes(column))];
    }

    pinnedOf(shown) {
      return new Map(this.pins.filter((column) => shown.includes(column)).map((column, at) => [column, at]));
    }

    move(id, by) {
      const list = this.inOrder();
      const at = list.findIndex((column) => column.id === id);
      const to = at + by;
      if (at < 0 || to < 0 || to >= list.length) return;
      [list[at], list[to]] = [list[to], list[at]];
      this.order(list);
    }

    place(id, before) {
      const column = this.columns.get(id);
      const list = this.inOrder().filter((one) => one !== column);
      const at = before ? list.findIndex((one) => one.id === before) : list.length;
      if (!column || at < 0) return;
      list.splice(at, 0, column);
      this.order(list);
    }

    order(list) {
      const pinned = this.pins.length;
      this.set(list);
      if (pinned) this.pin(list.filter((column) => this.pins.includes(column)));
    }

    pin(list) {
      this.pins = list.slice(0, PINS);
      this.state.set({ pin: this.pins.map((column) => safe(column.id)).join(",") });
    }

    width(id, pixels) {
      if (pixels) this.widths.set(id, Math.round(Math.min(WIDE[1], Math.max(WIDE[0], pixels))));
      else this.widths.delete(id);
      this.state.set({ w: [...this.widths].map(([one, wide]) => `${safe(one)}*${wide}`).join(",") });
    }

    facts(id, view) {
      const column = view.store.get(id);
      return { column, shown: column.fixed || "", pinned: this.pins.includes(column) };
    }

    act(id, what, value, pixels) {
      const column = this.columns.get(id);
      if (what === "width") this.width(id, Number(value) * pixels);
      else if (what === "move") this.move(id, Number(value));
      else if (what === "hide") this.set(this.shown.filter((one) => one !== column));
      else if (what === "turn") this.turn(column ? (column.base || column).id : id.replace(/^pivot:.*?:(?=(metric|result):)/, ""), value);
      else if (what === "pin") this.pin(this.pins.includes(column) ? this.pins.filter((one) => one !== column) : [...this.pins, column]);
      else if (what === "read" || (what === "beside" && value)) return this.read(column, value, what === "beside");
      return id;
    }

    read(column, reducer, beside) {
      const base = column.base || column;
      const next = reducer ? this.columns.get(`${base.id}@${reducer}`) : base;
      const at = this.shown.indexOf(column);
      const list = [...this.shown];
      list.splice(beside ? at + 1 : at, beside ? 0 : 1, next);
      if (this.pins.includes(column) && !beside) this.pin(this.pins.map((one) => (one === column ? next : one)));
      this.set(list);
      return next.id;
    }

    turn(id, way) {
      const ways = { ...this.ways(), [id]: way === "none" ? "" : way };
      const told = this.columns.get(id).told;
      const pairs = Object.entries(ways).filter(([one, now]) => one !== id || now !== told);
      this.state.set({ dir: pairs.map(([one, now]) => `${safe(one)}:${now || "none"}`).join(",") });
      this.columns.turn(this.ways());
    }
  }

  runpages.arranged = (columns, state) => new Arranged(columns, state);
})();
