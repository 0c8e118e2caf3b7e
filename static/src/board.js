// The weekly review: what stands behind a cell comes when somebody points at it or reaches it with the keyboard, as
// a hint; pressed, it opens in the panel. Without a script the buttons of the board lead to pages.
const cellOf = (event) => event.target.closest?.('#look button[name="cell"]:not([popovertarget])');
const isWanted = (button) => button.isConnected && (button.matches(":hover") || document.activeElement === button);
// A pointer that only passes over the board asks for nothing.
const PATIENCE_MS = 80;

async function load(button, htmx) {
  if (!isWanted(button) || button.hasAttribute("popovertarget")) return;
  const form = button.form;
  const query = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(`${form.action}?${query}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected || !button.isConnected || button.hasAttribute("popovertarget")) return;
  const hint = document.createElement("div");
  hint.className = "hint";
  hint.popover = "auto";
  hint.id = `hint-${button.value}`;
  hint.innerHTML = await answer.text();
  button.after(hint);
  button.setAttribute("popovertarget", hint.id);
  htmx.process(hint);
  if (isWanted(button)) hint.showPopover();
}

// The browser keeps the whole screen while htmx turns the page over.
function toggleFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen().catch(() => {});
}

// The screen of the meeting: one project on, one back, and out. In a field the keys belong to the field, and
// Escape leaves it.
function turn(event) {
  const target = document.querySelector(`[data-turn="${CSS.escape(event.key)}"]`);
  if (!target || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest?.("input, textarea, select, .ts-wrapper");
  if (field && event.key === "Escape") document.activeElement.blur();
  if (field || document.querySelector(".modal.show")) return;
  event.preventDefault();
  target.click();
}

function focusNamed() {
  const id = location.hash.slice(1);
  if (id.startsWith("project-")) document.getElementById(id)?.focus();
}

export function startBoard(htmx) {
  const ask = (event) => {
    const button = cellOf(event);
    if (button) setTimeout(() => load(button, htmx).catch(() => {}), PATIENCE_MS);
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && ask(event));
  document.addEventListener("focusin", (event) => event.target.matches?.(":focus-visible") && ask(event));
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
    if (event.target.closest?.("[data-fullscreen]")) toggleFullscreen();
  });
  document.addEventListener("keydown", turn);
  // The event does not bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => target.matches("[data-focus-inside][open]") && target.querySelector("textarea")?.focus(),
    true,
  );

  // The form sends for its buttons: the panel is named after the row, and gives the focus back to the button.
  let opener = null;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target, requestConfig } = event.detail;
    const pressed = requestConfig.triggeringEvent?.submitter ?? elt;
    const row = pressed.closest?.(".board-table [data-row]");
    if (!row || target.id !== "panel-body") return;
    document.querySelector(".hint:popover-open")?.hidePopover();
    document.getElementById("panel-title").textContent = row.querySelector("[data-open]").textContent;
    opener = row.querySelector("[data-open]").id;
  });
  document.getElementById("panel")?.addEventListener("hidden.bs.offcanvas", () => {
    if (opener) document.getElementById(opener)?.focus();
    opener = null;
  });
  focusNamed();
}
