// The framework switch. Two attributes of <html> say what panels.css shows:
//   data-framework  what the reader chose: both, pytorch or tensorflow
//   data-tab        which of the two is in front where the window is too narrow for both
// Loaded in <head> and not deferred, so that they are set before anything is drawn.
(() => {
  const root = document.documentElement;
  const FRAMEWORKS = ["pytorch", "tensorflow"];
  const CHOICES = ["both", ...FRAMEWORKS];

  // Storage throws where cookies are blocked; the choice then lives in the links.
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

  // What stays where it is when panels come and go above it: the section that was asked for, if it
  // is in view, or else the first block that begins below the top bar. A panel may go, its pair not.
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

  // The block that was kept, and where: as long as the reader has not scrolled, it is that again.
  let held = {};

  const keeping = (change, block = undefined) => {
    if (block || scrollY !== held.scrollY) {
      const kept = block ?? inSight();
      held = { kept, top: kept?.getBoundingClientRect().top };
    }
    if (!held.kept) return change();
    const off = () => held.kept.getBoundingClientRect().top - held.top;
    const back = () => scrollBy({ top: off(), behavior: "instant" });
    // The browser's own way to keep the place goes by another element, and would be added to ours.
    root.style.overflowAnchor = "none";
    document.body.style.paddingBottom = "";
    change();
    back();
    // Near its end the page may have become too short to scroll so far.
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
    // The address must not contradict the page: it may be reloaded, or passed on.
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
  // Another tab has chosen, or this page comes back from the history.
  addEventListener("storage", recalled);
  addEventListener("pageshow", (event) => event.persisted && recalled());

  document.addEventListener("change", (event) => {
    if (event.target.name === "framework") choose(event.target.value);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-panel]");
    if (button) choose(root.dataset.framework, button.dataset.panel, button);
  });

  // Opened from file://, some browsers give each page a storage of its own.
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
