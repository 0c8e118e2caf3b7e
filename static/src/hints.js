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
  const show = (event) => {
    const button = event.target.closest?.("[popovertarget]");
    const hint = button && hintOf(button);
    if (hint?.matches(".hint:not(:popover-open)")) hint.showPopover();
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
  document.addEventListener("toggle", (event) => event.newState === "open" && event.target.matches(".hint") && place(event.target), true);
  document.addEventListener(
    "scroll",
    (event) => {
      const hint = opened();
      if (hint && !hint.contains(event.target)) hint.hidePopover();
    },
    true,
  );
}
