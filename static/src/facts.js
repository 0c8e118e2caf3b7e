// Facts edited in their place: the form comes into the cell, Escape or "Cancel" puts back what stood there.
const before = new WeakMap();
let process = () => {};

function leave(cell) {
  const kept = before.get(cell);
  if (!kept) return false;
  // Somebody else changed it meanwhile: what stood there is no longer true.
  if (cell.querySelector("[data-fact-stale]")) {
    location.reload();
    return true;
  }
  before.delete(cell);
  cell.replaceChildren(...kept);
  process(cell);
  cell.querySelector("[data-fact-edit]")?.focus();
  return true;
}

export function startFacts(htmx) {
  process = (cell) => htmx.process(cell);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const cell = event.detail.target;
    if (cell?.matches?.("dd[data-fact-cell]") && !before.has(cell)) before.set(cell, [...cell.childNodes]);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const form = event.target.querySelector?.("[data-fact]");
    form?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const cell = event.key === "Escape" && event.target.closest("dd[data-fact-cell]");
    if (cell && leave(cell)) event.stopPropagation();
  });
  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-fact-leave]")?.closest("dd[data-fact-cell]");
    if (cell && leave(cell)) event.preventDefault();
  });
}
