// Runs before the first paint. Chooses light or dark: the visitor's choice, or else the setting of the system.

(() => {
  const KEY = "linguaflex-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is forbidden
    }
  };
  const apply = () => {
    document.documentElement.dataset.theme = chosen() ?? (system.matches ? "dark" : "light");
  };

  window.switchTheme = () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // the choice lasts until the page is closed
    }
    document.documentElement.dataset.theme = next;
    return next;
  };
  system.addEventListener("change", apply);
  apply();
})();
