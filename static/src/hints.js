// Hints: a button opens its popover by click, Enter and touch without any script (popovertarget). Here it also
// opens by hovering and focus, and stands beside its button instead of in the middle of the page.
const GAP = 4;
// Long enough to move the pointer from the button into the hint.
const PATIENCE_MS = 150;

const hintOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
const buttonOf = (hint) => document.querySelector(`[popovertarget="${CSS.escape(hint.id)}"]`);
const opened = () => document.querySelector(".hint:popover-open");

function place(hint) {
  const button = buttonOf(hint).getBoundingClientRect();
  const room = document.documentElement;
  const below = button.bottom + GAP;
  const fitsBelow = below + hint.offsetHeight <= room.clientHeight;
  const top = fitsBelow ? below : Math.max(GAP, button.top - GAP - hint.offsetHeight);
  const left = Math.max(GAP, Math.min(button.left, room.clientWidth - hint.offsetWidth - GAP));
  hint.style.inset = `${top}px auto auto ${left}px`;
  hint.style.margin = "0";
}

function isHeld(hint) {
  const button = buttonOf(hint);
  return [hint, button].some((part) => part?.matches(":hover") || part?.contains(document.activeElement));
}

export function startHints() {
  let waiting;
  // A hint that closes gives the focus back to its button, which must not open it again.
  let isChanging = false;
  const show = (event) => {
    const button = event.target.closest?.("[popovertarget]");
    const hint = button && hintOf(button);
    if (!isChanging && hint?.matches(".hint:not(:popover-open)")) hint.showPopover();
  };
  const leave = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const hint = opened();
      if (hint && !isHeld(hint)) hint.hidePopover();
    }, PATIENCE_MS);
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && show(event));
  document.addEventListener("pointerout", leave);
  document.addEventListener("focusin", (event) => event.target.matches?.(":focus-visible") && show(event));
  document.addEventListener("focusout", leave);
  document.addEventListener("beforetoggle", () => (isChanging = true), true);
  const settle = (event) => {
    isChanging = false;
    if (!event.target.matches?.(".hint")) return;
    if (event.newState === "open") place(event.target);
    // htmx writes the attributes of what it replaces onto the new element, and the policy refuses a style there.
    else event.target.removeAttribute("style");
  };
  document.addEventListener("toggle", settle, true);
  document.addEventListener(
    "scroll",
    (event) => {
      const hint = opened();
      if (hint && !hint.contains(event.target)) hint.hidePopover();
    },
    true,
  );
}
