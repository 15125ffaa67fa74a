// The search page. searchindex.js, which diptych.site.search writes, says what the index holds.
(() => {
  const { pages, sections, names } = searchIndex;
  const vocabulary = Object.entries(searchIndex.words);
  const SHOWN = { names: 6, sections: 30 };
  const CHINESE = /[㐀-鿿]/;
  const passedOver = new Set(searchIndex.passed_over);
  const average = sections.reduce((sum, section) => sum + section[4], 0) / sections.length;
  const entries = names.map(([name, zh, where, address, symbols]) => {
    const said = [name, name.replace(/\W+/g, "_"), ...name.split(/[\s(),]+/), ...zh.split(/[；/]/)];
    const texts = [...said, ...symbols.flat()].map(find.fold);
    return { name, zh, where, address, symbols, texts };
  });

  // How well a typed word fits the best of some texts: 4 for the whole name, 2 for its beginning, 1
  // for any part.
  const fit = (word, texts) =>
    Math.max(
      ...texts.map((text) => {
        if (text === word || text.endsWith(`.${word}`)) return 4;
        if (text.startsWith(word) || text.includes(`.${word}`)) return 2;
        return text.includes(word) ? 1 : 0;
      }),
    );

  // The names that contain every word, the best first, then in the order of the book. If there are
  // none, words are tried without what is before the dot: loss.backward is no name, backward is.
  const named = (typed) => {
    const score = ({ name, texts }) => {
      const fits = typed.map((word) => fit(word, texts));
      if (!fits.length || fits.includes(0)) return 0;
      const whole = find.fold(name) === typed.join(" ") ? 4 : 0;
      return whole + fits.reduce((sum, each) => sum + each) / fits.length;
    };
    const found = entries
      .map((entry) => ({ ...entry, score: score(entry) }))
      .filter((entry) => entry.score)
      .sort((a, b) => b.score - a.score);
    const shorter = typed.map((word) => word.replace(/^[^.]*\./, ""));
    return found.length || shorter.join() === typed.join() ? found : named(shorter);
  };

  // How often each section contains a word. Words that only begin with it, or contain it, count less.
  const counted = (word) => {
    const counts = new Map();
    const within = word.length > 2 || CHINESE.test(word);
    for (const [known, postings] of vocabulary) {
      const place = known.indexOf(word);
      if (place < 0 || (place > 0 && !within)) continue;
      const weight = known === word ? 1 : place === 0 ? 0.5 : 0.25;
      let section = 0;
      for (const posting of postings) {
        section += posting >> 4;
        const count = weight * (posting % 16);
        if (count > (counts.get(section) ?? 0)) counts.set(section, count);
      }
    }
    return counts;
  };

  // The sections that contain every word, or else some words, or else parts of the words between
  // underscores. Chapters come first; the order within is by Okapi BM25 with its usual constants,
  // k = 1.2 and b = 0.75.
  const searched = (typed) => {
    const found = typed.flatMap(find.words).map(counted);
    const scores = new Map();
    for (const counts of found) {
      const rarity = Math.log(1 + (sections.length - counts.size + 0.5) / (counts.size + 0.5));
      for (const [number, count] of counts) {
        const length = 0.25 + (0.75 * sections[number][4]) / average;
        const hit = scores.get(number) ?? { number, score: 0, matched: 0 };
        hit.score += (rarity * count * 2.2) / (count + 1.2 * length);
        hit.matched += 1;
        scores.set(number, hit);
      }
    }
    const parts = typed.flatMap((word) => word.split("_").filter(Boolean));
    if (!scores.size && parts.length > typed.length) return { ...searched(parts), partial: true };
    const some = [...scores.values()];
    const every = some.filter((hit) => hit.matched === found.length);
    const hits = (every.length ? every : some).map(({ number, score, matched }) => {
      const [page, anchor, headings, lead] = sections[number];
      const [address, title, rank] = pages[page];
      const href = anchor ? `${address}#${anchor}` : address;
      return { href, path: [title, ...headings], lead, rank, score: score * matched };
    });
    hits.sort((a, b) => a.rank - b.rank || b.score - a.score);
    return { hits, partial: !every.length };
  };

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // One name of each framework: the one that fits the query best.
  const nameHit = (entry, typed) => {
    const score = (name) => typed.reduce((sum, word) => sum + fit(word, [find.fold(name)]), 0);
    const codes = entry.symbols.map((group) => [...group].sort((a, b) => score(b) - score(a))[0]);
    return element(
      "li",
      {},
      element("a", { href: entry.address }, entry.name),
      element("span", { className: "zh", lang: "zh" }, entry.zh),
      element("p", { className: "where" }, entry.where),
      element("p", {}, ...codes.map((code) => element("code", {}, code))),
    );
  };

  const sectionHit = ({ href, path, lead }) =>
    element(
      "li",
      {},
      element("a", { href, className: "section" }, path.at(-1)),
      element("p", { className: "where" }, path.slice(0, -1).join(" › ")),
      element("p", {}, lead),
    );

  const field = document.querySelector(".bd-search-container input[name=q]");
  const status = element("p", { role: "status" });
  const list = element("ol", { className: "hits" });
  const atlas = element("a", { className: "btn" });
  const more = element("button", { type: "button", className: "btn" });
  document.getElementById("search-results").append(status, list, atlas, more);

  const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

  const search = (all = false) => {
    const query = field.value.trim();
    const said = find.typed(query);
    const asked = said.filter((word) => !passedOver.has(word));
    const typed = asked.length ? asked : said;
    const called = named(typed);
    const first = called.slice(0, SHOWN.names);
    const { hits, partial } = searched(typed);
    // Leave out sections that are listed as names, and repeated headings: a difference may have the
    // same heading as a section.
    const seen = new Set(first.map(({ address }) => address));
    const others = hits.filter(({ href, path }) => {
      const title = `${path[0]} ${path.at(-1)}`;
      const repeated = seen.has(href) || seen.has(title);
      seen.add(title);
      return !repeated;
    });
    const shown = all ? others : others.slice(0, SHOWN.sections);
    list.replaceChildren(...first.map((entry) => nameHit(entry, typed)), ...shown.map(sectionHit));
    const which = partial && others.length ? " with some of these words" : "";
    status.textContent = query
      ? `${count(called.length, "name")}, ${count(others.length, "section")}${which}`
      : "";
    more.hidden = shown.length === others.length;
    more.textContent = `Show all ${others.length} sections`;
    atlas.hidden = first.length === called.length;
    atlas.href = `atlas.html?q=${encodeURIComponent(query)}`;
    atlas.textContent = `Show all ${called.length} names in the atlas`;
  };

  field.value = new URLSearchParams(location.search).get("q") ?? "";
  field.addEventListener("input", () => {
    search();
    find.address({ q: field.value.trim() });
  });
  field.form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => search(true));
  // Sphinx highlights these words on the next page that the reader opens.
  list.addEventListener("click", (event) => {
    if (!event.target.closest("a.section")) return;
    try {
      localStorage.setItem("sphinx_highlight_terms", find.typed(field.value).join(" "));
    } catch {
      // Storage is blocked: no words are highlighted.
    }
  });
  search();
})();
