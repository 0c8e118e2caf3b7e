// The quick log: what is typed into a form[data-kept] stays in this browser until the server says that it is saved,
// so that Escape, a reload or an ended session lose nothing. Nothing is ever sent from here.
import Offcanvas from "bootstrap/js/dist/offcanvas.js";

const PREFIX = "kept.";
const KEPT_DAYS = 14;
const MOST = 20000; // characters of a summary, as the server has it

// A browser may refuse its storage, or be full: the page works without, and asks before one leaves it.
const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + key));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      if (value) localStorage.setItem(PREFIX + key, JSON.stringify(value));
      else localStorage.removeItem(PREFIX + key);
      return true;
    } catch {
      return false;
    }
  },
  forget(isOld) {
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(PREFIX) && isOld(this.read(key.slice(PREFIX.length)))) localStorage.removeItem(key);
      }
    } catch {
      return;
    }
  },
};

const fieldsOf = (form) => [...form.querySelectorAll("textarea[name], select[name], input[name]:not([type=hidden], [type=file])")];
const valueOf = (field) => (field.multiple ? [...field.selectedOptions].map((each) => each.value) : field.value);
const asLoaded = (field) => {
  if (field.tagName !== "SELECT") return field.defaultValue;
  const chosen = [...field.options].filter((each) => each.defaultSelected).map((each) => each.value);
  return field.multiple ? chosen : (chosen[0] ?? field.options[0]?.value ?? "");
};
const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const unkept = new Set();

function keep(form) {
  const before = store.read(form.dataset.kept)?.fields ?? {};
  const fields = {};
  for (const field of fieldsOf(form)) {
    if (field.name in before || !isSame(valueOf(field), asLoaded(field))) fields[field.name] = valueOf(field);
  }
  const isEmpty = Object.keys(fields).length === 0;
  if (store.write(form.dataset.kept, isEmpty ? null : { at: Date.now(), fields })) unkept.delete(form);
  else unkept.add(form);
}

function choose(field, values) {
  if (field.tomselect) field.tomselect.setValue(values, true);
  else for (const option of field.options) option.selected = values.includes(option.value);
}

function putBack(form) {
  const fields = store.read(form.dataset.kept)?.fields;
  if (!fields) return;
  let count = 0;
  for (const field of fieldsOf(form)) {
    const value = fields[field.name];
    if (value === undefined || isSame(value, valueOf(field))) continue;
    if (field.tagName === "SELECT") choose(field, [value].flat());
    else field.value = value;
    count += 1;
    const hidden = field.closest("details");
    if (hidden) hidden.open = true;
  }
  const note = form.querySelector("[data-kept-note]");
  if (count && note) note.hidden = false;
}

function isTooLong(form) {
  const text = form.querySelector("[name=summary]");
  const is = Boolean(text) && text.value.length > MOST;
  const note = form.querySelector("[data-too-long]");
  if (note) note.hidden = !is;
  if (is) text.focus();
  return is;
}

function startKeeping(htmx) {
  store.forget((draft) => !(draft?.at > Date.now() - KEPT_DAYS * 864e5));
  const note = (event) => {
    const form = event.target.closest?.("form[data-kept]");
    if (form) keep(form);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("[data-kept-drop]")?.closest("form[data-kept]");
    if (!form) return;
    store.write(form.dataset.kept, null);
    for (const field of fieldsOf(form)) {
      if (field.tagName === "SELECT") choose(field, [asLoaded(field)].flat());
      else field.value = field.defaultValue;
    }
    form.querySelector("[data-kept-note]").hidden = true;
  });
  document.addEventListener(
    "submit",
    (event) => {
      // Whoever leaves this browser to others leaves no words in it.
      if (event.target.matches("[action$='/logout/']")) store.forget(() => true);
      if (!event.target.matches("form[data-kept]")) return;
      unkept.delete(event.target);
      if (!isTooLong(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  window.addEventListener("beforeunload", (event) => {
    if ([...unkept].some((form) => form.isConnected)) event.preventDefault();
  });
  htmx.onLoad((root) => {
    for (const saved of root.querySelectorAll("[data-kept-done]")) store.write(saved.dataset.keptDone, null);
    for (const form of root.querySelectorAll("form[data-kept]")) putBack(form);
    if (root.matches("form[data-kept]")) putBack(root);
  });
}

export function startQuickLog(htmx) {
  startKeeping(htmx);
  const panel = document.getElementById("panel");

  // On the customer's page Escape puts the form away, as it does in the panel; what was typed is kept.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("#quick-log form[data-kept]");
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !form || unkept.has(form)) return;
    document.getElementById("quick-log").replaceChildren();
    document.querySelector("[hx-target='#quick-log']")?.focus();
  });
  // What leads to the form of a customer opens it over the page; a new tab stays a new tab.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href$='/interactions/new']:not([hx-get])");
    if (!link || !panel || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    link.dataset.panelTitle ||= document.querySelector("[data-log-anywhere]")?.dataset.panelTitle ?? "";
    htmx.ajax("GET", link.href, { source: link, target: "#panel-body", swap: "innerHTML" });
  });
  document.body.addEventListener("logged", () => Offcanvas.getInstance(panel)?.hide());
  // Whose session has ended is led to the log-in page; what he typed waits for him here.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.closest?.("#panel-body, #quick-log")) return;
    if (!new URL(event.detail.xhr.responseURL || location.href).pathname.startsWith("/accounts/login")) return;
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
}
