/* The site's own small script: theme, keys, copy buttons. Loaded at the top, so that a chosen theme is there before the first paint. */
(() => {
  "use strict";
  const root = document.documentElement;
  const themes = ["auto", "light", "dark"];

  function chosenTheme() {
    try {
      const kept = localStorage.getItem("theme");
      return themes.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // a browser that keeps nothing
    }
  }

  function showTheme(theme) {
    if (theme === "auto") root.removeAttribute("data-theme");
    else root.dataset.theme = theme;
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    button.dataset.theme = theme;
    button.title = button.dataset[theme];
    button.setAttribute("aria-label", button.dataset[theme]);
  }

  function nextTheme() {
    const theme = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % themes.length];
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* it holds for this page */
    }
    showTheme(theme);
  }

  async function copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = said), 1500);
  }

  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

  function onKey(event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((menu) => (menu.open = false));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    }
  }

  function onClick(event) {
    const button = event.target.closest("button");
    if (button?.matches("[data-theme-switch]")) nextTheme();
    if (button?.dataset.copy) copy(button);
    if (button?.matches("[data-print]")) window.print();
    if (button?.dataset.opens) document.getElementById(button.dataset.opens)?.showModal();
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  }

  showTheme(chosenTheme());
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-needs-script]").forEach((element) => (element.hidden = false));
    showTheme(chosenTheme());
  });
})();
