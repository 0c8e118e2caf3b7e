// The palette: Ctrl-K, / and the search field open it over any page; palette answers with options, one types on.
// The focus stays in the field; aria-activedescendant says which option is meant. The dialog element itself keeps
// the focus inside, closes at Escape and gives the focus back.
const WAIT = 90; // ms after the last letter: a word that is being typed is asked for once, not letter by letter

let dialog = null;
let input, results, aloud;
let shown = null; // what the options on the screen answer
let request = null;
let timer = 0;

const options = () => [...results.querySelectorAll('[role="option"]')];
const active = () => results.querySelector('[aria-selected="true"]');

function select(option) {
  active()?.setAttribute("aria-selected", "false");
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const at = all.indexOf(active());
  select(all[(at + step + all.length) % all.length]);
}

function say(text) {
  aloud.textContent = text;
}

function note(text) {
  const line = document.createElement("p");
  line.className = "palette-note";
  line.setAttribute("role", "alert");
  line.textContent = text;
  results.replaceChildren(line);
  describe();
}

function describe() {
  const all = options();
  for (const [i, option] of all.entries()) option.id = `palette-option-${i}`;
  const list = results.querySelector('[role="listbox"]');
  input.setAttribute("aria-expanded", String(Boolean(list)));
  if (list) input.setAttribute("aria-controls", list.id);
  else input.removeAttribute("aria-controls");
  select(all[0]);
}

async function ask(text) {
  request?.abort();
  const own = (request = new AbortController());
  const slow = setTimeout(() => dialog.setAttribute("aria-busy", "true"), 300);
  try {
    const address = new URL(dialog.dataset.url, location.href);
    if (text) address.searchParams.set("q", text);
    const answer = await fetch(address, { signal: own.signal, headers: { "HX-Request": "true" } });
    // Whose session has ended is sent to the log-in page, which is no list of options.
    if (answer.redirected) return location.reload();
    if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
    const html = await answer.text();
    if (own.signal.aborted) return;
    results.innerHTML = html;
    shown = text;
    describe();
    say(results.querySelector("[data-said]")?.dataset.said ?? "");
  } catch (error) {
    if (error.name === "AbortError") return;
    shown = null;
    note(document.getElementById("failed-reading").content.querySelector(".toast-body").textContent);
  } finally {
    clearTimeout(slow);
    if (request === own) dialog.removeAttribute("aria-busy");
  }
}

function look(wait) {
  clearTimeout(timer);
  const text = input.value.trim();
  if (text.length > Number(dialog.dataset.longest)) {
    request?.abort();
    shown = null;
    note(dialog.dataset.tooLong);
  } else if (text !== shown) {
    timer = setTimeout(() => ask(text), wait);
  }
}

function open(option, inNewTab) {
  if (inNewTab && option.href) {
    window.open(option.href, "_blank", "noopener");
  } else {
    option.click();
  }
}

// Enter before the answer to the last letter is there means what will be there, not what is shown yet.
async function enter(inNewTab) {
  const text = input.value.trim();
  if (text !== shown && text.length <= Number(dialog.dataset.longest)) {
    clearTimeout(timer);
    await ask(text);
  }
  const option = active();
  if (option && shown === text) open(option, inNewTab);
}

function keydown(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    enter(event.ctrlKey || event.metaKey);
  }
}

// Says whether there is a palette on this page; pages before the log-in have none.
export function openPalette(text = null) {
  if (!dialog) return false;
  if (dialog.open) {
    dialog.close();
    return true;
  }
  const back = dialog.querySelector('#palette-language [name="next"]');
  back.value = location.pathname + location.search;
  dialog.showModal();
  if (text !== null) input.value = text;
  input.focus();
  if (text === null) input.select();
  // What was opened lately may have changed since.
  if (!input.value.trim()) shown = null;
  look(0);
  return true;
}

function startField() {
  const field = document.getElementById("search");
  if (!field) return;
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    openPalette();
  });
  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    openPalette(field.value);
    field.value = "";
  });
  field.addEventListener("compositionend", () => {
    openPalette(field.value);
    field.value = "";
  });
}

export function startPalette() {
  dialog = document.getElementById("palette");
  if (!dialog) return;
  input = dialog.querySelector(".palette-input");
  results = dialog.querySelector(".palette-results");
  aloud = dialog.querySelector("[data-said-aloud]");
  input.addEventListener("input", (event) => {
    if (!event.isComposing) look(WAIT);
  });
  input.addEventListener("compositionend", () => look(0));
  input.addEventListener("keydown", keydown);
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (event.target === dialog || event.target.closest(".btn-close")) dialog.close();
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (option.dataset.paletteTheme) window.truenorthTheme.choose(option.dataset.paletteTheme);
    dialog.close();
  });
  dialog.addEventListener("mousemove", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && option !== active()) select(option);
  });
  startField();
}
