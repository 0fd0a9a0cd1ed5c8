// The results page: tables that sort, and numbers that follow the study while it runs.

const EVERY = 10_000; // milliseconds between two questions to the server
const place = document.querySelector("[data-live]");

// ---------------------------------------------------------------- sorting

/** Text or number by which a cell sorts; what is not known comes last either way. */
function sortKey(cell) {
  const told = cell.dataset.sorts ?? cell.textContent.trim();
  const number = Number(told);
  return { text: told, number: told === "" || Number.isNaN(number) ? null : number, unknown: told === "–" };
}

function compare(a, b, down) {
  if (a.unknown !== b.unknown) return a.unknown ? 1 : -1;
  const order = a.number !== null && b.number !== null
    ? a.number - b.number
    : a.text.localeCompare(b.text, undefined, { numeric: true });
  return down ? -order : order;
}

function sort(table, column, direction) {
  const down = direction === "descending";
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, key: sortKey(row.cells[column]) }));
  rows.sort((a, b) => compare(a.key, b.key, down));
  table.tBodies[0].append(...rows.map(({ row }) => row));
  [...table.tHead.rows[0].cells].forEach((head, at) => {
    if (at === column) head.setAttribute("aria-sort", direction);
    else head.removeAttribute("aria-sort");
  });
}

/** Make a button of each heading of each table below `root`. */
function makeSortable(root) {
  for (const head of root.querySelectorAll("table[data-sortable] thead th")) {
    if (head.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
  }
}

/** The columns by which tables are sorted now, by the table's id. */
function sorted() {
  const heads = [...document.querySelectorAll("table[data-sortable] [aria-sort]")];
  return heads.map((head) => [head.closest("table").id, head.cellIndex, head.getAttribute("aria-sort")]);
}

document.addEventListener("click", (event) => {
  const head = event.target.closest("button.sort")?.closest("th");
  if (!head) return;
  const next = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  sort(head.closest("table"), head.cellIndex, next);
});

// ---------------------------------------------------------------- following the study

/** Change `old` into `fresh` and keep what the reader has: focus, open notes, places of scrolling. */
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  const alike = old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName;
  if (!alike) {
    old.replaceWith(fresh.cloneNode(true));
  } else if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
  } else {
    renewAttributes(old, fresh);
    renewChildren(old, fresh);
  }
}

function renewAttributes(old, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
}

function renewChildren(old, fresh) {
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  after.forEach((node, at) => {
    if (at < before.length) renew(before[at], node);
    else old.append(node.cloneNode(true));
  });
  before.slice(after.length).forEach((node) => node.remove());
}

/** Charts have one address whatever they show: a new one makes the browser fetch them again. */
function renewCharts(root, fingerprint) {
  for (const image of root.querySelectorAll(".figure img")) {
    const address = new URL(image.getAttribute("src"), location.href);
    address.searchParams.set("of", fingerprint);
    image.setAttribute("src", address.pathname + address.search);
  }
}

async function follow(fingerprint) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh) return false;
  makeSortable(fresh);
  for (const [id, column, direction] of sorted()) {
    const table = fresh.querySelector(`#${CSS.escape(id)}`);
    if (table) sort(table, column, direction);
  }
  renewCharts(fresh, fingerprint);
  for (const controls of fresh.querySelectorAll("[data-live-controls]")) controls.hidden = false;
  const pause = fresh.querySelector("[data-live-pause]");
  pause?.setAttribute("aria-pressed", String(paused));
  renew(place, fresh);
  return true;
}

let paused = false;
let known = place?.dataset.fingerprint;

async function ask() {
  const address = place.querySelector("[data-live-address]")?.dataset.liveAddress;
  if (!address || paused || document.hidden) return;
  try {
    const answer = await fetch(address);
    if (!answer.ok) return;
    const { fingerprint } = await answer.json();
    if (fingerprint === known || !(await follow(fingerprint))) return;
    known = fingerprint;
    document.querySelector("[data-live-status]").textContent = place.dataset.announced ?? "";
  } catch {
    // The connection is away: the next question may find it again.
  }
}

makeSortable(document);
if (place?.querySelector("[data-live-address]")) {
  for (const controls of place.querySelectorAll("[data-live-controls]")) controls.hidden = false;
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-live-pause]");
    if (!button) return;
    paused = !paused;
    button.setAttribute("aria-pressed", String(paused));
    if (!paused) ask();
  });
  setInterval(ask, EVERY);
}
