/* What the reader set, in the address: a copied link opens the same view, and going back undoes.

   state.get(key)        the value or ""
   state.set({key: v})   "" or null takes a key out; the address changes without a new history entry
   state.keys            sel, q, s, sort, cols, x, y, smooth, group, base, red; on the page of differences: runs, base, all
   state.onChange(f)     f() when the address was changed by someone else (back, a pasted hash)
*/
(function () {
  "use strict";
  let params = read();
  const listeners = [];

  function read() {
    return new URLSearchParams(location.hash.slice(1));
  }

  function set(values) {
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === undefined || value === "") params.delete(key);
      else params.set(key, value);
    }
    const text = params.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/");
    const hash = text ? "#" + text : "";
    if (hash !== location.hash) history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  window.addEventListener("hashchange", () => {
    params = read();
    listeners.forEach((listener) => listener());
  });

  runpages.state = {
    get: (key) => params.get(key) || "",
    set,
    onChange: (listener) => listeners.push(listener),
  };
})();
