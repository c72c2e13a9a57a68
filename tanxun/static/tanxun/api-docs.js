/* Draws the description of the API into its place: Swagger UI asks our own address for it and nobody else. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("api-docs");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    // The API speaks the language that a request names, the page the one that was chosen here.
    requestInterceptor: (request) => {
      request.headers["Accept-Language"] = document.documentElement.lang;
      return request;
    },
    supportedSubmitMethods: ["get"],
  });
});
