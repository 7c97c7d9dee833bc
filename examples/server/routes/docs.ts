// Swagger UI at /docs for the OpenAPI document of this server, without files from other servers.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Router } from "express";
import { PUBLIC_FOLDER } from "./pages.ts";

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const ASSETS = ["swagger-ui.css", "swagger-ui-bundle.js"];

export function docsRouter(getDocument: () => object): Router {
  const router = Router();

  router.get("/openapi.json", (_req, res) => {
    res.json(getDocument());
  });
  router.get("/docs", (_req, res) => {
    res.sendFile(join(PUBLIC_FOLDER, "docs.html"));
  });
  for (const asset of ASSETS) {
    router.get(`/docs/${asset}`, (_req, res) => {
      res.sendFile(join(SWAGGER_UI, asset), { maxAge: "1h" });
    });
  }

  return router;
}
