// Sorts a table by the column whose head is clicked, or pressed with Enter or Space.
// Pages are complete without this file: rows stand in their ranked order.
(() => {
  "use strict";
  const told = document.getElementById("sorted");
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const valueOf = (row, index) => {
    const cell = row.cells[index];
    if (!cell) return "";
    return cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim();
  };

  const compare = (a, b, isNumber, sign) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what has no value stays last
    return sign * (isNumber ? Number(a) - Number(b) : words.compare(a, b));
  };

  const sortBody = (body, index, isNumber, sign) => {
    const rows = [...body.rows];
    const stays = (row) => row.classList.contains("group") || row.classList.contains("total");
    const free = rows.filter((row) => !stays(row));
    free.sort((a, b) => compare(valueOf(a, index), valueOf(b, index), isNumber, sign));
    const ordered = rows.map((row) => (stays(row) ? row : free.shift()));
    body.append(...ordered);
  };

  // Ranks and names begin with the first, everything counted begins with the most.
  const beginsUp = (head) => head.dataset.kind !== "number" || head.classList.contains("rank");

  const sort = (table, head, index) => {
    const now = head.getAttribute("aria-sort");
    const isUp = now === "none" ? beginsUp(head) : now === "descending";
    for (const other of head.parentElement.cells) {
      if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    }
    const key = isUp ? "ascending" : "descending";
    head.setAttribute("aria-sort", key);
    const isNumber = head.dataset.kind === "number";
    for (const body of table.tBodies) sortBody(body, index, isNumber, isUp ? 1 : -1);
    told.textContent = told.dataset[key].replace("{column}", head.textContent.trim());
  };

  const prepare = (table) => {
    if (![...table.tBodies].some((body) => body.querySelectorAll("tr:not(.group, .total)").length > 1))
      return;
    const heads = table.tHead.rows[table.tHead.rows.length - 1].cells;
    [...heads].forEach((head, index) => {
      if (!head.dataset.kind) return;
      // Not a button element: browsers leave those out of the heads they repeat on paper.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, head, index));
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        sort(table, head, index);
      });
    });
  };

  document.querySelectorAll("table[data-sortable]").forEach(prepare);
})();
