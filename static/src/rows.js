// Today and the board of the week: when the row that holds the focus goes, the next one takes it, or the one before
// where it was the last. Without this the focus would fall to the body, and whoever works with the keyboard would
// start from the top.
const LISTS = "#today, .list:has(.board-table)";
const links = () =>
  [...document.querySelectorAll(`:is(${LISTS}) [data-open]`)].filter((link) => link.checkVisibility());

export function startRows() {
  let order = [];
  let at = -1;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.matches(LISTS)) return;
    const row = document.activeElement?.closest("[data-row]");
    const shown = links();
    order = shown.map((link) => link.id);
    at = row ? shown.findIndex((link) => row.contains(link)) : -1;
  });
  // Settled, that is, after htmx itself gave the focus back where the element is still there.
  document.body.addEventListener("htmx:afterSettle", () => {
    if (at < 0) return;
    const [itself, before, after] = [order[at], order.slice(0, at).reverse(), order.slice(at + 1)];
    at = -1;
    if (document.activeElement && document.activeElement !== document.body) return;
    const there = new Map(links().map((link) => [link.id, link]));
    const next = [itself, ...after, ...before].find((id) => there.has(id));
    const heading = document.querySelector("main h1");
    if (!next) heading.tabIndex = -1;
    (there.get(next) ?? heading).focus();
  });
}
