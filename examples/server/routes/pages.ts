// The files of the page, and their security headers.
import { fileURLToPath } from "node:url";
import express, { type RequestHandler } from "express";
import helmet from "helmet";

export const PUBLIC_FOLDER: string = fileURLToPath(new URL("../public", import.meta.url));

/** Allows only scripts, styles and requests of this server: no inline code, frames and plug-ins. */
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
