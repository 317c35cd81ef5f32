"use strict";

// --- language: the reader's last choice, else the browser's; before anything is painted

const root = document.documentElement;

function speak(language) {
  root.dataset.language = language;
  root.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("title, option[data-en]")) node.textContent = node.dataset[language];
  const label = language === "zh" ? "labelZh" : "labelEn";
  for (const node of document.querySelectorAll("[data-label-en]")) node.setAttribute("aria-label", node.dataset[label]);
  for (const button of document.querySelectorAll("[data-set]")) {
    button.setAttribute("aria-pressed", String(button.dataset.set === language));
  }
}

function remembered() {
  try { return localStorage.getItem("winnow-language"); } catch { return null; }
}

function remember(language) {
  try { localStorage.setItem("winnow-language", language); } catch { /* the choice is not kept */ }
}

function initial() {
  const known = remembered();
  if (known === "en" || known === "zh") return known;
  return (navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
}

function makeSwitch() {
  for (const button of document.querySelectorAll("[data-set]")) {
    button.addEventListener("click", () => { speak(button.dataset.set); remember(button.dataset.set); });
  }
}

// --- small helpers

function make(name, properties, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

/** Put a button around the content of a node; without scripts the page shows the content alone. */
function makeButton(node, press) {
  const button = make("button", { type: "button" }, ...node.childNodes);
  node.append(button);
  button.addEventListener("click", () => press(button));
  return button;
}

// --- source: which tests ran a line

function ranges(text) {
  return text.split(" ").flatMap((span) => {
    const [first, last = first] = span.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, step) => first + step);
  });
}

/** Collect the tests with these indexes under the name they share: [name, promise, parameters]. */
function named(who, indexes) {
  const wanted = new Set(indexes);
  let position = 0;
  return who
    .map(([name, promise, all]) => [name, promise, all.filter(() => wanted.has(position++))])
    .filter(([, , ran]) => ran.length);
}

function entry([name, promise, ran]) {
  const parameters = ran.filter(Boolean);
  const item = make("li", {}, ...(promise ? [make("span", { className: "promise" }, promise)] : []), make("code", {}, name));
  if (parameters.length) item.append(make("span", { className: "parameters" }, `[${parameters.join("], [")}]`));
  return item;
}

function openLine(button, cell, who) {
  const row = button.closest("tr");
  const list = make("ul", {}, ...named(who, ranges(cell.dataset.tests)).map(entry));
  const box = make("div", { className: "who", role: "region", tabIndex: 0 }, list);
  button.id = `by-${row.id}`;
  box.setAttribute("aria-labelledby", button.id);
  if ("import" in cell.dataset) box.append(document.getElementById("also-import").content.cloneNode(true));
  const inside = make("td", { colSpan: row.cells.length }, box);
  row.after(make("tr", { id: `who-${row.id}`, className: "opened" }, inside));
}

function makeLines() {
  const data = document.getElementById("who");
  if (!data) return;
  const who = JSON.parse(data.textContent);
  for (const cell of document.querySelectorAll(".ran")) {
    const button = makeButton(cell, () => {
      const opened = document.getElementById(`who-${button.closest("tr").id}`);
      if (opened) opened.remove(); else openLine(button, cell, who);
      button.setAttribute("aria-expanded", String(!opened));
    });
    button.setAttribute("aria-expanded", "false");
  }
}

// --- coverage: a module's functions fold away; those with gaps, and the gated module's, stand open

function makeModules() {
  for (const toggle of document.querySelectorAll(".toggle")) {
    const body = toggle.closest("tbody");
    const show = (open) => {
      button.setAttribute("aria-expanded", String(open));
      for (const row of body.querySelectorAll(".function")) row.hidden = !open;
    };
    const button = makeButton(toggle, () => show(button.getAttribute("aria-expanded") !== "true"));
    show(body.matches(".gated, .lacking"));
  }
}

// --- tests: filter and sort

function makeFilters() {
  const form = document.querySelector(".filters");
  if (!form) return;
  const rows = [...document.querySelectorAll("table.tests tbody tr")].map((row) => [row, row.textContent.toLowerCase()]);
  const apply = () => {
    const words = form.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = [...form.querySelectorAll("select")].filter((select) => select.value);
    let shown = 0;
    for (const [row, text] of rows) {
      const fits = words.every((word) => text.includes(word));
      row.hidden = !(fits && chosen.every((select) => row.dataset[select.dataset.field] === select.value));
      shown += row.hidden ? 0 : 1;
    }
    for (const node of form.querySelectorAll(".shown")) node.textContent = shown;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}

function sortKey(row, field) {
  if (field === "ms") return Number(row.dataset.ms);
  return field === "test" ? row.querySelector("th").textContent : row.dataset[field];
}

function sortBy(head) {
  const falling = head.ariaSort ? head.ariaSort !== "descending" : head.dataset.sort === "ms";
  for (const other of head.parentNode.cells) other.ariaSort = null;
  head.ariaSort = falling ? "descending" : "ascending";
  const body = head.closest("table").tBodies[0];
  const order = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
  const keyed = [...body.rows].map((row) => [sortKey(row, head.dataset.sort), row]);
  keyed.sort(([a], [b]) => (falling ? -order(a, b) : order(a, b)));
  body.append(...keyed.map(([, row]) => row));
}

function makeSorting() {
  for (const head of document.querySelectorAll("[data-sort]")) makeButton(head, () => sortBy(head));
}

/** On a phone rows become cards; say that it is still a table. */
function keepTables() {
  const roles = { table: "", rowgroup: " :is(thead, tbody)", row: " tr", cell: " td", columnheader: " thead th", rowheader: " tbody th" };
  for (const [role, below] of Object.entries(roles)) {
    for (const node of document.querySelectorAll(`table.stacks${below}`)) node.setAttribute("role", role);
  }
}

root.classList.add("scripted");
speak(initial());
addEventListener("DOMContentLoaded", () => {
  speak(root.dataset.language);
  for (const step of [makeSwitch, makeLines, makeModules, makeFilters, makeSorting, keepTables, makeFaults, makeMatrix]) step();
});
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
