/* The page of samples: one set at a time, two runs' answers side by side, filtered by words and by who scored more.
   The address: #set=&a=KEY&b=KEY&score=&show=first|second|differ|same&q=
   A row of data/samples.js: [sample, id, input, target, answer, scores...], texts as places in `texts`. */
(function () {
  "use strict";
  const { escape, count, number } = runpages.format;
  const state = runpages.state;
  const STEP = 100; // rows drawn at once
  const SHOWN = [
    ["", "all samples"],
    ["differ", "where they differ"],
    ["first", "where the first scores more"],
    ["second", "where the second scores more"],
    ["same", "where both score the same"],
  ];
  let data, runs, texts;

  const name = (n) => runs.name[n] || runs.id[n];
  const dot = (n) => `<span class="rp-dot rp-c${runs.color[n]} rp-dash${runs.dash[n]}" aria-hidden="true"></span>`;
  const option = (value, text, chosen) => `<option value="${escape(value)}"${String(value) === String(chosen) ? " selected" : ""}>${escape(text)}</option>`;
  const at = (row, column) => texts[row[column]] || "";
  const score = (row, place) => (row ? (row[5 + place] ?? null) : null);

  // what the address asks for, or the best two
  function asked(set) {
    const find = (key, other) => {
      const found = set.runs.findIndex((one) => runs.key[one.run] === state.get(key));
      return found >= 0 ? found : other;
    };
    const second = state.get("b") === "none" ? -1 : find("b", set.runs.length > 1 ? 1 : -1);
    const place = set.scores.findIndex(([label]) => label === state.get("score"));
    return { a: find("a", 0), b: second, place: Math.max(0, place), show: state.get("show"), words: state.get("q").toLowerCase() };
  }

  function pairs(set, want) {
    const other = new Map();
    if (want.b >= 0) for (const row of set.runs[want.b].rows) if (row[0] >= 0) other.set(row[0], row);
    const rows = set.runs[want.a].rows.map((row) => [row, row[0] >= 0 ? other.get(row[0]) : undefined]);
    if (want.b >= 0) {
      const known = new Set(set.runs[want.a].rows.map((row) => row[0]));
      for (const row of set.runs[want.b].rows) if (row[0] < 0 || !known.has(row[0])) rows.push([undefined, row]);
    }
    return rows;
  }

  function kept([one, other], want) {
    const [left, right] = [score(one, want.place), score(other, want.place)];
    const both = left !== null && right !== null;
    if (want.show === "differ" && !(both && left !== right)) return false;
    if (want.show === "same" && !(both && left === right)) return false;
    if (want.show === "first" && !(both && left > right)) return false;
    if (want.show === "second" && !(both && right > left)) return false;
    if (!want.words) return true;
    return [one, other].some((row) => row && [1, 2, 3, 4].some((column) => at(row, column).toLowerCase().includes(want.words)));
  }

  const long = (text) => (text.length > 240 ? `<details><summary>${escape(text.slice(0, 200))}…</summary>${escape(text)}</details>` : escape(text));

  function line([one, other], want) {
    const row = one || other;
    const answer = (side, rival) => {
      const [mine, theirs] = [score(side, want.place), score(rival, want.place)];
      const more = mine !== null && theirs !== null && mine > theirs ? " rp-more" : "";
      return side ? `<td>${long(at(side, 4))}</td><td class="rp-n${more}">${escape(number(mine))}${more ? '<span class="rp-sr"> more</span>' : ""}</td>` : '<td class="rp-soft">no such sample</td><td class="rp-n">–</td>';
    };
    const id = at(row, 1);
    return `<tr><td>${id ? `<span class="rp-sub">${escape(id)}</span>` : ""}${long(at(row, 2))}</td><td>${long(at(row, 3))}</td>${answer(one, other)}${want.b >= 0 ? answer(other, one) : ""}</tr>`;
  }

  // the tests stand for the lower place first
  function test(set, want) {
    if (want.b < 0 || !set.scores.length) return "";
    const turned = want.a > want.b;
    const found = set.tests[want.place + "/" + (turned ? want.b + "/" + want.a : want.a + "/" + want.b)];
    const [label, better] = set.scores[want.place];
    if (want.a === want.b) return "The same run twice.";
    if (!found) return set.by ? "These two were not tested: of so many runs only pairs with the best one are." : "No sample of one is known to be that of the other, so nothing is tested.";
    let [n, change, low, high, higher, lower, p, exact] = found;
    if (turned) [change, low, high, higher, lower] = [-change, high === null ? null : -high, low === null ? null : -low, lower, higher];
    const of = `${count(higher)} higher, ${count(lower)} lower of ${count(n)} shared samples`;
    const head = `${label}: ${name(set.runs[want.a].run)} minus ${name(set.runs[want.b].run)} is ${number(change)}` + (low === null ? "" : ` (${number(low)} to ${number(high)} at 95 %)`);
    if (p === null || higher + lower < 6) return `${head}; cannot tell: ${of}.`;
    const how = exact ? "McNemar's exact test" : "paired bootstrap";
    if (p >= 0.05) return `${head}; within noise: ${of} (p = ${number(Number(p.toFixed(4)))}, ${how}).`;
    const word = !better ? "different" : (better === "max") === change > 0 ? "the first is better" : "the second is better";
    return `${head}; ${word}, more than noise: ${of} (p ${p < 0.001 ? "< 0.001" : "= " + number(Number(p.toFixed(4)))}, ${how}, for this pair alone).`;
  }

  function bar(set, want) {
    const every = set.runs.map((one) => [runs.key[one.run], name(one.run)]);
    const select = (label, key, options, chosen) => `<label>${label} <select data-key="${key}">${options.map(([value, text]) => option(value, text, chosen)).join("")}</select></label>`;
    const second = set.runs.length > 1 ? select("and", "b", [["none", "no other"], ...every], want.b < 0 ? "none" : runs.key[set.runs[want.b].run]) : "";
    const scores = set.scores.length > 1 ? select("Score", "score", set.scores.map(([label]) => [label, label]), set.scores[want.place][0]) : "";
    const show = want.b >= 0 && set.scores.length ? select("Show", "show", SHOWN, want.show) : "";
    return `<form class="rp-mediabar" aria-label="Which samples">${select("Answers of", "a", every, runs.key[set.runs[want.a].run])}${second}${scores}${show}<label>Find <input type="search" data-key="q" value="${escape(state.get("q"))}"></label><output class="rp-samples-count"></output></form>`;
  }

  function table(set, want) {
    const head = (place) => `<th scope="col">${dot(set.runs[place].run)}<a href="${escape(runpages.root + runs.page[set.runs[place].run])}">${escape(name(set.runs[place].run))}</a></th><th scope="col" class="rp-n">${escape(set.scores.length ? set.scores[want.place][0] : "")}</th>`;
    return `<p class="rp-samples-test">${escape(test(set, want))}</p><div class="rp-scroll-x" tabindex="0" role="region" aria-label="Samples"><table class="rp-runs rp-samples"><thead><tr><th scope="col">sample</th><th scope="col">wanted</th>${head(want.a)}${want.b >= 0 ? head(want.b) : ""}</tr></thead><tbody></tbody></table></div><p class="rp-under"><button type="button" class="rp-link rp-samples-more">Show more</button></p>`;
  }

  function rows(box, set, want) {
    const found = pairs(set, want).filter((pair) => kept(pair, want));
    const body = box.querySelector("tbody");
    const more = box.querySelector(".rp-samples-more");
    let drawn = 0;
    const next = () => {
      body.insertAdjacentHTML("beforeend", found.slice(drawn, drawn + STEP).map((pair) => line(pair, want)).join(""));
      drawn += STEP;
      more.parentElement.hidden = drawn >= found.length;
    };
    more.addEventListener("click", next);
    next();
    const cut = set.runs[want.a].total > set.runs[want.a].rows.length ? ` (the first ${count(set.runs[want.a].rows.length)} of ${count(set.runs[want.a].total)} are here)` : "";
    box.querySelector(".rp-samples-count").textContent = `${count(found.length)} shown${cut}`;
    box.dataset.rows = found.length;
  }

  function draw(keepBar) {
    const chosen = Math.min(data.sets.length - 1, Number(state.get("set")) || 0);
    const select = document.getElementById("rp-samples-set");
    if (select) select.value = chosen;
    document.querySelectorAll(".rp-sampleset").forEach((section, place) => {
      section.hidden = place !== chosen;
      if (section.hidden) return;
      const box = section.querySelector(".rp-samples-live");
      const set = data.sets[chosen];
      const want = asked(set);
      section.querySelector(".rp-samples-still").hidden = true;
      if (!keepBar || !box.firstChild) box.innerHTML = bar(set, want) + '<div class="rp-samples-body"></div>';
      box.querySelector(".rp-samples-body").innerHTML = table(set, want);
      rows(box, set, want);
    });
  }

  function start() {
    data = runpages.get("samples");
    runs = runpages.get("runs").runs;
    texts = data.texts;
    const page = document.getElementById("rp-samplespage");
    page.addEventListener("input", (event) => {
      if (event.target.dataset.key !== "q") return;
      state.set({ q: event.target.value });
      draw(true);
    });
    page.addEventListener("change", (event) => {
      const key = event.target.id === "rp-samples-set" ? "set" : event.target.dataset.key;
      if (!key || key === "q") return;
      state.set(key === "set" ? { set: event.target.value === "0" ? "" : event.target.value, a: "", b: "", score: "", show: "" } : { [key]: event.target.value });
      draw(false);
      const again = page.querySelector(`.rp-sampleset:not([hidden]) [data-key="${key}"]`);
      if (again) again.focus();
    });
    page.addEventListener("submit", (event) => event.preventDefault());
    state.onChange(() => draw(false));
    draw(false);
  }

  runpages.start("samples", start);
})();
