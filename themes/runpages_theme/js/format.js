/* Numbers, durations, sizes and dates as people read them. The Python filters follow the same rules:

   number(x)     null "–"; "nan", "inf", "-inf" as they are, minus as "−" (U+2212) everywhere.
                 Whole numbers below 1e15 in full, without thousands marks (seeds and ids are numbers too).
                 Others: 4 significant digits, ties away from zero, trailing zeros dropped;
                 below 1e-4 and from 1e6 on scientific: "3.2e−5", "1.25e+7".
   count(n)      whole, with thousands marks: "4,100".
   decimals(s)   digits after the point of a formatted number, 0 for scientific, words and whole numbers.
   pad(s, d)     the invisible rest that lines s up on the decimal point of a column with d decimals:
                 zeros, with a "." before them when s has none; "" for scientific numbers and words.
   plusMinus(mean, spread)   spread to 1 significant digit (2 if it begins with 1), mean to the same decimals: "0.972 ± 0.003".
                 Where the spread is 0, missing, or the scale leaves 1e-4..1e6: number(mean) ± number(spread).
   duration(s)   "420 ms" "45 s" "3 min 20 s" "2 h 13 min" "3 d 4 h": two units at most, a zero second unit dropped.
   size(bytes)   "820 B" "3.4 MB": powers of 1000, one decimal below 10, else whole.
   date(s)       UTC seconds: "2026-07-14 09:32 UTC".      Missing is "–" in all of them.
*/
(function () {
  "use strict";
  const NONE = "–";
  const WORDS = { nan: "nan", inf: "inf", "-inf": "−inf" };

  const minus = (text) => text.replace(/-/g, "−");
  const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

  function number(x) {
    if (x === null || x === undefined) return NONE;
    if (typeof x === "string") return WORDS[x] || x;
    if (typeof x === "boolean") return x ? "true" : "false";
    if (x !== x) return "nan";
    if (x === Infinity || x === -Infinity) return x > 0 ? "inf" : "−inf";
    if (Number.isInteger(x) && Math.abs(x) < 1e15) return minus(String(x));
    const size = Math.abs(x);
    if (size < 1e-4 || size >= 1e6) return scientific(x);
    const digits = Number(x.toPrecision(4));
    return Math.abs(digits) >= 1e6 ? scientific(x) : minus(String(digits));
  }

  function scientific(x) {
    const [head, tail] = x.toExponential(3).split("e");
    return minus(trim(head) + "e" + tail);
  }

  function full(x) {
    return typeof x === "number" ? minus(String(x)) : number(x);
  }

  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  function decimals(text) {
    const found = /^−?\d+\.(\d+)$/.exec(text);
    return found ? found[1].length : 0;
  }

  function pad(text, wanted) {
    if (!wanted || !/^−?\d+(\.\d+)?$/.test(text)) return "";
    const has = decimals(text);
    return (has ? "" : ".") + "0".repeat(Math.max(0, wanted - has));
  }

  function plusMinus(mean, spread) {
    const size = Math.abs(mean);
    if (!(spread > 0) || !Number.isFinite(spread) || spread < 1e-6 || size >= 1e6 || (size < 1e-4 && spread < 1e-4)) {
      return number(mean) + " ± " + number(spread);
    }
    const first = Number(spread.toExponential(1)[0]);
    const places = Math.max(0, (first === 1 ? 1 : 0) - Math.floor(Math.log10(spread)));
    return minus(mean.toFixed(places)) + " ± " + spread.toFixed(places);
  }

  function duration(s) {
    if (s === null || s === undefined || s !== s) return NONE;
    if (s < 1) return Math.round(s * 1000) + " ms";
    if (s < 59.5) return Math.round(s) + " s";
    if (s < 3599.5) return two(s, 60, "min", 1, "s");
    if (s < 86370) return two(s, 3600, "h", 60, "min");
    return two(s, 86400, "d", 3600, "h");
  }

  function two(s, big, bigName, small, smallName) {
    const units = Math.round(s / small);
    const per = big / small;
    const rest = units % per;
    return Math.floor(units / per) + " " + bigName + (rest ? " " + rest + " " + smallName : "");
  }

  function size(bytes) {
    if (bytes === null || bytes === undefined) return NONE;
    const units = ["B", "kB", "MB", "GB", "TB"];
    let step = 0;
    while (bytes >= 999.5 && step < units.length - 1) {
      bytes /= 1000;
      step += 1;
    }
    return (step && bytes < 9.95 ? trim(bytes.toFixed(1)) : Math.round(bytes)) + " " + units[step];
  }

  function date(s) {
    if (s === null || s === undefined) return NONE;
    return new Date(s * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC";
  }

  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c]);

  runpages.format = { NONE, number, full, count, decimals, pad, plusMinus, duration, size, date, escape };
})();
