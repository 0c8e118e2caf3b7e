// What is typed and not sent stays in this browser, and is put back after a reload or another day. Nothing is
// ever sent from here: the page's policy lets a script reach nobody, and mail scanners run scripts.
const PREFIX = "survey.";
const KEPT_DAYS = 30;
const WRITTEN = new Set(["textarea", "number"]);

// A browser may refuse its storage: the page works without.
const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  write(key, value) {
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {
      return;
    }
  },
  forgetOld() {
    try {
      const oldest = Date.now() - KEPT_DAYS * 864e5;
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(PREFIX) && !(this.read(key)?.at > oldest)) localStorage.removeItem(key);
      }
    } catch {
      return;
    }
  },
};

function filledIn(form) {
  const fields = {};
  for (const each of form.elements) {
    if (each.type === "checkbox") {
      if (each.checked) fields[each.name] = [...(fields[each.name] ?? []), each.value];
    } else if (each.type === "radio" ? each.checked : WRITTEN.has(each.type) && each.value) fields[each.name] = each.value;
  }
  return fields;
}

function putBack(form, fields, chosen) {
  let count = 0;
  for (const each of form.elements) {
    if (each.type === "checkbox") {
      const isTicked = (fields[each.name] ?? []).includes(each.value);
      if (each.checked !== isTicked) count += 1;
      each.checked = isTicked;
    }
    // A letter that was pressed in the mail is newer than what was left here.
    if (!(each.name in fields) || chosen.includes(each.name)) continue;
    if (each.type === "radio" && each.value === fields[each.name] && !each.checked) {
      each.checked = true;
      count += 1;
    } else if (WRITTEN.has(each.type) && each.value !== fields[each.name]) {
      each.value = fields[each.name];
      if (each.closest("details")) each.closest("details").open = true;
      count += 1;
    }
  }
  return count;
}

function keep(form) {
  const key = PREFIX + form.dataset.draft;
  const said = form.dataset.said;
  const note = document.getElementById("restored");
  const asSent = JSON.stringify(filledIn(form));
  const draft = store.read(key);
  if (draft && "takesDraft" in form.dataset) {
    // What was recorded since, perhaps on another device, is newer.
    if (draft.said !== said) store.write(key, null);
    else if (putBack(form, draft.fields ?? {}, form.dataset.chosen.split(","))) {
      note.setAttribute("role", "status");
      note.hidden = false;
    }
  }
  form.addEventListener("input", () => {
    const fields = filledIn(form);
    store.write(key, JSON.stringify(fields) === asSent ? null : { at: Date.now(), said, fields });
  });
  note.querySelector("button").addEventListener("click", () => {
    store.write(key, null);
    form.reset();
    note.hidden = true;
  });
}

// Near the limit it is counted, and nothing is cut: who pastes too much sees it, and so does the server.
function count(form) {
  const limit = Number(form.dataset.limit);
  for (const each of form.querySelectorAll("textarea:not([maxlength])")) {
    const told = document.createElement("small");
    told.className = "count";
    told.setAttribute("aria-live", "polite");
    each.after(told);
    const tell = () => {
      const length = [...each.value].length;
      told.textContent = length > 0.9 * limit ? `${length} ${form.dataset.limitWords}` : "";
      told.classList.toggle("error", length > limit);
    };
    each.addEventListener("input", tell);
    tell();
  }
}

store.forgetOld();
const form = document.querySelector("form[data-draft]");
const sent = document.querySelector("[data-sent]");
if (form) keep(form);
if (form?.dataset.limit) count(form);
if (sent) store.write(PREFIX + sent.dataset.sent, null);
