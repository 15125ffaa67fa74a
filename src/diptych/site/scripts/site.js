// Themes, scrolling boxes and the list of contents, on every page. Loaded in <head>, not deferred.
(() => {
  const { dataset } = document.documentElement;

  // Set light or dark before the page is drawn: on a first visit, the theme's script does it late.
  dataset.mode ||= "auto";
  dataset.theme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";

  // Print in the light theme.
  let shown;
  addEventListener("beforeprint", () => {
    shown = dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => (dataset.theme = shown));

  // Boxes that are too wide get the class "scrolls" (site.css), and the keyboard can scroll them.
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

  // Scroll the list of contents so that the section in view stays visible in it.
  addEventListener("activate.bs.scrollspy", (event) => {
    const list = document.querySelector(".bd-sidebar-secondary");
    if (!list) return; // a page without headings has none
    // In the next frame, because then the entries below the active one are unfolded.
    requestAnimationFrame(() => {
      const { top, bottom } = event.relatedTarget.getBoundingClientRect();
      const box = list.getBoundingClientRect();
      if (top < box.top + 48) list.scrollBy(0, top - box.top - 48);
      if (bottom > box.bottom) list.scrollBy(0, bottom - box.bottom + 16);
    });
  });

  // A folded list opens when its button has the focus. Safari gives buttons no focus on a click.
  addEventListener("click", (event) => event.target.closest?.(".contents-button")?.focus());
})();
