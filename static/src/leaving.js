// form[data-guard]: says so before typed input is lost.
export function startLeaving() {
  const changed = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => changed.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
}
