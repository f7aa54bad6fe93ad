/* Which columns are shown: a list with boxes, a search, and one switch for what is the same in every run.

   runpages.choose(element, {columns, shown() -> [Column], change([Column])}) -> {draw()}
*/
(function () {
  "use strict";
  const TITLES = { metric: "Metrics", param: "Parameters", tag: "Tags", result: "Results", run: "The run" };

  runpages.choose = function (element, { columns, shown, change }) {
    let same = false;
    const find = document.createElement("input");
    find.type = "search";
    find.placeholder = "Find a column";
    find.setAttribute("aria-label", "Find a column");
    const lists = document.createElement("div");
    element.append(find, lists);
    const choosable = columns.all.filter((column) => column.id !== "run:name");
    const hidden = choosable.filter((column) => !column.differs).length;

    function row(column, on) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = on;
      box.dataset.column = column.id;
      label.append(box, column.label);
      return label;
    }

    function set(title, rows) {
      const fields = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = title;
      fields.append(legend, ...rows);
      return fields;
    }

    function draw() {
      const now = new Set(shown());
      const word = find.value.trim().toLowerCase();
      const wanted = choosable.filter((column) => (same || column.differs || now.has(column)) && column.label.toLowerCase().includes(word));
      const sets = Object.entries(TITLES).map(([kind, title]) => [title, wanted.filter((column) => column.kind === kind)]);
      lists.replaceChildren(...sets.filter(([, list]) => list.length).map(([title, list]) => set(title, list.map((column) => row(column, now.has(column))))));
      if (hidden) lists.append(more());
      lists.append(reset());
    }

    function more() {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = same;
      box.dataset.same = "";
      label.append(box, `offer the ${hidden} that are the same in every run`);
      return set("All columns", [label]);
    }

    function reset() {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Back to the first choice";
      button.addEventListener("click", () => {
        change(null);
        draw();
      });
      return button;
    }

    find.addEventListener("input", draw);
    lists.addEventListener("change", (event) => {
      const { column, same: asked } = event.target.dataset;
      if (asked !== undefined) {
        same = event.target.checked;
        draw();
        lists.querySelector("[data-same]").focus();
      } else if (event.target.checked) change([...shown(), columns.get(column)]);
      else change(shown().filter((one) => one.id !== column));
    });
    return { draw };
  };
})();
