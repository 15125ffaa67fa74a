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

  const choose = (framework, tab = root.dataset.tab) => {
    remember("framework", framework);
    remember("tab", tab);
    show(framework, tab);
    if (!linked()) return;
    // The address must not contradict the page: it may be reloaded, or passed on.
    const url = new URL(location);
    url.searchParams.set("framework", framework);
    history.replaceState(history.state, "", url);
  };

  const recalled = () =>
    show(
      recall("framework", CHOICES) ?? root.dataset.framework ?? "both",
      recall("tab", FRAMEWORKS) ?? root.dataset.tab ?? "pytorch",
    );

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
    if (!button) return;
    // Every pair above changes its height too: keep the clicked one where it is.
    const top = button.getBoundingClientRect().top;
    choose(root.dataset.framework, button.dataset.panel);
    scrollBy({ top: button.getBoundingClientRect().top - top, behavior: "instant" });
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
