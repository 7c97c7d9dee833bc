// Authorize logs in through the document's tokenUrl, the server's own login; Execute then sends the token.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null, // asks no other server
});
