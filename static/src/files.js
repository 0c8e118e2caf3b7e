// form[data-drop]: files can be dropped on it, and what is chosen or dropped is sent at once.
export function startFiles() {
  const formOf = (event) => event.target.closest?.("form[data-drop]");
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      const form = formOf(event);
      if (!form || !hasFiles(event)) return;
      event.preventDefault();
      form.classList.add("file-drop-over");
    });
  }
  document.addEventListener("dragleave", (event) => formOf(event)?.classList.remove("file-drop-over"));
  document.addEventListener("drop", (event) => {
    const form = formOf(event);
    if (!form || !hasFiles(event)) return;
    event.preventDefault();
    form.classList.remove("file-drop-over");
    form.elements.files.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  document.addEventListener("change", (event) => {
    const form = event.target.matches?.("form[data-drop] input[type=file]") && event.target.form;
    if (form && event.target.files.length) form.requestSubmit();
  });
}
