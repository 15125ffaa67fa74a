// What the search and the filter of the atlas share: how a query is read.
const find = {
  // ＲｅＬＵ is relu; diptych.catalogue.atlas.fold does the same.
  fold: (text) => text.normalize("NFKC").toLowerCase(),

  // The words of a text; words in diptych.site.search is the same, and says why.
  words: (text) => {
    const runs = find.fold(text).match(/[㐀-鿿]+|(?:(?![㐀-鿿])[\p{L}\p{N}_])+/gu) ?? [];
    return runs.flatMap((run) => {
      if (run.length === 1 || !/^[㐀-鿿]/.test(run)) return [run];
      return Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
    });
  },

  // What was typed, word for word; diptych.catalogue.atlas.typed is the same.
  typed: (query) =>
    find
      .fold(query)
      .replace(/\([^()]*\)?/g, " ")
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => word.replace(/^f\./, "functional.").replace(/^tf\.keras\./, "keras.")),

  // Keep the address in step with what is chosen, so that it can be passed on.
  address: (parameters) => {
    const url = new URL(location);
    for (const [name, value] of Object.entries(parameters)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
  },
};
