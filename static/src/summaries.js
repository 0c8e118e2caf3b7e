// [data-template]: below an empty text, the headings of its kind. The button or the arrow down puts them in; once
// something else is typed, they are offered no more. What is typed is never replaced.
const fieldOf = (offer) => offer.parentElement.querySelector("textarea");
const offerOf = (field) => field?.parentElement?.querySelector("[data-template]");
// With room behind each heading to type in.
const asPut = (text) => text.replace(/:$/gm, ": ");

function textsOf(offer) {
  return JSON.parse(offer.dataset.template);
}

function present(offer) {
  const kind = offer.closest("form").elements.kind?.value ?? "";
  return asPut(textsOf(offer)[kind] ?? "");
}

function isUntouched(offer) {
  const text = fieldOf(offer).value;
  return !text.trim() || Object.values(textsOf(offer)).some((each) => asPut(each) === text);
}

function show(offer) {
  const text = present(offer);
  offer.hidden = !text || !isUntouched(offer) || fieldOf(offer).value === text;
}

function put(offer) {
  const field = fieldOf(offer);
  const text = present(offer);
  if (!text || !isUntouched(offer)) return false;
  field.value = text;
  field.focus();
  const end = text.indexOf("\n");
  const at = end < 0 ? text.length : end;
  field.setSelectionRange(at, at);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

export function startSummaries(htmx) {
  document.addEventListener("click", (event) => {
    const offer = event.target.closest?.("[data-template] button")?.parentElement;
    if (!offer) return;
    event.preventDefault();
    put(offer);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.isComposing || event.target.value) return;
    const offer = offerOf(event.target);
    if (offer && put(offer)) event.preventDefault();
  });
  document.addEventListener("input", (event) => {
    const offer = offerOf(event.target);
    if (offer) show(offer);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "kind") return;
    for (const offer of event.target.form?.querySelectorAll("[data-template]") ?? []) {
      // Headings to which nothing was added follow the kind.
      if (fieldOf(offer).value && isUntouched(offer)) {
        fieldOf(offer).value = present(offer);
        fieldOf(offer).dispatchEvent(new Event("input", { bubbles: true }));
      }
      show(offer);
    }
  });
  htmx.onLoad((root) => {
    for (const offer of root.querySelectorAll("[data-template]")) show(offer);
  });
}
