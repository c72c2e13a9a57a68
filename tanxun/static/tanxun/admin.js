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

  // After the choices were made: this handler is registered later than theirs.
  $(() => {
    const first = document.querySelector(".change-form form .form-row .select2-selection, .change-form form .form-row input:not([type=hidden])");
    if (document.querySelector("input[name=form_token]") && !document.querySelector(".errornote")) first?.focus();
  });
})();
