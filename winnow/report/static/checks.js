
// --- faults: on a line of the source, and in the matrix

function openFaults(button, cell) {
  const row = button.closest("tr");
  const copies = cell.dataset.faults.split(" ").map((number) => {
    const copy = document.getElementById(`fault-${number}`).cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  });
  const box = make("div", { className: "who", role: "region", tabIndex: 0 }, make("ul", { className: "faults" }, ...copies));
  button.id = `planted-${row.id}`;
  box.setAttribute("aria-labelledby", button.id);
  row.after(make("tr", { id: `faults-${row.id}`, className: "opened" }, make("td", { colSpan: row.cells.length }, box)));
}

function makeFaults() {
  for (const cell of document.querySelectorAll("[data-faults]")) {
    const button = makeButton(cell, () => {
      const opened = document.getElementById(`faults-${button.closest("tr").id}`);
      if (opened) opened.remove(); else openFaults(button, cell);
      button.setAttribute("aria-expanded", String(!opened));
    });
    button.setAttribute("aria-expanded", "false");
  }
}

/** Explain a number in a tooltip: the test, the fault's promise, how it was caught. */
function explain(cell) {
  const own = (node) => node.querySelector(`[lang="${root.lang}"]`).textContent;
  const head = cell.closest("table").tHead.rows[0].cells[cell.cellIndex];
  const fault = `${head.textContent.trim()}: ${own(document.querySelector(head.firstChild.hash))}`;
  const caught = () => `${cell.parentNode.cells[0].textContent.trim()}\n${fault}\n${cell.firstChild.textContent}: ${own(cell)}`;
  cell.title = cell === head ? fault : caught();
}

function makeMatrix() {
  const grid = document.querySelector(".grid");
  if (!grid) return;
  for (const word of document.querySelectorAll("#kinds li > span")) {
    for (const cell of grid.querySelectorAll(`td.${word.className}`)) {
      cell.append(make("span", { className: "unseen" }, ", ", ...word.cloneNode(true).childNodes));
    }
  }
  for (const link of grid.querySelectorAll("thead a")) {
    link.append(make("span", { className: "unseen" }, ` ${document.querySelector(`${link.hash} code`).textContent}`));
  }
  grid.addEventListener("pointerover", ({ target }) => {
    const cell = target.closest("td[class], thead th + th");
    if (cell) explain(cell);
  });
  const unfold = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", unfold);
  unfold();
}
