// [data-bs-toggle="tooltip"]: more about what is already in words; never the only place of a text.
import Tooltip from "bootstrap/js/dist/tooltip.js";

export function enhanceTooltips(root) {
  for (const element of root.querySelectorAll('[data-bs-toggle="tooltip"]')) Tooltip.getOrCreateInstance(element);
}
