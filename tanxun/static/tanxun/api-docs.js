/* Draws the description of the API into its place: Swagger UI asks our own address for it and nobody else. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const root = document.documentElement;
  const place = document.getElementById("api-docs");
  const darkness = window.matchMedia("(prefers-color-scheme: dark)");

  /* Swagger UI knows light and dark by a class, the site by what was chosen here, else by the browser. */
  function followTheme() {
    root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : darkness.matches);
  }

  followTheme();
  darkness.addEventListener("change", followTheme);
  new MutationObserver(followTheme).observe(root, { attributeFilter: ["data-theme"] });

  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    supportedSubmitMethods: ["get"],
    // The API speaks the language that a request names, the page the one that was chosen here.
    requestInterceptor: (request) => {
      request.headers["Accept-Language"] = root.lang;
      return request;
    },
  });
});
