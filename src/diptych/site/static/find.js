// How the search and the filter of the atlas read a query; diptych.catalogue.query does the same.
const find = {
  // In lower case and normal width: ＲｅＬＵ becomes relu. As diptych.catalogue.query.fold.
  fold: (text) => text.normalize("NFKC").toLowerCase(),

  // The words of a text: the same as diptych.site.search.words, which says why.
  words: (text) => {
    const runs = find.fold(text).match(/[㐀-鿿]+|(?:(?![㐀-鿿])[\p{L}\p{N}_])+/gu) ?? [];
    return runs.flatMap((run) => {
      if (run.length === 1 || !/^[㐀-鿿]/.test(run)) return [run];
      return Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2));
    });
  },

  // The words of a query, as names are spelled: the same as diptych.catalogue.query.typed.
  typed: (query) =>
    find
      .fold(query)
      .replace(/\([^()]*\)?/g, " ")
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => word.replace(/^f\./, "functional.").replace(/^tf\.keras\./, "keras.")),

  // Put the parameters into the address of the page, so that a reader can share it.
  address: (parameters) => {
    const url = new URL(location);
    for (const [name, value] of Object.entries(parameters)) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    history.replaceState(history.state, "", url);
  },
};
