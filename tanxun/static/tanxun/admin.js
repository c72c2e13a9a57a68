/* The admin by keyboard: the first choice has the focus, typing opens a choice, products are those of the chosen company. */
(() => {
  "use strict";
  const $ = window.django?.jQuery;
  if (!$) return;

  // The autocomplete asks with fixed parameters; the products of a statement also depend on its company.
  $.ajaxPrefilter((options) => {
    const company = document.querySelector("#verificationstatement_form #id_company")?.value;
    if (company && /[?&]?field_name=products(&|$)/.test(options.data || "")) options.data += `&company=${encodeURIComponent(company)}`;
  });

  $(document).on("select2:open", () => {
    const boxes = document.querySelectorAll(".select2-container--open .select2-search__field");
    boxes[boxes.length - 1]?.focus();
  });

  document.addEventListener("keydown", (event) => {
    const choice = event.target.closest?.(".select2-selection--single");
    const isLetter = event.key.length === 1 || event.key === "Process";
    if (!choice || !isLetter || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return;
    $(choice).closest(".select2-container").prev("select").select2("open");
  });

  // A choice that is drawn anew says the name of its field, as the one behind it did.
  function nameChoices(root) {
    for (const select of root.querySelectorAll("select.select2-hidden-accessible")) {
      const box = select.nextElementSibling;
      const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
      const name = select.getAttribute("aria-label") || label?.textContent.trim().replace(/[:：]$/, "");
      if (!name || !box?.matches(".select2-container")) continue;
      box.querySelector(".select2-selection").removeAttribute("aria-labelledby");
      box.querySelectorAll(".select2-selection--single, [role=textbox], .select2-search__field").forEach((part) => part.setAttribute("aria-label", name));
    }
  }
  document.addEventListener("formset:added", (event) => nameChoices(event.target));
  $(document).on("select2:select select2:unselect", () => nameChoices(document));

  // After the choices were made: this handler is registered later than theirs.
  $(() => {
    nameChoices(document);
    const first = document.querySelector(".change-form form .form-row .select2-selection, .change-form form .form-row input:not([type=hidden])");
    if (document.querySelector("input[name=form_token]") && !document.querySelector(".errornote")) first?.focus();
  });
})();
