/* Single questions to a run: one comparison of the filter language, and the search box.

   runpages.match.test(column, reducer, operator, token) -> test(i)
   runpages.match.present(column, reducer) -> test(i): is there a value (for yes/no columns: is it true)
   runpages.search(text, columns) -> test(i): every word must be in the run's words; -word must not; /…/ is a regular expression
*/
(function () {
  "use strict";
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/;
  const UNITS = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86400 };
  const NUMERIC = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };
  const fail = (message, at) => {
    throw new runpages.filter.Error(message, at);
  };

  function asNumber(column, token) {
    const text = token.text.toLowerCase().replace("−", "-");
    if (text === "nan") return NaN;
    if (text === "inf" || text === "+inf") return Infinity;
    if (text === "-inf") return -Infinity;
    if (text === "true" || text === "false") return text === "true" ? 1 : 0;
    const unit = /^(\d+\.?\d*|\.\d+)(ms|s|min|h|d)$/.exec(text);
    if (column.id === "run:duration" && unit) return Number(unit[1]) * UNITS[unit[2]];
    if (column.id === "run:started" && /^\d{4}-\d\d/.test(text)) {
      const time = Date.parse(text.includes("t") ? text + "z" : text);
      if (time === time) return time / 1000;
    }
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (value !== value) fail(`${column.label} holds numbers, and “${token.text}” is not one.`, token.at);
    return value;
  }

  function pattern(text, at) {
    try {
      return new RegExp(text, "i");
    } catch (error) {
      return fail(`The regular expression “${text}” does not work: ${String(error.message).split(": ").pop()}.`, at);
    }
  }

  const isMissing = (value) => value === null || value === undefined || value === "";

  function matches(column, reducer, operator, token) {
    const regex = pattern(token.text, token.at);
    const values = column.raw(reducer);
    const wanted = operator === "~";
    return (i) => (isMissing(values[i]) ? !wanted : regex.test(String(values[i])) === wanted);
  }

  function equals(column, reducer, token) {
    const raw = column.raw(reducer);
    if (token.type === "word" && (token.key === "none" || token.key === "missing")) return (i) => isMissing(raw[i]);
    if (column.type === "text") return (i) => !isMissing(raw[i]) && String(raw[i]) === token.text;
    const wanted = asNumber(column, token);
    const numbers = column.numbers(reducer);
    if (wanted !== wanted) return (i) => raw[i] === "nan";
    return (i) => numbers[i] === wanted;
  }

  function test(column, reducer, operator, token) {
    if (operator === "~" || operator === "!~") return matches(column, reducer, operator, token);
    if (operator === "=" || operator === "==") return equals(column, reducer, token);
    if (operator === "!=") {
      const same = equals(column, reducer, token);
      return (i) => !same(i);
    }
    const ask = NUMERIC[operator];
    if (column.type === "text") {
      const values = column.raw(reducer);
      return (i) => !isMissing(values[i]) && ask(runpages.collator.compare(String(values[i]), token.text), 0);
    }
    const wanted = asNumber(column, token);
    const numbers = column.numbers(reducer);
    if (operator === "<") return (i) => numbers[i] < wanted;
    if (operator === ">") return (i) => numbers[i] > wanted;
    return operator === "<=" ? (i) => numbers[i] <= wanted : (i) => numbers[i] >= wanted;
  }

  function present(column, reducer) {
    const values = column.raw(reducer);
    if (column.type === "bool") return (i) => values[i] === true;
    return (i) => !isMissing(values[i]);
  }

  function words(columns) {
    const kept = columns.all.filter((column) => column.type === "text" && column.kind !== "result").map((column) => column.raw(""));
    const made = new Array(columns.count);
    return (i) => (made[i] ??= kept.map((values) => values[i] ?? "").join("\n").toLowerCase());
  }

  const indexes = new WeakMap();

  runpages.search = function (text, columns) {
    if (!text.trim()) return () => true;
    if (!indexes.has(columns)) indexes.set(columns, words(columns));
    const index = indexes.get(columns);
    const tests = (text.match(/-?\/(?:[^/\\]|\\.)+\/|\S+/g) || []).map((word) => {
      const turned = word.length > 1 && word[0] === "-";
      const bare = turned ? word.slice(1) : word;
      const regex = bare.length > 2 && bare[0] === "/" && bare.endsWith("/") ? pattern(bare.slice(1, -1), 0) : null;
      const low = bare.toLowerCase();
      return (i) => (regex ? regex.test(index(i)) : index(i).includes(low)) !== turned;
    });
    return (i) => tests.every((ask) => ask(i));
  };
  runpages.match = { test, present };
})();
