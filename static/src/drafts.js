// Words in the panel outlive it: closed by a slip and opened again, the form holds what was typed. For as long as
// the page stands; whoever leaves it is asked.
import { enhanceToasts } from "./toasts.js";

const kept = new Map();
const sent = new WeakSet();
const keyOf = (form) => form.getAttribute("action");
const fieldsOf = (form) => [...form.querySelectorAll("textarea, input:not([type=hidden]), select")];

const isTyped = (field) =>
  field.tagName === "SELECT"
    ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.value !== field.defaultValue;

function keep(form) {
  const typed = fieldsOf(form).filter((field) => field.name && isTyped(field));
  // A choice alone is no words: opened again, the form asks for it anew.
  if (!sent.has(form) && typed.some((field) => field.tagName !== "SELECT" && field.value.trim())) {
    kept.set(keyOf(form), new Map(typed.map((field) => [field.name, field.value])));
    return true;
  }
  kept.delete(keyOf(form));
  return false;
}

function sayKept() {
  const toasts = document.getElementById("toasts");
  toasts.append(document.getElementById("words-kept").content.cloneNode(true));
  enhanceToasts(toasts);
}

function restore(form) {
  const words = kept.get(keyOf(form));
  if (!words) return;
  for (const field of fieldsOf(form)) {
    if (!words.has(field.name) || isTyped(field)) continue;
    field.value = words.get(field.name);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function startDrafts(htmx) {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  if (!panel) return;
  const forms = () => body.querySelectorAll("form[data-guard]");
  panel.addEventListener("hide.bs.offcanvas", () => {
    if ([...forms()].map(keep).includes(true)) sayKept();
  });
  document.addEventListener("submit", (event) => {
    if (!body.contains(event.target)) return;
    sent.add(event.target);
    kept.delete(keyOf(event.target));
  });
  document.addEventListener("input", (event) => sent.delete(event.target.form));
  htmx.onLoad((root) => {
    if (body.contains(root)) forms().forEach(restore);
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept.size) event.preventDefault();
  });
}
