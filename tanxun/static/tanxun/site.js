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

  /* The first link of every row of the page's tables, and of its lists of records. */
  function rowLinks() {
    const rows = document.querySelectorAll("table.list tbody tr, table.rows tbody tr, ul.latest > li");
    return [...rows].filter((row) => row.offsetParent).map((row) => row.querySelector("a[href]")).filter(Boolean);
  }

  /* J and K walk through the rows; the arrows do once a row has the focus, before that they scroll the page. */
  function walk(event) {
    const links = rowLinks();
    const row = event.target.closest?.("tr, li");
    const here = links.findIndex((link) => row?.contains(link));
    const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links.length || (event.key.startsWith("Arrow") && here < 0)) return;
    event.preventDefault();
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1);
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  function onEscape(event) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    if (event.target.matches?.("[data-search]")) event.target.blur();
  }

  function onKey(event) {
    if (event.key === "Escape") return onEscape(event);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "?") {
      document.getElementById("keys")?.showModal();
    } else if (!event.defaultPrevented && !document.querySelector("dialog[open], .desk")) {
      walk(event);
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

  /* A form is not left with something unsaved unasked; data-unsaved: what it showed from the start was not saved. */
  function asksBeforeLeaving(form) {
    const said = () => new URLSearchParams(new FormData(form)).toString();
    let known = said();
    form.addEventListener("submit", () => {
      known = said();
      delete form.dataset.unsaved;
    });
    window.addEventListener("beforeunload", (event) => {
      if ("unsaved" in form.dataset || said() !== known) event.preventDefault();
    });
  }

  showTheme(chosenTheme());
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-needs-script]").forEach((element) => (element.hidden = false));
    document.querySelectorAll("form[data-asks]").forEach(asksBeforeLeaving);
    showTheme(chosenTheme());
    // On a phone the menu scrolls sideways: where one is, is in sight.
    document.querySelector(".site-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  });
})();
