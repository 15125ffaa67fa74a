// Puts a text field into #filter that hides what does not match in the tables after it.
(() => {
  const place = document.getElementById("filter");
  const rows = [...document.querySelectorAll("#filter ~ * tbody tr")];

  place.innerHTML = `
    <label for="filter-text">Filter</label>
    <input id="filter-text" type="search" autocomplete="off" spellcheck="false"
           placeholder="leaky, torch.nn, 修正, planned …">
    <span role="status"></span>`;
  const field = place.querySelector("input");
  const status = place.querySelector("[role=status]");

  const apply = () => {
    const wanted = field.value.trim().toLowerCase();
    const has = (node) => node.textContent.toLowerCase().includes(wanted);
    for (const row of rows) {
      row.hidden = !has(row);
      // A row of names that are left out shows those that match, or all if its reason does.
      if (!row.closest(".left-out")) continue;
      for (const name of row.querySelectorAll("code")) {
        name.hidden = !has(row.cells[0]) && !has(name);
      }
    }
    const left = rows.filter((row) => !row.hidden).length;
    status.textContent = wanted ? `${left} of ${rows.length} rows` : "";
  };
  field.addEventListener("input", apply);
  apply(); // the browser may have kept the text of an earlier visit
})();
