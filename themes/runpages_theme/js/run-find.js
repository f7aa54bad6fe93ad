/* Finding in the long lists of a run's page: params by name and value, metrics by name. What is folded opens where something
   was found, and folds again when the field is empty. Where a number of the metrics table comes from is said below it. */
(function () {
  "use strict";
  const plural = (amount, one) => amount + " " + one + (amount === 1 ? "" : "s");

  // what is hidden and shown as one, with the words it is found by
  function entries(section) {
    const pairs = [...section.querySelectorAll("dt")].map((name) => ({ parts: [name, name.nextElementSibling], words: path(name) + " " + name.nextElementSibling.textContent }));
    const rows = [...section.querySelectorAll("tbody tr:not(.rp-part)")].map((row) => ({ parts: [row], words: row.cells[0].textContent }));
    return [...pairs, ...rows].map((one) => ({ ...one, words: one.words.toLowerCase() }));
  }

  // a param's name as the run has it: the branches above it and its own
  function path(name) {
    let words = name.textContent;
    for (let at = name.closest(".rp-branch"); at; at = at.parentElement.closest(".rp-branch")) words = at.querySelector("summary").firstChild.textContent.trim() + "." + words;
    return words;
  }

  function finder(input) {
    const section = document.getElementById(input.dataset.finds);
    const said = input.closest(".rp-findbar").querySelector("[role=status]");
    const every = entries(section);
    const folds = [...section.querySelectorAll("details")];
    const open = folds.map((one) => one.open);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let hits = 0;
      for (const { parts, words } of every) {
        const hit = words.includes(wanted);
        hits += hit;
        for (const part of parts) part.hidden = !hit;
      }
      folds.forEach((fold, at) => {
        fold.open = wanted ? true : open[at];
        fold.hidden = wanted !== "" && !fold.querySelector("dt:not([hidden]), tbody tr:not([hidden]):not(.rp-part)");
      });
      for (const body of section.querySelectorAll("tbody")) body.hidden = wanted !== "" && !body.querySelector("tr:not([hidden]):not(.rp-part)");
      said.textContent = wanted ? plural(hits, "hit") : "";
    });
  }

  // columns of the table after name and course
  const RULES = ["the last", "the best", "the lowest", "the highest", "the mean", "the first"];

  function origin(table, said) {
    const before = [...said.childNodes];
    const from = said.dataset.from;
    table.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      const row = cell && cell.parentElement;
      const rule = cell && RULES[cell.cellIndex - 2];
      if (!rule || !cell.textContent) return;
      const [lowest, highest, first] = (row.dataset.at || "").split(" ");
      const last = row.cells[9].textContent;
      const steps = { "the last": last, "the best": row.cells[8].textContent, "the lowest": lowest, "the highest": highest, "the first": first };
      const count = row.cells[10].firstChild.textContent.trim();
      const step = steps[rule] && count !== "1" ? ", at step " + runpages.format.count(Number(steps[rule].replaceAll(",", ""))) : "";
      const exact = cell.title || cell.textContent;
      const name = row.cells[0].firstChild.textContent.trim();
      said.replaceChildren(`${name}: ${exact} is ${rule} of ${plural(Number(count.replaceAll(",", "")), "point")}${step}${from ? ", read from " + from : ""}.`);
      for (const one of table.querySelectorAll(".rp-asked")) one.classList.remove("rp-asked");
      cell.classList.add("rp-asked");
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") said.replaceChildren(...before);
    });
  }

  runpages.start("run-find", () => {
    document.querySelectorAll("input[data-finds]").forEach(finder);
    const said = document.getElementById("rp-origin");
    if (said) document.querySelectorAll("table.rp-metrics").forEach((table) => origin(table, said));
  });
})();
