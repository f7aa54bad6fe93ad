/* What the page says of the table in words: how many runs are left, what is hidden, which condition removed the last run.

   runpages.said.counts(elements {count, under}, {runs, groups, grouped, columns, data, view}, {group()})
   runpages.said.state(element, {runs, picked, base, data}, {undo(removed), noBase()})
   runpages.said.without(text, removed) -> the filter without the condition that removed the last run
*/
(function () {
  "use strict";
  const { count } = runpages.format;

  function button(text, work) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "rp-plain-button";
    element.textContent = text;
    element.addEventListener("click", work);
    return element;
  }

  function counts({ count: place, under }, { runs, groups, grouped, columns, data, view }, on) {
    const all = columns.count;
    const some = grouped ? `, ${count(groups.length)} group${groups.length === 1 ? "" : "s"}` : "";
    place.textContent = (runs.length === all ? `${count(all)} run${all === 1 ? "" : "s"}` : `${count(runs.length)} of ${count(all)} runs`) + some;
    const hidden = columns.all.filter((column) => !column.differs && column.kind !== "run").length;
    under.replaceChildren(hidden ? `${count(hidden)} column${hidden === 1 ? " is" : "s are"} the same in every run and left out. ` : "");
    const unknown = view.shown.filter((column) => column.kind === "metric" && !column.direction && !column.across).map((column) => column.label);
    if (unknown.length) under.append(`Which way is better is not known of ${unknown.slice(0, 3).join(", ")}${unknown.length > 3 ? ` and ${count(unknown.length - 3)} more` : ""}: no best is marked; a column's menu ⋮ tells. `);
    const repeated = grouped ? 0 : repeats(runs, data);
    if (repeated) under.append(`${count(repeated)} configuration${repeated === 1 ? " was" : "s were"} run more than once. `, button("Group all but the seed", on.group));
  }

  function repeats(runs, data) {
    const often = new Map();
    for (const run of runs) often.set(data.runs.configuration[run], (often.get(data.runs.configuration[run]) || 0) + 1);
    let some = 0;
    for (const n of often.values()) if (n > 1) some += 1;
    return some;
  }

  function state(element, { runs, picked, base, data }, on) {
    element.replaceChildren();
    if (!runs.length) empty(element, picked.removed, on.undo);
    else if (base !== null) element.append(`Differences are to ${data.runs.name[base]}. `, button("No baseline", on.noBase));
  }

  function empty(element, removed, undo) {
    element.append("No run is left. ");
    if (!removed || !removed.text) return;
    const what = document.createElement("code");
    what.textContent = removed.text;
    const last = removed.search ? "The search " : "The condition ";
    element.append(last, what, ` removed the last ${removed.before ? count(removed.before) : ""}. `, button("Take it out", () => undo(removed)));
  }

  function without(text, { start, end }) {
    const before = text.slice(0, start).replace(/\s*(and|&&)\s*$/i, "");
    return (before + " " + text.slice(end).trim()).trim().replace(/^(and|&&)\s+/i, "");
  }

  runpages.said = { counts, state, without };
})();
