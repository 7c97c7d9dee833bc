// The files of the page, and the headers that keep them safe.
import { fileURLToPath } from "node:url";
import express, { type RequestHandler } from "express";
import helmet from "helmet";

export const PUBLIC_FOLDER: string = fileURLToPath(new URL("../public", import.meta.url));

/** Scripts, styles and requests of this server alone; nothing inline, no frame, no plug-in. */
export function secureHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"], // the icons of Swagger UI
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
  });
}

export function servePages(): RequestHandler {
  return express.static(PUBLIC_FOLDER, { extensions: ["html"] });
}
