/* Text for LaTeX, by the rules of views/latex.py: nothing that pdflatex stops at.

   runpages.latex.escaped(text) -> text; what its fonts lack becomes its number (U+4E2D)
   runpages.latex.table({header, numeric, rows: [[{short, best}]]}) -> booktabs; the best in bold, what ties with it in italics
*/
(function () {
  "use strict";
  const MARKS = {
    "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "''",
    "±": "$\\pm$", "−": "$-$", "–": "--", "—": "---", "…": "\\dots{}", "×": "$\\times$", "·": "$\\cdot$", "▲": "$\\uparrow$", "▼": "$\\downarrow$",
    "★": "$\\star$", "○": "$\\circ$", "≈": "$\\approx$", "≤": "$\\le$", "≥": "$\\ge$", µ: "$\\mu$", ß: "\\ss{}", ø: "\\o{}", Ø: "\\O{}", æ: "\\ae{}", Æ: "\\AE{}",
    ł: "\\l{}", Ł: "\\L{}", "“": "``", "”": "''", "‘": "`", "’": "'",
  };
  for (const mark of "&%$#_{}") MARKS[mark] = "\\" + mark;
  const GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho varsigma sigma tau upsilon phi chi psi omega".split(" ");
  GREEK.forEach((name, at) => (MARKS[String.fromCharCode(0x3b1 + at)] = name === "o" ? "o" : `$\\${name}$`));
  const ACCENTS = { "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0304": "=", "\u0307": ".", "\u030c": "v", "\u0327": "c", "\u030a": "r", "\u0306": "u", "\u030b": "H" };

  function one(mark) {
    if (MARKS[mark]) return MARKS[mark];
    if (mark >= " " && mark <= "~") return mark;
    const [letter, accent, ...more] = mark.normalize("NFD");
    if (ACCENTS[accent] && !more.length && /^[a-z]$/i.test(letter)) {
      const base = /[ij]/.test(letter) && accent !== "\u0327" ? "\\" + letter : letter;
      return `\\${ACCENTS[accent]}{${base}}`;
    }
    return `\\texttt{U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}}`;
  }

  const escaped = (text) => Array.from(text.trim().replace(/\s+/g, " "), one).join("");

  function cell({ short, best }) {
    const text = escaped(short);
    if (best === "best") return `\\textbf{${text}}`;
    return best ? `\\textit{${text}}` : text;
  }

  function table({ header, numeric, rows }) {
    const line = (cells) => "  " + cells.join(" & ") + " \\\\";
    const shape = numeric.map((is) => (is ? "r" : "l")).join("");
    const body = rows.map((row) => line(row.map(cell)));
    return ["% needs \\usepackage{booktabs}", `\\begin{tabular}{${shape}}`, "  \\toprule", line(header.map(escaped)), "  \\midrule", ...body, "  \\bottomrule", "\\end{tabular}", ""].join("\n");
  }

  runpages.latex = { escaped, table };
})();
