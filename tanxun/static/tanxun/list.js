/* The list pages: counts beside the choices, boxes that look in a long list or for a place, and lists that stay where they were. */
(() => {
  "use strict";
  const figure = new Intl.NumberFormat("en");
  const counted = new Map(); // "type:ghg_verification" → 12, from the overview that was fetched last

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function showCount(place) {
    const [name] = place.dataset.tally.split(":", 1);
    if (!counted.has(name)) return;
    const text = figure.format(counted.get(place.dataset.tally) ?? 0);
    if (place.tagName === "OPTION") place.textContent = `${place.dataset.label} (${text})`;
    else place.textContent = text;
    place.classList.toggle("none", text === "0");
  }

  function readOverview() {
    const overview = one("#overview [data-total]");
    if (!overview) return;
    counted.clear();
    for (const facet of all("[data-facet]", overview)) {
      keepCounts(facet.dataset.facet, JSON.parse(facet.dataset.counts));
    }
    all("[data-tally]").forEach(showCount);
  }

  function keepCounts(name, counts) {
    counted.set(name, true);
    for (const [value, count] of Object.entries(counts)) counted.set(`${name}:${value}`, count);
  }

  /* A closed facet is counted when it is opened. */
  document.addEventListener("toggle", async (event) => {
    const facet = event.target;
    const address = facet.open && facet.dataset?.name && facet.dataset.counts;
    if (!address) return;
    delete facet.dataset.counts;
    const answer = await fetch(address);
    if (!answer.ok) return;
    keepCounts(facet.dataset.name, await answer.json());
    all("[data-tally]", facet).forEach(showCount);
  }, true);

  /* Looking in a list that is here. */
  function narrow(box) {
    const words = box.value.trim().toLowerCase();
    const list = document.getElementById(box.dataset.narrows);
    for (const item of all("li", list).reverse()) {
      const own = one("label", item).textContent.toLowerCase().includes(words);
      const below = one("li:not([hidden])", item) !== null;
      item.hidden = Boolean(words) && !own && !below;
      if (words && below) one("details", item).open = true;
    }
  }

  /* Looking for a place: what is found stands in the list's stead until the box is empty again. */
  let asked = 0;
  async function findPlaces(box) {
    const tree = box.parentElement.querySelector(".tree");
    let found = box.parentElement.querySelector(".found");
    const words = box.value.trim();
    const number = ++asked;
    const answer = words ? await fetch(`${box.dataset.places}?named=${encodeURIComponent(words)}`) : null;
    if (number !== asked || (answer && !answer.ok)) return;
    if (!found) {
      found = document.createElement("ul");
      found.className = "choices long found";
      tree.before(found);
    }
    found.innerHTML = answer ? await answer.text() : "";
    found.hidden = !words;
    tree.hidden = Boolean(words);
    const ticked = new Set(all("input:checked", tree).map((input) => input.value));
    all("input", found).forEach((input) => (input.checked = ticked.has(input.value)));
    all("[data-tally]", found).forEach(showCount);
  }

  let waiting;
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (box.dataset.narrows) narrow(box);
    if (box.dataset.places) {
      clearTimeout(waiting);
      waiting = setTimeout(() => findPlaces(box), 150);
    }
  });

  /* These boxes ask for nothing themselves: neither a change nor Enter in them sends the form. */
  const isAside = (target) => target.dataset && (target.dataset.narrows || target.dataset.places);
  document.addEventListener("change", (event) => isAside(event.target) && event.stopPropagation(), true);
  document.addEventListener("keydown", (event) => {
    if (!isAside(event.target)) return;
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "Escape" && event.target.value) {
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  /* A narrower place takes the wider one's stead, else ticking it would change nothing; and the other way round. */
  document.addEventListener("change", (event) => {
    const input = event.target;
    const tree = input.closest?.(".tree, .found")?.parentElement.querySelector(".tree");
    if (!tree || !input.checked) return;
    const stem = (code) => code.replace(/(00){1,2}$/, "");
    for (const other of all("input:checked", tree)) {
      const overlaps = other.value.startsWith(stem(input.value)) || input.value.startsWith(stem(other.value));
      if (other.value !== input.value && other.value !== "none" && input.value !== "none" && overlaps) other.checked = false;
    }
  }, true);

  /* What is ticked in a long list is in sight. */
  function showTicked() {
    for (const list of all(".choices.long")) {
      const ticked = one("input:checked", list);
      if (!ticked?.offsetParent) continue;
      list.scrollTop += ticked.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
    }
  }
  document.addEventListener("DOMContentLoaded", showTicked);

  /* Nothing ticked, nothing to send. */
  function countTicked() {
    const form = one("[data-selection]");
    if (!form) return;
    const count = all(".tick:checked").length;
    for (const button of all("button", form)) button.disabled = !count;
    const said = one("[data-ticked]", form);
    said.textContent = count;
    said.hidden = !count;
  }
  document.addEventListener("change", (event) => event.target.matches?.(".tick") && countTicked());
  for (const moment of ["DOMContentLoaded", "htmx:afterSettle"]) document.addEventListener(moment, countTicked);
  window.addEventListener("pageshow", countTicked);

  /* "I am here": the mark of what is new moves by this, never by reading the page. */
  document.addEventListener("DOMContentLoaded", () => {
    const here = one("form[data-here]");
    if (here) fetch(here.action, { method: "POST", body: new FormData(here), keepalive: true }).catch(() => {});
  });

  /* The form is drawn anew with every answer: what was unfolded or scrolled stays so. */
  const places = new Map();
  document.addEventListener("htmx:beforeSwap", () => {
    for (const list of all("#filters .choices.long")) places.set(list.id, list.scrollTop);
    for (const part of all("#filters details[id], #overview details[id]")) places.set(part.id, part.open);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    all("[data-needs-script][hidden]").forEach((element) => (element.hidden = false));
    if (event.target.id === "overview" || event.target.id === "charts") readOverview();
    else all("[data-tally]", event.target).forEach(showCount);
    for (const [id, place] of places) {
      const part = document.getElementById(id);
      if (part?.tagName === "DETAILS") part.open = place || part.open;
      else if (part) part.scrollTop = place;
    }
    if (event.target.id === "overview") places.clear();
  });
})();
