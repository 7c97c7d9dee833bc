import type { IncomingMessage } from "node:http";
import { getOwnProperty } from "../util/own-property.ts";

/** The types that a login accepts, and others that clients send by mistake. */
const KNOWN_TYPES = [
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/json",
  "application/octet-stream",
  "application/xml",
  "text/html",
  "text/plain",
  "text/xml",
] as const;

export type MediaType = (typeof KNOWN_TYPES)[number] | "missing" | "unknown";

/**
 * The media type of a request's body, without parameters. Only constants are returned, so that a
 * log never shows what a client wrote into the header.
 */
export function getMediaType(req: IncomingMessage): MediaType {
  const written = getContentType(req).split(";", 1)[0]?.trim().toLowerCase();
  if (written === "") return "missing";
  return KNOWN_TYPES.find((type) => type === written) ?? "unknown";
}

/** The header as it was sent, or an empty string. */
export function getContentType(req: IncomingMessage): string {
  const contentType = getOwnProperty(req.headers, "content-type");
  return typeof contentType === "string" ? contentType : "";
}
