// The keyboard: ? / Ctrl-K l, j k and the arrows in lists, data-key="x" on anything a page wants pressed, and
// data-row-key="x" on what a row offers while the focus is in it.
import Modal from "bootstrap/js/dist/modal.js";
import { openPalette } from "./palette.js";

const FIELDS = "input, textarea, select, [contenteditable], [role=combobox]";
// What lies over the page; the panel already on its way, when what is typed next is meant for its form.
const BUSY = ".modal.show, .dropdown-menu.show, dialog[open], #panel.show, #panel.showing";

function rowLinks() {
  return [...document.querySelectorAll("[data-list] [data-open]")].filter((link) => link.checkVisibility());
}

// Moves the real focus from row to row, so Enter, screen readers and the visible ring need nothing more.
function moveInList(step) {
  const links = rowLinks();
  if (!links.length) return false;
  const row = document.activeElement?.closest("[data-list] [data-row]");
  const at = row ? links.findIndex((link) => row.contains(link)) : -1;
  const next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function pressInRow(key) {
  const row = document.activeElement?.closest("[data-list] [data-row]");
  const own = `[data-row-key="${CSS.escape(key)}"]`;
  // What an open hint offers is about its cell. Else also what stands in a closed menu: its key is the way around it.
  const target = row?.querySelector(`:popover-open ${own}`) ?? row?.querySelector(`${own}:not([popover] *)`);
  target?.click();
  return Boolean(target);
}

function press(key) {
  // What the page itself offers comes before the frame.
  const own = `[data-key="${CSS.escape(key)}"]`;
  const target = [...document.querySelectorAll(`main ${own}`), ...document.querySelectorAll(own)].find(
    (element) => element.offsetParent !== null || element.matches("[data-key-hidden]"),
  );
  target?.click();
  // What a press unfolds tells of it a task later, and the first letters typed on would be lost.
  target?.closest("[data-focus-inside][open]")?.querySelector("textarea")?.focus();
  return Boolean(target);
}

// A field of the page that a key leads into, with what stands in it marked.
function focusField(key) {
  const field = document.querySelector(`main [data-focus-key="${CSS.escape(key)}"]`);
  field?.focus();
  field?.select();
  return Boolean(field);
}

function showKeys() {
  const dialog = document.getElementById("keys");
  const ofPage = document.getElementById("page-keys");
  if (ofPage) {
    dialog.querySelector(".keys").append(ofPage.content);
    ofPage.remove();
  }
  Modal.getOrCreateInstance(dialog).show();
}

function handle(event) {
  const isInList = Boolean(document.activeElement?.closest("[data-list]"));
  if (event.key === "?") {
    showKeys();
    return true;
  }
  if (event.key === "/") {
    return openPalette();
  }
  if (event.key === "j" || (event.key === "ArrowDown" && isInList)) return moveInList(1);
  if (event.key === "k" || (event.key === "ArrowUp" && isInList)) return moveInList(-1);
  return event.key.length === 1 && (pressInRow(event.key) || focusField(event.key) || press(event.key));
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const isBusy = event.target.closest?.(FIELDS) || document.querySelector(BUSY);
    if (isBusy) return;
    if (handle(event)) event.preventDefault();
  });
}
