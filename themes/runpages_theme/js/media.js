/* The page of media: every key with its runs, at the step of one slider; of two runs side by side, wiped, or their difference.
   The address: #key=&mode=beside|wipe|difference&a=KEY&b=KEY&step=. At a step each run shows its last picture up to there,
   its first before that. */
(function () {
  "use strict";
  const { escape, count } = runpages.format;
  const state = runpages.state;
  const $ = (name) => document.getElementById("rp-media-" + name);
  const FIRST = 400; // figures drawn at once; the rest when the end comes into view
  let media, runs, steps, numbers, now;
  let live = []; // figures of the gallery: [element, one, entry]

  const frameAt = (frames, step) => {
    let found = frames[0];
    for (const frame of frames) if (frame[0] !== null && frame[0] <= step) found = frame;
    return found;
  };
  const dot = (n) => `<span class="rp-dot rp-c${runs.color[n]} rp-dash${runs.dash[n]}" aria-hidden="true"></span>`;
  const link = (n) => `${dot(n)}<a href="${escape(runpages.root + runs.page[n])}#media">${escape(runs.name[n] || runs.id[n])}</a>`;
  const said = (frame) => (frame[0] === null ? "" : "step " + count(frame[0])) + (frame[2] ? (frame[0] === null ? "" : ": ") + frame[2] : "");

  function element(kind, key, frame, n, whole) {
    if (kind !== "image") return `<${kind} controls preload="none" data-file="${escape(frame[1])}" aria-label="${escape(key)}"></${kind}>`;
    const alt = escape(key + " of " + (runs.name[n] || runs.id[n]) + (frame[0] === null ? "" : " at step " + frame[0]));
    return `<img data-file="${escape((!whole && frame[4]) || frame[1])}" alt="${alt}" loading="lazy" decoding="async"${frame[3] ? ' class="rp-pixels"' : ""}>`;
  }

  // a picture leads to itself in full
  const opened = (one, frame, inner) => (one.kind === "image" ? `<a href="${escape(runpages.root + frame[1])}">${inner}</a>` : inner);

  function figure(one, entry, step, whole) {
    const frame = frameAt(entry.frames, step);
    return `<figure data-step="${frame[0] ?? ""}"><div class="rp-shot">${opened(one, frame, element(one.kind, one.key, frame, entry.run, whole))}</div><figcaption>${link(entry.run)}<span>${escape(said(frame))}</span></figcaption></figure>`;
  }

  function pair(one, a, b, step, mode) {
    const both = [a, b].map((n) => one.runs.find((entry) => entry.run === n));
    if (both.some((entry) => !entry)) return "";
    const title = `<h2>${escape(one.key)}</h2>`;
    if (mode === "beside" || one.kind !== "image") return `${title}<div class="rp-gallery rp-beside">${both.map((entry) => figure(one, entry, step, true)).join("")}</div>`;
    const frames = both.map((entry) => frameAt(entry.frames, step));
    const same = frames[0][1] === frames[1][1] ? " The two are the same file." : mode === "difference" ? " Black where they are equal." : "";
    const shots = frames.map((frame, at) => element("image", one.key, frame, [a, b][at], true)).join("");
    return `${title}<figure class="rp-over rp-${mode}"><div class="rp-shot">${shots}</div><figcaption>${link(a)} <span>${escape(said(frames[0]))}</span> ${link(b)} <span>${escape(said(frames[1]))}</span><span>${same}</span></figcaption></figure>`;
  }

  // what comes after the first figures is drawn when its place is near
  function section(one) {
    const box = document.createElement("section");
    box.innerHTML = `<h2>${escape(one.key)} <span class="rp-sub">${count(one.runs.length)} run${one.runs.length === 1 ? "" : "s"}</span></h2><div class="rp-gallery"></div>`;
    const grid = box.lastElementChild;
    const more = (from) => {
      grid.insertAdjacentHTML("beforeend", one.runs.slice(from, from + FIRST).map((entry) => figure(one, entry, now)).join(""));
      runpages.files(grid);
      one.runs.slice(from, from + FIRST).forEach((entry, at) => live.push([grid.children[from + at], one, entry]));
      if (from + FIRST >= one.runs.length) return;
      const watch = new IntersectionObserver(
        (seen) => {
          if (!seen[0].isIntersecting) return;
          watch.disconnect();
          more(from + FIRST);
        },
        { rootMargin: "1200px" },
      );
      watch.observe(grid.lastElementChild);
    };
    more(0);
    return box;
  }

  // a step of the slider changes the pictures that stand there, and only those that differ
  function move() {
    for (const [box, one, entry] of live) {
      const frame = frameAt(entry.frames, now);
      if (box.dataset.step === String(frame[0] ?? "")) continue;
      box.dataset.step = frame[0] ?? "";
      const seen = box.querySelector("img, audio, video");
      if (one.kind === "image") {
        seen.alt = one.key + " of " + (runs.name[entry.run] || runs.id[entry.run]) + (frame[0] === null ? "" : " at step " + frame[0]);
        seen.className = frame[3] ? "rp-pixels" : "";
        seen.parentElement.href = runpages.root + frame[1];
      }
      seen.src = runpages.root + ((one.kind === "image" && frame[4]) || frame[1]);
      box.querySelector("figcaption").lastElementChild.textContent = said(frame);
    }
  }

  function options(select, entries, chosen) {
    select.innerHTML = entries.map(([value, text]) => `<option value="${escape(value)}"${value === chosen ? " selected" : ""}>${escape(text)}</option>`).join("");
  }

  function draw() {
    const key = state.get("key");
    const mode = state.get("mode");
    const shown = media.filter((one) => !key || one.key === key);
    steps = [...new Set(shown.flatMap((one) => one.runs.flatMap((entry) => entry.frames.map((frame) => frame[0]))))].filter((step) => step !== null).sort((x, y) => x - y);
    const wanted = state.get("step") === "" ? Infinity : Number(state.get("step"));
    const at = Math.max(0, steps.filter((step) => step <= wanted).length - 1);
    const step = steps.length ? steps[at] : 0;
    Object.assign($("step"), { max: Math.max(0, steps.length - 1), value: at });
    $("stepper").hidden = steps.length < 2;
    $("step").setAttribute("aria-valuetext", "step " + count(step));
    $("at").textContent = count(step);
    $("key").value = key;
    $("mode").value = mode;
    document.querySelectorAll(".rp-media-two").forEach((label) => (label.hidden = !mode));
    $("wiper").hidden = mode !== "wipe";
    const some = numbers.filter((n) => shown.some((one) => one.runs.some((entry) => entry.run === n)));
    const chosen = (name, other) => some.find((n) => runs.key[n] === state.get(name)) ?? some[Math.min(other, some.length - 1)];
    const [a, b] = [chosen("a", 0), chosen("b", 1)];
    const named = some.map((n) => [runs.key[n], runs.name[n] || runs.id[n]]);
    options($("a"), named, runs.key[a]);
    options($("b"), named, runs.key[b]);
    const body = $("body");
    now = step;
    const standing = !mode && body.dataset.mode === "" && body.dataset.key === key;
    if (standing) move();
    else live = [];
    if (!mode && !standing) body.replaceChildren(...shown.map(section));
    else if (mode) body.innerHTML = shown.map((one) => pair(one, a, b, step, mode)).join("") || "<p>These two runs have no key in common. Another pair, or the gallery, shows more.</p>";
    runpages.files(body);
    $("said").textContent = count(shown.length) + (shown.length === 1 ? " key" : " keys") + ", " + count(some.length) + (some.length === 1 ? " run" : " runs");
    body.dataset.step = step;
    body.dataset.mode = mode;
    body.dataset.key = key;
  }

  function start() {
    media = runpages.get("media");
    runs = runpages.get("runs").runs;
    numbers = [...new Set(media.flatMap((one) => one.runs.map((entry) => entry.run)))].sort((x, y) => x - y);
    $("key").insertAdjacentHTML("beforeend", media.map((one) => `<option value="${escape(one.key)}">${escape(one.key)}</option>`).join(""));
    for (const name of ["key", "mode", "a", "b"])
      $(name).addEventListener("change", (event) => {
        state.set({ [name]: event.target.value });
        draw();
      });
    $("step").addEventListener("input", () => {
      state.set({ step: steps[$("step").value] });
      draw();
    });
    $("wipe").addEventListener("input", () => $("body").style.setProperty("--rp-wiped", $("wipe").value + "%"));
    $("bar").addEventListener("submit", (event) => event.preventDefault());
    state.onChange(draw);
    draw();
  }

  runpages.start("media", start);
})();
