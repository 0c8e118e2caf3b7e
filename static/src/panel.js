// The panel at the right in which numbers open: any hx-get with hx-target="#panel-body".
import Offcanvas from "bootstrap/js/dist/offcanvas.js";

export function startPanel() {
  const panel = document.getElementById("panel");
  if (!panel) return;
  const body = panel.querySelector(".panel-body");
  const title = panel.querySelector(".offcanvas-title");
  let opener = null;
  let isGoingBack = false;

  // Open, it has an entry of its own in the history: Back closes it, as it would a page.
  const isOurs = () => history.state?.panel === true;
  panel.addEventListener("show.bs.offcanvas", () => {
    if (!isOurs()) history.pushState({ panel: true }, "");
  });
  panel.addEventListener("hide.bs.offcanvas", () => {
    if (!isOurs()) return;
    isGoingBack = true;
    history.back();
  });
  // Before htmx hears of it, which would load the page anew.
  window.addEventListener(
    "popstate",
    (event) => {
      const isOpen = panel.matches(".show, .showing");
      if (!isOpen && !isGoingBack) return;
      event.stopImmediatePropagation();
      isGoingBack = false;
      if (isOpen) Offcanvas.getInstance(panel).hide();
    },
    true,
  );

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target !== body || panel.contains(event.detail.elt)) return;
    opener = event.detail.elt;
    title.textContent = opener.dataset.panelTitle || "";
    body.replaceChildren(document.getElementById("panel-waiting").content.cloneNode(true));
    Offcanvas.getOrCreateInstance(panel).show();
    // At once, not when it has slid in: Escape and Tab belong to it from now on.
    panel.focus({ preventScroll: true });
  });
  // Bootstrap takes the focus when it has slid in; a field that asks for it may have come before that.
  panel.addEventListener("shown.bs.offcanvas", () => {
    if (!body.contains(document.activeElement)) body.querySelector("[autofocus]")?.focus();
  });
  panel.addEventListener("hidden.bs.offcanvas", () => {
    // The opener may have been swapped away meanwhile; its successor carries the same id.
    const back = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
    back?.focus?.();
    opener = null;
  });
}
