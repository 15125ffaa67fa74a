// The framework switch. Two attributes of <html> decide which panels the style sheet shows:
//   data-framework  the reader's choice: both, pytorch or tensorflow
//   data-tab        the visible panel if the window is too narrow for both
// Loaded in <head> and not deferred, so that they are set before the page is drawn.
(() => {
  const root = document.documentElement;
  const FRAMEWORKS = ["pytorch", "tensorflow"];
  const CHOICES = ["both", ...FRAMEWORKS];

  // Storage throws errors if cookies are blocked. Then links carry the choice to the next page.
  let stored = true;
  const recall = (key, allowed) => {
    try {
      const value = localStorage.getItem(`diptych-${key}`);
      return allowed.includes(value) ? value : null;
    } catch {
      stored = false;
      return null;
    }
  };
  const remember = (key, value) => {
    try {
      localStorage.setItem(`diptych-${key}`, value);
    } catch {
      stored = false;
    }
  };

  const linked = () => {
    const value = new URLSearchParams(location.search).get("framework");
    return CHOICES.includes(value) ? value : null;
  };

  const show = (framework, tab) => {
    root.dataset.framework = framework;
    root.dataset.tab = framework === "both" ? tab : framework;
    for (const radio of document.getElementsByName("framework")) {
      radio.checked = radio.value === framework;
    }
    for (const button of document.querySelectorAll("[data-panel]")) {
      button.setAttribute("aria-pressed", button.dataset.panel === root.dataset.tab);
    }
  };

  // The block that must keep its place when panels above it appear or disappear: the heading that
  // the address names, if it is in view, or else the first block below the top bar. It is never in a
  // panel, because panels may disappear.
  const BLOCKS = ".bd-article :is(h1, h2, h3, p, li, table, .math, .cell, .figure, .diptych)";
  const inSight = () => {
    const bar = document.querySelector(".bd-header-article")?.getBoundingClientRect().bottom ?? 0;
    const begins = (element) => {
      const { top, height } = element.getBoundingClientRect();
      return height > 0 && top >= bar - 1 && top < innerHeight;
    };
    const heading = document.querySelector(":target")?.closest("section")?.querySelector("h1, h2, h3");
    if (heading && begins(heading)) return heading;
    const blocks = [...document.querySelectorAll(BLOCKS)];
    return blocks.find((block) => !block.closest(".panel") && begins(block));
  };

  // The block that has kept its place, and where. It is used again until the reader scrolls.
  let held = {};

  const keeping = (change, block = undefined) => {
    if (block || scrollY !== held.scrollY) {
      const kept = block ?? inSight();
      held = { kept, top: kept?.getBoundingClientRect().top };
    }
    if (!held.kept) return change();
    const off = () => held.kept.getBoundingClientRect().top - held.top;
    const back = () => scrollBy({ top: off(), behavior: "instant" });
    // Turn off the browser's scroll anchoring, which would move the page a second time.
    root.style.overflowAnchor = "none";
    document.body.style.paddingBottom = "";
    change();
    back();
    // Near the end, the page may now be too short to scroll so far: make it longer.
    if (off() > 0.5) document.body.style.paddingBottom = `${Math.ceil(off())}px`;
    back();
    held.scrollY = scrollY;
    requestAnimationFrame(() => {
      if (scrollY === held.scrollY) back();
      held.scrollY = scrollY;
      root.style.overflowAnchor = "";
    });
  };

  const choose = (framework, tab = root.dataset.tab, kept = undefined) => {
    remember("framework", framework);
    remember("tab", tab);
    keeping(() => show(framework, tab), kept);
    if (!linked()) return;
    // The address must not contradict the page, because readers reload it and share it.
    const url = new URL(location);
    url.searchParams.set("framework", framework);
    history.replaceState(history.state, "", url);
  };

  const recalled = () => {
    const framework = recall("framework", CHOICES) ?? root.dataset.framework ?? "both";
    const tab = recall("tab", FRAMEWORKS) ?? root.dataset.tab ?? "pytorch";
    if (framework === root.dataset.framework && tab === root.dataset.tab) return;
    keeping(() => show(framework, tab));
  };

  recalled();
  if (linked()) choose(linked());

  document.addEventListener("DOMContentLoaded", () =>
    show(root.dataset.framework, root.dataset.tab),
  );
  // The reader has chosen in another tab, or comes back to this page.
  addEventListener("storage", recalled);
  addEventListener("pageshow", (event) => event.persisted && recalled());

  document.addEventListener("change", (event) => {
    if (event.target.name === "framework") choose(event.target.value);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel]");
    if (button) choose(root.dataset.framework, button.dataset.panel, button);
  });

  // Without storage that pages share, links carry the choice. Some browsers have none for file://.
  const carry = (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || (stored && location.protocol !== "file:")) return;
    const within = link.protocol === location.protocol && link.host === location.host;
    if (!within || link.pathname === location.pathname || !link.pathname.endsWith(".html")) return;
    const parameters = new URLSearchParams(link.search);
    parameters.set("framework", root.dataset.framework);
    link.search = parameters;
  };
  for (const type of ["pointerdown", "click"]) document.addEventListener(type, carry, true);
})();
