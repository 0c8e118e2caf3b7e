// The menu items [data-theme-choice] of the theme that theme.js applied before the first paint.
export function startTheme() {
  const mark = (choice) => {
    for (const item of document.querySelectorAll("button[data-theme-choice]")) {
      item.setAttribute("aria-pressed", String(item.dataset.themeChoice === choice));
    }
  };
  document.addEventListener("click", (event) => {
    const item = event.target.closest("button[data-theme-choice]");
    if (item) window.truenorthTheme.choose(item.dataset.themeChoice);
  });
  document.addEventListener("theme:changed", (event) => mark(event.detail));
  mark(window.truenorthTheme.stored());
}
