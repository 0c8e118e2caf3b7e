// A dialog gives the focus back to what had it before; Bootstrap does so only for its own buttons.
export function startDialogs() {
  const before = new WeakMap();
  document.addEventListener("show.bs.modal", (event) => before.set(event.target, document.activeElement));
  document.addEventListener("hidden.bs.modal", (event) => before.get(event.target)?.focus());
}
