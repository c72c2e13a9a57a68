/* The editor's page of the weekly: entries are moved by dragging or by their buttons. */
(() => {
  "use strict";
  const form = document.getElementById("compose");
  const status = document.getElementById("moved");
  let dragged = null;

  const linesOf = (list) => [...list.querySelectorAll(":scope > .entry-line")];

  /* The numbers run through all sections; the first on a later page is not 1. */
  const first = [...form.querySelectorAll(".place")].map((place) => Number(place.textContent)).find(Boolean) || 1;

  function renumber() {
    let number = first;
    form.querySelectorAll(".entry-line").forEach((line) => {
      const isOut = line.querySelector("[name=left_out]").checked;
      line.querySelector(".place").textContent = isOut ? "–" : number++;
    });
    form.querySelectorAll(".entries").forEach((list) => {
      const lines = linesOf(list);
      lines.forEach((line, place) => {
        const [up, down] = line.querySelectorAll("[data-step]");
        up.toggleAttribute("aria-disabled", place === 0);
        down.toggleAttribute("aria-disabled", place === lines.length - 1);
      });
    });
  }

  function moved(line) {
    renumber();
    const place = linesOf(line.parentElement).indexOf(line) + 1;
    status.textContent = status.dataset.words.replace("{place}", place);
  }

  /* A step within the list; beyond its end the form is sent, and the entry goes to the next page. */
  function step(event, button) {
    const line = button.closest(".entry-line");
    const isDown = button.dataset.step === "1";
    const other = isDown ? line.nextElementSibling : line.previousElementSibling;
    if (!other) {
      if (button.hasAttribute("aria-disabled")) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (isDown) other.after(line);
    else other.before(line);
    button.focus();
    line.scrollIntoView({ block: "nearest" });
    moved(line);
  }

  function over(event) {
    const line = event.target.closest(".entry-line");
    if (!dragged || !line || line.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    if (line === dragged) return;
    const box = line.getBoundingClientRect();
    if (event.clientY > box.top + box.height / 2) line.after(dragged);
    else line.before(dragged);
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(event, button);
  });
  form.querySelectorAll("[data-grip]").forEach((grip) => (grip.draggable = true));
  form.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.("[data-grip]")) return;
    dragged = event.target.closest(".entry-line");
    dragged.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(dragged, 10, 10);
  });
  form.addEventListener("dragover", over);
  form.addEventListener("drop", (event) => dragged && event.preventDefault());
  form.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("is-dragged");
    moved(dragged);
    dragged = null;
  });
  form.addEventListener("change", renumber);
})();
