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

  // In a narrow window figures scroll (site.css): by keyboard, too.
  addEventListener("load", () => {
    for (const figure of document.querySelectorAll(".cell_output:has(> img)")) {
      if (figure.scrollWidth > figure.clientWidth) figure.tabIndex = 0;
    }
  });
})();
