/* The review desk: a focused field lights its words, keys act, rows can be added. Everything works without it. */
(() => {
  "use strict";
  const source = document.querySelector(".source");
  const form = document.getElementById("entry");
  const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

  /* Scrolls the pane alone, never the page. */
  function reveal(element, pane) {
    if (!element || !pane) return;
    const box = element.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    if (box.top < frame.top + 20 || box.bottom > frame.bottom - 20) {
      pane.scrollTop += box.top - frame.top - frame.height / 3;
    }
  }

  function light(name) {
    if (!source) return;
    source.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
    const says = (list) => list.split(" ").includes(name);
    const marks = [...source.querySelectorAll("mark[data-fields]")].filter((mark) => says(mark.dataset.fields));
    source.classList.toggle("is-pointing", marks.length > 0);
    marks.forEach((mark) => {
      mark.classList.add("lit");
      mark.closest(".sentence").classList.add("lit");
    });
    reveal(marks[0], source);
  }

  function addRow(table) {
    const total = table.querySelector("[name$='-TOTAL_FORMS']");
    const template = table.querySelector("template");
    const row = template.content.cloneNode(true);
    row.querySelectorAll("[name], [id], [for]").forEach((element) => {
      for (const attribute of ["name", "id", "for"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace("__prefix__", total.value));
      }
    });
    total.value = Number(total.value) + 1;
    template.before(row);
    template.previousElementSibling.querySelector("input, select").focus();
  }

  /* The empty row at the end is there for browsers without script. */
  function dropEmptyRows(table) {
    const rows = table.querySelectorAll(":scope > .entry-row");
    const last = rows[rows.length - 1];
    const isBlank = (input) => (input.type === "checkbox" ? !input.checked : !input.value);
    const isEmpty = last && !last.querySelector(".error") && [...last.querySelectorAll("input")].every(isBlank);
    if (isEmpty) last.remove();
  }

  function fill(button) {
    const input = document.getElementById(button.dataset.fill);
    input.value = button.dataset.value;
    input.focus();
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && form?.contains(event.target)) {
      event.target.blur();
      return;
    }
    if (isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    const link = { arrowdown: "next", j: "next", arrowup: "prev", k: "prev" }[key];
    const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (link) document.querySelector(`.items a[rel=${link}]`)?.click();
    else if (key === "e") form?.querySelector(".field :is(input, textarea, select):not([type=hidden])")?.focus();
    else if (button && !event.repeat) button.click();
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", onKey);
  form?.addEventListener("focusin", (event) => light(event.target.closest("[data-field]")?.dataset.field ?? ""));
  form?.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.matches("[data-add-row]")) addRow(button.closest("[data-rows]"));
    if (button?.dataset.fill) fill(button);
  });
  form?.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault(); // a double click sends once
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => delete form?.dataset.sent); // back again, it may be sent again
  document.querySelectorAll("[data-rows]").forEach(dropEmptyRows);
  reveal(document.getElementById("focused"), source);
  document.querySelectorAll("[data-field=topics] fieldset > div").forEach((pane) => reveal(pane.querySelector(":checked"), pane));
  reveal(document.querySelector(".items [aria-current]"), document.querySelector(".items"));
})();
