/* How the table looks: which ±, differences in numbers or percent, shaded cells, and the pivot. Each setting is a key of the address.

   runpages.look(columns, state, changed) -> {read() -> {interval, percent, shaded, across, cells}}; changed() after the reader chose
*/
(function () {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const safe = (id) => id.replace(/[%,]/g, encodeURIComponent);
  const MOST = 40; // more columns than this are no pivot anybody reads

  class Look {
    constructor(columns, state, changed) {
      Object.assign(this, { columns, state });
      this.fill();
      const listen = (id, key, value) =>
        byId(id).addEventListener("change", (event) => {
          state.set({ [key]: value(event.target) });
          changed(key);
        });
      listen("rp-interval", "pm", (field) => (field.value === "std" ? "" : field.value));
      listen("rp-differences", "diff", (field) => (field.value === "percent" ? "percent" : ""));
      listen("rp-shaded", "heat", (field) => (field.checked ? "1" : ""));
      listen("rp-across", "px", (field) => field.value);
      listen("rp-cells", "pv", (field) => safe(field.value));
    }

    fill() {
      const few = (column) => {
        const values = new Set();
        for (const value of column.raw("")) if (value !== null && values.add(value).size > MOST) return false;
        return values.size > 1;
      };
      const told = this.columns.all.filter((column) => column.differs && (["param", "tag"].includes(column.kind) || ["run:group", "run:tracker"].includes(column.id)) && few(column));
      byId("rp-across").append(...told.map((column) => new Option(column.label, column.id)));
      const cells = this.columns.all.filter((column) => runpages.values.measured(column) && column.type === "number");
      byId("rp-cells").append(...cells.map((column) => new Option(column.label, column.id)));
    }

    read() {
      const { state, columns } = this;
      const interval = ["sem", "ci"].find((kind) => kind === state.get("pm")) || "std";
      const across = columns.get(state.get("px")) || null;
      const wanted = state.get("pv").split(",").filter(Boolean).map((id) => columns.get(decodeURIComponent(id)));
      const cells = wanted.filter((column) => column && runpages.values.measured(column));
      if (!cells.length) cells.push(...[columns.get(byId("rp-runs").dataset.main) || columns.all.find(runpages.values.measured)].filter(Boolean));
      byId("rp-interval").value = interval;
      byId("rp-differences").value = state.get("diff") || "number";
      byId("rp-shaded").checked = Boolean(state.get("heat"));
      byId("rp-across").value = across ? across.id : "";
      byId("rp-cells").value = cells[0]?.id || "";
      byId("rp-cells").disabled = !across;
      return { interval, percent: state.get("diff") === "percent", shaded: Boolean(state.get("heat")), across: cells.length ? across : null, cells };
    }
  }

  runpages.look = (columns, state, changed) => new Look(columns, state, changed);
  runpages.look.safe = safe;
})();
