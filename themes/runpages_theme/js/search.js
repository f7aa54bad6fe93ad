/* The search box of every page over data/search.js: runpages.data("search", …) = [{title, page, text}]. It is loaded at first use. "/" goes there. */
(function () {
  "use strict";
  const MOST = 12;

  function score(entry, words) {
    const title = entry.title.toLowerCase();
    const text = (entry.text || "").toLowerCase();
    let sum = 0;
    for (const word of words) {
      const inTitle = title.indexOf(word);
      if (inTitle === 0) sum += 4;
      else if (inTitle > 0) sum += 2;
      else if (text.includes(word)) sum += 1;
      else return 0;
    }
    return sum;
  }

  function found(entries, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const hits = entries.map((entry) => [score(entry, words), entry]).filter(([points]) => points);
    hits.sort((a, b) => b[0] - a[0]);
    return hits.slice(0, MOST).map(([, entry]) => ({ entry, words }));
  }

  function excerpt(text, words) {
    const at = Math.max(0, (text || "").toLowerCase().indexOf(words[0]) - 30);
    return (at ? "…" : "") + (text || "").slice(at, at + 120);
  }

  function option({ entry, words }, at) {
    const item = document.createElement("li");
    item.id = "rp-search-" + at;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = runpages.root + entry.page;
    link.tabIndex = -1;
    link.textContent = entry.title;
    const text = document.createElement("span");
    text.textContent = excerpt(entry.text, words);
    item.append(link, text);
    return item;
  }

  function begin() {
    const input = document.getElementById("rp-search");
    const list = document.getElementById("rp-search-list");
    if (!input) return;
    let at = -1;
    let loaded = false;
    let eager = false; // Enter came before the data

    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const show = () => {
      if (!loaded || !input.value.trim()) return close();
      const hits = found(runpages.get("search") || [], input.value);
      const none = document.createElement("li");
      none.setAttribute("role", "option");
      none.setAttribute("aria-disabled", "true");
      none.textContent = "Nothing found.";
      list.replaceChildren(...(hits.length ? hits.map(option) : [none]));
      list.hidden = false;
      at = -1;
      return input.setAttribute("aria-expanded", "true");
    };
    const move = (by) => {
      const items = [...list.querySelectorAll("li[id]")];
      if (!items.length) return;
      at = (at + by + items.length) % items.length;
      items.forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
      input.setAttribute("aria-activedescendant", items[at].id);
      items[at].scrollIntoView({ block: "nearest" });
    };

    const go = () => {
      const link = list.querySelectorAll("a")[Math.max(0, at)];
      if (link) link.click();
    };

    input.addEventListener("focus", () =>
      runpages.load("data/search.js", () => {
        loaded = true;
        show();
        if (eager) go();
        eager = false;
      }),
    );
    input.addEventListener("input", show);
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault());
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape") close();
      else if (event.key === "Enter" && loaded) go();
      else eager = event.key === "Enter";
    });
    document.addEventListener("keydown", (event) => {
      const writing = event.target.closest && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
  }

  runpages.start("search", begin);
})();
