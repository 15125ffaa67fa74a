// What every page needs beside panels.js. Loaded in <head> and not deferred.
(() => {
  const { dataset } = document.documentElement;

  // Light or dark, before anything is drawn: on a first visit the theme leaves it open till the end.
  dataset.mode ||= "auto";
  dataset.theme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

  // Paper is white.
  let shown;
  addEventListener("beforeprint", () => {
    shown = dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => (dataset.theme = shown));

  // What is wider than its place says so (site.css), and can be scrolled by keyboard.
  const measured = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const wide = target.scrollWidth > target.clientWidth;
      target.classList.toggle("scrolls", wide);
      if (wide) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  addEventListener("DOMContentLoaded", () => {
    const boxes = ".bd-article :is(pre, div.math, .pst-scrollable-table-container)";
    for (const box of document.querySelectorAll(boxes)) measured.observe(box);
  });

  // The list of contents follows the reader: the section that is read stays in sight in it.
  addEventListener("activate.bs.scrollspy", (event) => {
    const list = document.querySelector(".bd-sidebar-secondary");
    if (!list) return; // a page without headings has none
    // In the next frame, when the entries below an active one are unfolded and have their places.
    requestAnimationFrame(() => {
      const { top, bottom } = event.relatedTarget.getBoundingClientRect();
      const box = list.getBoundingClientRect();
      if (top < box.top + 48) list.scrollBy(0, top - box.top - 48);
      if (bottom > box.bottom) list.scrollBy(0, bottom - box.bottom + 16);
    });
  });

  // Where the list is folded, its button opens it by taking the focus, which Safari does not give.
  addEventListener("click", (event) => event.target.closest?.(".contents-button")?.focus());
})();
