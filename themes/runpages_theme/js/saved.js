/* The reader's own view as the configuration writes one (views: in mkdocs.yml), so that it gets a page of its own.

   runpages.saved.yaml(state, data, name) -> text, by the names of views/saved.py
*/
(function () {
  "use strict";
  const KEYS = {
    q: "filter", s: "search", group: "group", cols: "columns", pin: "pinned", sort: "sort", red: "reducer", base: "baseline", sel: "selected",
    pm: "interval", diff: "differences", heat: "shaded", px: "across", pv: "cells",
  };
  const LISTS = ["cols", "pin", "sort", "sel", "pv"];
  // JSON is YAML; words that need no quotes stay readable
  const quoted = (text) => (/^[a-z][\w/]*(?:[.:][\w/]+)*$/i.test(text) && !/^(true|false|yes|no|on|off|null|none|y|n|inf|nan)$/i.test(text) ? text : JSON.stringify(text));

  function list(key, value, data) {
    const words = value.split(",").map((word) => (key === "sel" ? word : decodeURIComponent(word)));
    if (key === "sort") return words.map((word) => word.replace(/:(asc|desc)$/, " $1"));
    if (key === "sel") return words.map((word) => runId(data, word));
    return words;
  }

  function runId(data, key) {
    const at = data.runs.key.indexOf(key);
    return at < 0 ? key : data.runs.id[at];
  }

  function yaml(state, data, name) {
    const lines = ["views:", `  ${quoted(name)}:`];
    const charts = [];
    for (const [key, value] of state.all()) {
      if (!KEYS[key]) charts.push(`${key}: ${quoted(value)}`);
      else if (LISTS.includes(key)) lines.push(`    ${KEYS[key]}: [${list(key, value, data).map(quoted).join(", ")}]`);
      else if (key === "heat") lines.push("    shaded: true");
      else lines.push(`    ${KEYS[key]}: ${quoted(key === "base" ? runId(data, value) : value)}`);
    }
    if (charts.length) lines.push(`    charts: {${charts.join(", ")}}`);
    if (lines.length === 2) lines[1] += " {}";
    return lines.join("\n") + "\n";
  }

  runpages.saved = { yaml };
})();
