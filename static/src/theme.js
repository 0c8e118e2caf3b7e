// Runs in <head> before the first paint, so that no page flashes in the wrong colours.
const KEY = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function stored() {
  try {
    return localStorage.getItem(KEY) || document.documentElement.dataset.themeCookie || "auto";
  } catch {
    return document.documentElement.dataset.themeCookie || "auto"; // storage forbidden: the cookie's value
  }
}

function apply(choice) {
  const root = document.documentElement;
  root.dataset.themeChoice = choice;
  root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
}

function choose(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // the cookie below still carries it
  }
  document.cookie = `${KEY}=${choice}; path=/; max-age=31536000; samesite=lax`;
  apply(choice);
  document.dispatchEvent(new CustomEvent("theme:changed", { detail: choice }));
}

dark.addEventListener("change", () => apply(stored()));
apply(stored());
window.truenorthTheme = { choose, stored };
