/* Copies an issue for WeChat's editor: rich text with its styles, and plain text for what takes no other. */
(() => {
  "use strict";
  document.querySelectorAll("[data-copies]").forEach((button) => {
    const status = button.parentElement.querySelector("[data-copy-status]");
    let html = null;

    /* Fetched before the click: browsers let a page copy only at once. */
    fetch(button.dataset.copies, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : null))
      .then((text) => (html = text))
      .catch(() => {});

    /* Without the styles, which the policy of this page would refuse even where nothing is drawn. */
    function plain() {
      const page = new DOMParser().parseFromString(html.replace(/<(\w+) style="[^"]*">/g, "<$1>"), "text/html");
      const lines = [...page.querySelectorAll("h1, h2, h3, p")].map((line) => line.textContent.trim());
      return lines.join("\n\n");
    }

    /* The event works where the clipboard's own interface is closed: on addresses without https. */
    function copied() {
      const fill = (event) => {
        event.preventDefault();
        event.clipboardData.setData("text/html", html);
        event.clipboardData.setData("text/plain", plain());
      };
      document.addEventListener("copy", fill, { once: true });
      try {
        return document.execCommand("copy");
      } finally {
        document.removeEventListener("copy", fill);
      }
    }

    button.addEventListener("click", () => {
      status.textContent = html && copied() ? button.dataset.done : button.dataset.failed;
    });
  });
})();
