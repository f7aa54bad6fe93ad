/* The one global of the site: data that came as scripts, loading more of it, and the order in which a page wakes up.

   runpages.root                 path to the site's root from this page, ends in "/"
   runpages.data(name, text)     called by data files: text is JSON as a string, parsed at first use
   runpages.get(name)            the parsed data, or undefined; parses once
   runpages.load(path, done)     adds a script once; done(true) when it ran, done(false) when it is not there
   runpages.start(name, work)    work() runs when all deferred scripts have; then <html data-ready> is set
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

  function data(name, text) {
    texts.set(name, text);
    parsed.delete(name);
  }

  function get(name) {
    if (!parsed.has(name) && texts.has(name)) {
      parsed.set(name, JSON.parse(texts.get(name)));
      texts.delete(name);
    }
    return parsed.get(name);
  }

  // a report that is one file holds its scripts itself
  function fetchScript(path, settle) {
    if (window.rpFile) return window.rpFile.run(path, settle);
    const script = document.createElement("script");
    script.addEventListener("load", () => settle(true));
    script.addEventListener("error", () => settle(false));
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
    works.push([name, work]);
  }

  function wake() {
    for (const [name, work] of works) {
      // one broken part must not take the rest of the page with it
      try {
        work();
      } catch (error) {
        console.error("runpages: " + name + " failed", error);
      }
    }
    document.documentElement.dataset.ready = "";
  }

  function onTheme(listener) {
    new MutationObserver(listener).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
  }

  window.runpages = { root, data, get, load, files, start, onTheme };
  document.addEventListener("DOMContentLoaded", wake);
})();
