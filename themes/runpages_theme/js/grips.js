/* Columns by hand: a header's edge sets its width, a header dragged over another takes its place.

   runpages.grips(table, {width(id, pixels), place(id, before)})
     width: pixels while and after dragging; 0 for a double click (as at first); place: `before` is a column's id or "" for the end
*/
(function () {
  "use strict";
  const FAR = 6; // pixels before a press becomes a drag

  runpages.grips = function (table, on) {
    let drag = null;
    const headOf = (target) => target.closest("thead th[data-column]");

    table.addEventListener("pointerdown", (event) => {
      if (event.button || event.pointerType === "touch") return;
      const head = headOf(event.target);
      if (!head) return;
      const sizing = event.target.closest(".rp-grip");
      if (!sizing && (!event.target.closest(".rp-sort") || head.dataset.column === "run:name")) return;
      drag = { id: head.dataset.column, sizing, from: event.clientX, wide: head.getBoundingClientRect().width, on: Boolean(sizing), over: null };
      if (sizing) event.preventDefault();
    });

    document.addEventListener("pointermove", (event) => {
      if (!drag) return;
      if (!drag.on && Math.abs(event.clientX - drag.from) < FAR) return;
      drag.on = true;
      if (drag.sizing) on.width(drag.id, Math.max(32, Math.round(drag.wide + event.clientX - drag.from)));
      else aim(document.elementFromPoint(event.clientX, event.clientY), event.clientX);
    });

    function aim(target, x) {
      const head = target && table.contains(target) ? headOf(target) : null;
      clear();
      if (!head || head.dataset.column === drag.id || head.dataset.column === "run:name") return (drag.over = null);
      const box = head.getBoundingClientRect();
      const after = x > box.left + box.width / 2;
      head.classList.add(after ? "rp-drop-after" : "rp-drop-before");
      const next = after ? head.nextElementSibling : head;
      return (drag.over = { before: next ? next.dataset.column : "" });
    }

    const clear = () => table.querySelectorAll(".rp-drop-after, .rp-drop-before").forEach((one) => one.classList.remove("rp-drop-after", "rp-drop-before"));

    document.addEventListener("pointerup", () => {
      if (!drag) return;
      const { id, sizing, over, on: moved } = drag;
      drag = null;
      clear();
      if (moved) swallow();
      if (moved && !sizing && over) on.place(id, over.before);
    });

    // the click that ends a drag sorts nothing
    function swallow() {
      const stop = (event) => {
        event.stopPropagation();
        event.preventDefault();
      };
      table.addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => table.removeEventListener("click", stop, { capture: true }), 0);
    }

    table.addEventListener("dblclick", (event) => {
      const grip = event.target.closest(".rp-grip");
      if (grip) on.width(headOf(grip).dataset.column, 0);
    });
  };
})();
