/* Tables that a run logged: a head sorts the rows that are here, a field finds among them. What a page has not is in the file. */
(function () {
  "use strict";
  const LEAST = 6;

  // numbers by value, then words; what is empty stays last in both directions
  function key(cell) {
    const text = ((cell && (cell.title || cell.textContent)) || "").trim().replaceAll("−", "-");
    const value = cell && cell.classList.contains("rp-n") && text !== "" ? Number(text) : NaN;
    return { text, value: { nan: NaN, inf: Infinity, "-inf": -Infinity }[text] ?? value };
  }

  function compare(one, other, down) {
    if (!one.text || !other.text || one.text === "–" || other.text === "–") return (one.text && one.text !== "–" ? 0 : 1) - (other.text && other.text !== "–" ? 0 : 1);
    const numbers = Number.isNaN(one.value) || Number.isNaN(other.value) ? null : one.value - other.value;
    const order = numbers === null ? one.text.localeCompare(other.text, "en", { numeric: true }) : numbers || 0;
    return down ? -order : order;
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const before = [...body.rows];
    [...table.tHead.rows[0].cells].forEach((head, at) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "rp-sorts" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") || "none"];
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        if (next !== "none") head.setAttribute("aria-sort", next);
        const keyed = before.map((row) => [row, key(row.cells[at])]);
        if (next !== "none") keyed.sort((one, other) => compare(one[1], other[1], next === "descending"));
        body.append(...keyed.map(([row]) => row));
      });
    });
  }

  function findable(table, box) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off", spellcheck: false });
    const said = document.createElement("span");
    const bar = Object.assign(document.createElement("div"), { className: "rp-findbar" });
    said.setAttribute("role", "status");
    label.append("Find ", input);
    bar.append(label, said);
    box.before(bar);
    const rows = [...table.tBodies[0].rows].map((row) => [row, row.textContent.toLowerCase()]);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let hits = 0;
      for (const [row, words] of rows) {
        row.hidden = !words.includes(wanted);
        hits += !row.hidden;
      }
      said.textContent = wanted ? hits + " of the " + rows.length + " rows here" : "";
    });
  }

  runpages.start("run-tables", () => {
    for (const box of document.querySelectorAll(".rp-grid")) {
      const table = box.querySelector("table");
      if (!table || !table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < 2) continue;
      sortable(table);
      if (table.tBodies[0].rows.length >= LEAST) findable(table, box);
    }
  });
})();
