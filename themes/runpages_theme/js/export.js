/* The table as the reader sees it, taken along: rows, order and columns as shown; cells with ± and n; numbers in full where a program reads them.

   runpages.takeaway(items, view) -> {header: [str], rows: [[{exact, short, best, data}]], numeric: [bool]}
   runpages.takeaway.csv(t), .markdown(t), .latex(t), .json(t) -> text
   runpages.takeaway.copy(text, done), .save(name, text)
*/
(function () {
  "use strict";
  const { measured } = runpages.values;
  const plain = (text) => ({ exact: text, short: text, best: "", data: text });
  const TYPES = { csv: "text/csv", md: "text/markdown", tex: "application/x-tex", json: "application/json" };

  function take(items, view) {
    const shown = view.shown.filter((column) => column.type !== "spark");
    const differs = (column) => view.base && measured(column);
    const named = (column) => column.label + (column.reduces && column.reducer(view.reducer) !== "last" ? ` (${column.says(view.reducer)})` : "");
    const pairs = (work, extra) => shown.flatMap((column) => (differs(column) ? [work(column), extra(column)] : [work(column)]));
    const header = [view.grouped ? "group" : "run", ...(view.grouped ? ["n"] : []), ...pairs(named, (column) => named(column) + " change")];
    const numeric = [false, ...(view.grouped ? [true] : []), ...pairs((column) => column.type === "number", () => true)];
    const rows = items.map((item) => {
      const run = typeof item === "number" ? item : item.run;
      const cell = run === undefined ? (column) => groupCell(column, item, view) : (column) => runCell(column, run, item, view);
      const who = run === undefined ? item : run;
      const first = run === undefined ? [plain(item.label), number(item.runs.length)] : [plain(indent(item) + view.data.runs.name[run]), ...(view.grouped ? [plain("")] : [])];
      return [...first, ...pairs((column) => cell(column).cell, (column) => change(column, cell(column).told, run !== undefined && view.grouped ? null : who, view))];
    });
    return { header, numeric, rows };
  }

  const indent = (item) => (item.inside ? "  " : "  ".repeat(item.depth || 0));
  const number = (value) => ({ exact: String(value), short: String(value), best: "", data: value });

  function runCell(column, run, item, view) {
    const told = view.values.run(column, run);
    const raw = column.raw(view.reducer)[run];
    if (item.below?.length && column.type === "number" && told.value !== told.value) {
      const rolled = runpages.tree.rollup(column, view.reducer, item.below);
      if (rolled === rolled) return { cell: { ...number(rolled), short: runpages.format.number(rolled) }, told };
    }
    const none = raw === null || raw === undefined;
    return { told, cell: { exact: none ? "" : String(raw), short: told.text, best: told.best, data: none ? null : raw } };
  }

  function groupCell(column, one, view) {
    const told = view.values.group(column, one);
    if (told.n === undefined) return { told, cell: plain(told.text) };
    if (!told.n) return { told, cell: { exact: "", short: "–", best: "", data: null } };
    const spread = told.half === told.half;
    const short = told.text + (told.missing || !spread ? ` (n=${told.n})` : "");
    const data = { mean: told.mean, n: told.n, ...(spread ? { [view.interval]: told.half } : {}) };
    return { told, cell: { exact: spread ? `${told.mean} ± ${told.half} (n=${told.n})` : String(told.mean), short, best: told.best, data } };
  }

  function change(column, told, who, view) {
    const delta = who === null ? null : view.values.delta(column, told, who);
    if (!delta) return plain("");
    const mark = delta.same ? "=" : (delta.noise ? "≈ " : "") + (delta.up ? "+" : "−") + delta.text;
    const gap = told.sample.mean - view.base.sample(column).mean;
    return { exact: String(gap), short: mark, best: "", data: { change: gap, within_noise: delta.noise } };
  }

  // a cell that begins like a formula would be run by a spreadsheet; numbers keep their sign
  function csvCell(text) {
    const safe = /^[=+@\t\r]|^-(?![\d.i])/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }

  function csv(table) {
    return [table.header.map(csvCell), ...table.rows.map((row) => row.map((cell) => csvCell(cell.exact)))].map((row) => row.join(",")).join("\r\n") + "\r\n";
  }

  const markdownCell = (text) => text.replace(/[\\|<*_`[\]]/g, "\\$&").replace(/\s+/g, " ");

  function markdown(table) {
    const line = (cells) => "| " + cells.join(" | ") + " |";
    const rule = table.numeric.map((is) => (is ? "--:" : ":--"));
    const cell = ({ short, best }) => (best === "best" ? `**${markdownCell(short)}**` : best ? `*${markdownCell(short)}*` : markdownCell(short));
    return [line(table.header.map(markdownCell)), line(rule), ...table.rows.map((row) => line(row.map(cell)))].join("\n") + "\n";
  }

  function json(table) {
    const rows = table.rows.map((row) => Object.fromEntries(row.map((cell, at) => [table.header[at], at ? cell.data : cell.exact.trim()])));
    return JSON.stringify(rows, null, 1) + "\n";
  }

  function copy(text, done) {
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(() => done(true), () => done(copyOld(text)));
    } else done(copyOld(text));
  }

  // a double-clicked page may lack navigator.clipboard
  function copyOld(text) {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const worked = document.execCommand("copy");
    field.remove();
    return worked;
  }

  function save(name, text) {
    const link = document.createElement("a");
    const ending = name.split(".").pop();
    // Excel takes a file without this mark for Latin-1
    link.href = URL.createObjectURL(new Blob([(ending === "csv" ? "\ufeff" : "") + text], { type: TYPES[ending] }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  runpages.takeaway = Object.assign(take, { csv, markdown, latex: (table) => runpages.latex.table(table), json, copy, save });
})();
