/* Finding in a run's log. Of a long log the page has the first and the last lines; the others come from a data file with the first
   search, and stand in the gap between both, as many as are needed to see a hit among its neighbours. */
(function () {
  "use strict";
  const AROUND = 12;
  const WAIT = 150;

  // every line as it is found, by its number from 1: of the page, and of the data file when it came
  function lines(log) {
    const own = new Map([...log.querySelectorAll(".rp-line")].map((line) => [Number(line.querySelector("a").dataset.n), line]));
    return { own, words: new Map([...own].map(([number, line]) => [number, line.textContent.trimEnd().toLowerCase()])), whole: null };
  }

  function take(known, whole) {
    whole.forEach((line, at) => known.words.has(at + 1) || known.words.set(at + 1, line.toLowerCase()));
    const missing = whole.map((_, at) => at + 1).filter((number) => !known.own.has(number));
    Object.assign(known, { whole, first: missing[0], last: missing[missing.length - 1] });
  }

  function lineOf(number, text) {
    const line = Object.assign(document.createElement("span"), { className: "rp-line" });
    const anchor = document.createElement("a");
    anchor.dataset.n = number;
    anchor.setAttribute("href", "#log-" + number);
    anchor.setAttribute("aria-hidden", "true");
    line.append(anchor, text + "\n");
    return line;
  }

  // the lines around a hit that the page does not have, in the gap
  function fill(gap, known, number) {
    gap.replaceChildren();
    const from = Math.max(known.first, number - AROUND);
    const to = Math.min(known.last, number + AROUND);
    const note = (amount) => amount > 0 && gap.append("… " + runpages.format.count(amount) + " lines not shown …\n");
    let found = null;
    note(from - known.first);
    for (let at = from; at <= to; at += 1) {
      const line = gap.appendChild(lineOf(at, known.whole[at - 1]));
      if (at === number) found = line;
    }
    note(known.last - to);
    return found;
  }

  function finder(input, log, said) {
    const known = lines(log);
    const gap = log.querySelector(".rp-gap");
    let hits = [];
    let at = -1;
    let waiting = 0;

    function go(to) {
      if (!hits.length) return;
      log.querySelectorAll(".rp-at").forEach((line) => line.classList.remove("rp-at"));
      at = (to + hits.length) % hits.length;
      show(hits[at]);
      said.textContent = runpages.format.count(at + 1) + " of " + runpages.format.count(hits.length) + (known.own.has(hits[at]) ? "" : ", line " + runpages.format.count(hits[at]));
    }

    function show(number) {
      const line = known.own.get(number) || fill(gap, known, number);
      line.classList.add("rp-at");
      log.scrollTop = line.offsetTop - log.clientHeight / 2;
    }

    // a link to a line that the page does not have
    function linked() {
      const found = /^#log-(\d+)$/.exec(location.hash);
      const number = found && Number(found[1]);
      if (!number || known.own.has(number) || !log.dataset.whole) return;
      whole(() => {
        if (number < known.first || number > known.last) return;
        show(number);
        log.scrollIntoView({ block: "center" });
      });
    }

    function whole(then) {
      const name = log.dataset.whole;
      runpages.load("data/" + name + ".js", (here) => {
        if (here && !known.whole) take(known, runpages.get(name));
        if (here) then();
      });
    }

    function find() {
      const wanted = input.value.trim().toLowerCase();
      hits = wanted ? [...known.words].flatMap(([number, words]) => (words.includes(wanted) ? [number] : [])).sort((one, other) => one - other) : [];
      at = -1;
      known.own.forEach((line) => line.classList.remove("rp-at", "rp-hit"));
      hits.forEach((number) => known.own.has(number) && known.own.get(number).classList.add("rp-hit"));
      said.textContent = !wanted || hits.length ? "" : log.dataset.whole && !known.whole ? "not found in what is shown here" : "not found";
      go(0);
    }

    function asked() {
      if (log.dataset.whole && !known.whole && input.value.trim()) whole(find);
      find();
    }

    input.addEventListener("input", () => {
      clearTimeout(waiting);
      if (log.dataset.whole) waiting = setTimeout(asked, WAIT);
      else find();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      go(at + (event.shiftKey ? -1 : 1));
    });
    window.addEventListener("hashchange", linked);
    linked();
  }

  runpages.start("run-log", () => {
    const log = document.getElementById("rp-log");
    if (log) finder(document.getElementById("rp-log-find"), log, document.getElementById("rp-log-found"));
  });
})();
