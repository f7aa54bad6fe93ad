/* What the reader set, in the address: a copied link opens the same view, and going back undoes.

   state.get(key)        the value or ""
   state.set({key: v})   "" or null takes a key out; the address changes without a new history entry
   state.all()           [[key, value]] of all that is set, a saved view's settings included
   state.keys            sel, q, s, sort, cols, pin, w, dir, group, base, red, pm, diff, heat, px, pv of the table; x, y, smooth ... of the charts,
                         kind, kx, ky, kc, ks of those that are no curves, alone for a frame;
                         runs, base, all of the page of differences
   state.onChange(f)     f() when the address was changed by someone else (back, a pasted hash)
   A saved view's page says in data-state where it starts from; what the reader changes stands in the address over it.
*/
(function () {
  "use strict";
  let params = read();
  let saved = null;
  const listeners = [];

  function read() {
    return new URLSearchParams(location.hash.slice(1));
  }

  function start() {
    return (saved ??= new URLSearchParams(document.getElementById("rp-compare")?.dataset.state || ""));
  }

  const get = (key) => (params.has(key) ? params.get(key) : start().get(key)) || "";

  function set(values) {
    for (const [key, value] of Object.entries(values)) {
      const text = value === null || value === undefined ? "" : String(value);
      // what a saved view sets and the reader took out stands in the address as empty
      if (text === (start().get(key) || "")) params.delete(key);
      else params.set(key, text);
    }
    const text = params.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%2F/g, "/");
    const hash = text ? "#" + text : "";
    if (hash !== location.hash) history.replaceState(history.state, "", location.pathname + location.search + hash);
  }

  function all() {
    return [...new Set([...start().keys(), ...params.keys()])].map((key) => [key, get(key)]).filter(([, value]) => value);
  }

  window.addEventListener("hashchange", () => {
    params = read();
    listeners.forEach((listener) => listener());
  });

  runpages.state = { get, set, all, onChange: (listener) => listeners.push(listener) };
})();
