// Ctrl+Enter, on a Mac also Cmd+Enter, saves what is typed into a field of several lines: it presses the first button
// of its form. A form with data-send-key takes it in each of its fields.
export function startSaveKey() {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing || event.repeat) return;
    const form = event.target.closest?.("form[data-send-key]") ?? (event.target.matches?.("textarea") && event.target.form);
    if (!form || form.method !== "post") return;
    event.preventDefault();
    form.requestSubmit([...form.elements].find((each) => each.type === "submit" && !each.disabled));
  });
}
