// The filter of the atlas: it hides rows that do not match. The address of the page holds what the
// reader has chosen: atlas.html?q=leaky&family=activations&status=bridged.
(() => {
  const place = document.getElementById("filter");
  const asked = new URLSearchParams(location.search);
  const tables = [".components", ".left-out"].map((kind) => document.querySelector(kind));
  const [taught, leftOut] = tables.map((table) => [...table.querySelectorAll("tbody tr")]);
  const left = leftOut.flatMap((row) =>
    [...row.querySelectorAll("code")].map((name) => ({ name, row, text: text(name, row.cells[0]) })),
  );
  const texts = new Map(taught.map((row) => [row, text(row)]));
  const families = [...new Set(taught.map((row) => /family-(\w+)/.exec(row.className)[1]))];
  const statuses = ["paired", "bridged", "removed", "left out"];

  function text(...nodes) {
    return find.fold(nodes.map((node) => node.textContent).join("\n"));
  }

  const options = (values) => values.map((value) => `<option>${value}</option>`).join("");
  place.innerHTML = `
    <label>Find <input type="search" name="q" autocomplete="off" spellcheck="false"
      placeholder="MaxPool2D, F.relu, 修正, gradient at 0 …"></label>
    <label>Family <select name="family"><option value="">all</option>${options(families)}</select></label>
    <label>Status <select name="status"><option value="">any</option>${options(statuses)}</select></label>
    <span role="status"></span>`;
  const fields = [...place.querySelectorAll("[name]")];
  const status = place.querySelector("[role=status]");

  const apply = () => {
    const [q, family, chosen] = fields.map((field) => field.value.trim());
    const words = find.typed(q);
    const has = (text) => words.every((word) => text.includes(word));
    for (const row of taught) {
      const { classList } = row;
      const suits =
        (!family || classList.contains(`family-${family}`)) &&
        (!chosen || classList.contains(`is-${chosen}`));
      row.hidden = !suits || !has(texts.get(row));
    }
    const suits = !family && (!chosen || chosen === "left out");
    for (const { name, text } of left) name.hidden = !suits || !has(text);
    for (const row of leftOut) row.hidden = !row.querySelector("code:not([hidden])");
    for (const table of tables) table.hidden = !table.querySelector("tbody tr:not([hidden])");
    const shown = taught.filter((row) => !row.hidden).length;
    const names = left.filter(({ name }) => !name.hidden).length;
    status.textContent =
      `${shown} of ${taught.length} components, ${names} of ${left.length} names left out`;
  };

  for (const field of fields) {
    field.value = asked.get(field.name) ?? "";
    field.addEventListener("input", () => {
      apply();
      find.address(Object.fromEntries(fields.map(({ name, value }) => [name, value.trim()])));
    });
  }
  apply();
})();
