// [data-poll]: a list that looks whether something new came. It waits while somebody reads a hint or chooses in a
// list, and leaves tables scrolled as they were; htmx itself gives the focus back to the element of the same id.
const isBusy = () => Boolean(document.querySelector(".hint:popover-open") || document.activeElement?.matches("select, input, textarea"));

export function startPolls() {
  let scrolled = 0;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-poll]") && isBusy()) event.preventDefault();
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // It may have become busy while the answer was on its way; the next one brings the same.
    if (event.detail.requestConfig.elt.matches("[data-poll]") && isBusy()) event.detail.shouldSwap = false;
    scrolled = event.detail.target.querySelector("[data-keep-scroll]")?.scrollLeft ?? 0;
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    const table = document.querySelector("[data-keep-scroll]");
    if (table && scrolled) table.scrollLeft = scrolled;
    scrolled = 0;
  });
}
