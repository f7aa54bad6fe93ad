/* The one global of the site: data that came as scripts, loading more of it, and the order in which a page wakes up.

   runpages.root                 path to the site's root from this page, ends in "/"
   runpages.data(name, text, lists)     called by data files: text is JSON as a string, parsed at first use; lists: the `values` of each of
                                 its columns as a string, or strings by reducer, parsed when somebody asks for one
   runpages.get(name)            the parsed data, or undefined; parses once
   runpages.load(path, done)     adds a script once; done(true) when it ran, done(false) when it is not there
   runpages.start(name, work)    work() runs when all deferred scripts have, at once for a script that came later; then <html data-ready> is set
   runpages.hold()               a function; data-ready waits until it was called
   runpages.files(box)           what stands in box as data-file="PATH from the root" is asked for now: a report in one file and a
                                 locked one see the address in `src` being set, never in markup
   runpages.onTheme(listener)    listener() after light and dark were switched
*/
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="runpages-root"]');
  const root = meta ? meta.content : "";
  const texts = new Map();
  const parsed = new Map();
  const loads = new Map();
  const works = [];
  let awake = false;
  let held = 0;

  function data(name, text, lists) {
    texts.set(name, [text, lists]);
    parsed.delete(name);
  }

  function get(name) {
    if (!parsed.has(name) && texts.has(name)) {
      const [text, lists] = texts.get(name);
      const value = JSON.parse(text);
      if (lists) lists.forEach((list, k) => lend(value.columns[k], "values", list));
      parsed.set(name, value);
      texts.delete(name);
    }
    return parsed.get(name);
  }

  // most lists of a large table are never asked for, and a string costs next to nothing
  function lend(holder, key, list) {
    const read = () => {
      const value = typeof list === "string" ? JSON.parse(list) : {};
      if (typeof list !== "string") for (const name of Object.keys(list)) lend(value, name, list[name]);
      Object.defineProperty(holder, key, { value, writable: true });
      return value;
    };
    Object.defineProperty(holder, key, { configurable: true, enumerable: true, get: read });
  }

  // a report that is one file holds its scripts itself
  function fetchScript(path, settle) {
    if (window.rpFile) return window.rpFile.run(path, settle);
    const script = document.createElement("script");
    script.addEventListener("load", () => settle(true));
    script.addEventListener("error", () => settle(false));
    script.async = false; // several run in the order they were asked for
    script.src = root + path;
    return document.head.append(script);
  }

  function load(path, done) {
    let entry = loads.get(path);
    if (!entry) {
      entry = { state: "", waiting: [] };
      loads.set(path, entry);
      const settle = (ok) => {
        entry.state = ok ? "here" : "missing";
        entry.waiting.splice(0).forEach((call) => call(ok));
      };
      fetchScript(path, settle);
    }
    if (entry.state) done(entry.state === "here");
    else entry.waiting.push(done);
  }

  function files(box) {
    for (const one of box.querySelectorAll("[data-file]")) {
      one.src = root + one.dataset.file;
      one.removeAttribute("data-file");
    }
  }

  function start(name, work) {
    if (awake) run(name, work);
    else works.push([name, work]);
  }

  // one broken part must not take the rest of the page with it
  function run(name, work) {
    try {
      work();
    } catch (error) {
      console.error("runpages: " + name + " failed", error);
    }
  }

  function hold() {
    held += 1;
    let mine = 1;
    return () => {
      held -= mine;
      mine = 0;
      settle();
    };
  }

  function settle() {
    if (awake && !held) document.documentElement.dataset.ready = "";
  }

  function wake() {
    awake = true;
    for (const [name, work] of works) run(name, work);
    settle();
  }

  function onTheme(listener) {
    new MutationObserver(listener).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  }

  window.runpages = { root, data, get, load, files, start, hold, onTheme };
  document.addEventListener("DOMContentLoaded", wake);
})();
