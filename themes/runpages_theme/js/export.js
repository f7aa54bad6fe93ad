/* The table as the reader sees it, taken along: rows, order and columns as shown, numbers in full.

   runpages.takeaway(items, view) -> {header: [str], rows: [[str]], numeric: [bool]}
   runpages.takeaway.csv(t), .markdown(t), .latex(t) -> text
   runpages.takeaway.copy(text, done), .save(name, text)
*/
(function () {
  "use strict";
  const { number, plusMinus } = runpages.format;

  function take(items, view) {
    const shown = view.shown.filter((column) => column.type !== "spark");
    const header = ["run", ...(view.grouped ? ["n"] : []), ...shown.map((column) => column.label + (column.reduces && column.reducer(view.reducer) !== "last" ? ` (${column.reducer(view.reducer)})` : ""))];
    const numeric = [false, ...(view.grouped ? [true] : []), ...shown.map((column) => column.type === "number")];
    const rows = items.filter((item) => !item.inside).map((item) => (typeof item === "number" ? runRow(item, shown, view) : groupRow(item, shown, view)));
    return { header, numeric, rows };
  }

  function runRow(run, shown, view) {
    const cell = (column) => {
      const value = column.raw(view.reducer)[run];
      return { exact: value === null || value === undefined ? "" : String(value), short: column.text(run, view.reducer) };
    };
    return [plain(view.data.runs.name[run]), ...shown.map(cell)];
  }

  function groupRow(one, shown, view) {
    const cell = (column) => {
      if (column.type === "number" && column.kind !== "param" && column.kind !== "tag") {
        const { n, mean, std } = runpages.rows.summary(column.numbers(view.reducer), one.runs);
        if (!n) return plain("");
        const text = n > 1 ? plusMinus(mean, std) : number(mean);
        return { exact: n > 1 ? `${mean} ± ${std}` : String(mean), short: text };
      }
      const texts = new Set(one.runs.map((run) => column.text(run, "")));
      return plain(texts.size === 1 ? [...texts][0] : `${texts.size} values`);
    };
    return [plain(one.label), plain(String(one.runs.length)), ...shown.map(cell)];
  }

  const plain = (text) => ({ exact: text, short: text });

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
    return [line(table.header.map(markdownCell)), line(rule), ...table.rows.map((row) => line(row.map((cell) => markdownCell(cell.short))))].join("\n") + "\n";
  }

  const SPECIAL = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "±": "$\\pm$", "−": "$-$", "–": "--" };
  const latexCell = (text) => text.replace(/[\\~^±−–&%$#_{}]/g, (c) => SPECIAL[c] || "\\" + c);

  function latex(table) {
    const line = (cells) => "  " + cells.join(" & ") + " \\\\";
    const body = table.rows.map((row) => line(row.map((cell) => latexCell(cell.short))));
    const shape = table.numeric.map((is) => (is ? "r" : "l")).join("");
    return [`\\begin{tabular}{${shape}}`, "  \\toprule", line(table.header.map(latexCell)), "  \\midrule", ...body, "  \\bottomrule", "\\end{tabular}", ""].join("\n");
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
    link.href = URL.createObjectURL(new Blob(["\ufeff" + text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  runpages.takeaway = Object.assign(take, { csv, markdown, latex, copy, save });
})();
