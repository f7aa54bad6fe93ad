/* What stands around table and charts: the splitter, menus that close.

   runpages.controls.splitter()        width of the table, by mouse and arrow keys, remembered on this computer
   runpages.controls.menus()           a click elsewhere or Escape closes an open menu
*/
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);

  function splitter() {
    const bar = find("rp-splitter");
    const panes = find("rp-panes");
    const compare = find("rp-compare");
    const key = "runpages.split";
    const put = (percent) => {
      const value = Math.round(Math.min(80, Math.max(25, percent)));
      compare.style.setProperty("--rp-split", value + "%");
      bar.setAttribute("aria-valuenow", value);
      try {
        localStorage.setItem(key, value);
      } catch {
        // private windows may refuse; the width is then forgotten
      }
      window.dispatchEvent(new Event("resize"));
    };
    let kept = null;
    try {
      kept = localStorage.getItem(key);
    } catch {
      kept = null;
    }
    if (kept) put(Number(kept) || 55);
    bar.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -4, ArrowRight: 4, Home: -100, End: 100 }[event.key];
      if (!by) return;
      event.preventDefault();
      put(Number(bar.getAttribute("aria-valuenow")) + by);
    });
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const box = panes.getBoundingClientRect();
      put(((event.clientX - box.left) / box.width) * 100);
    });
  }

  function menus() {
    const open = () => document.querySelectorAll(".rp-menu[open]");
    document.addEventListener("click", (event) => {
      for (const menu of open()) if (!menu.contains(event.target) && document.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      for (const menu of open()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  }

  runpages.controls = { splitter, menus };
})();
