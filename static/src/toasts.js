// Messages stand on the page without JavaScript; with it, good news leaves by itself and errors stay.
import Toast from "bootstrap/js/dist/toast.js";

export function enhanceToasts(root) {
  const toasts = [...root.querySelectorAll(".toast")];
  if (root.matches?.(".toast")) toasts.push(root);
  for (const element of toasts) {
    const isError = element.matches(".toast-error, .toast-warning");
    const toast = Toast.getOrCreateInstance(element, { animation: false, autohide: !isError, delay: 8000 });
    element.addEventListener("hidden.bs.toast", () => element.remove(), { once: true });
    toast.show();
  }
}
