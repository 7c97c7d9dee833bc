import type { IncomingMessage } from "node:http";
import { getOwnProperty } from "../util/own-property.ts";

/** Whether a browser will show the response as a page, as it does for a form. */
export function isNavigation({ headers }: IncomingMessage): boolean {
  const mode = getOwnProperty(headers, "sec-fetch-mode"); // W3C Fetch Metadata
  return mode === undefined ? prefersHtml(getOwnProperty(headers, "accept")) : mode === "navigate";
}

/** Whether `Accept` (RFC 9110 section 12.5.1) prefers HTML to all else. Of equal types, the first counts. */
function prefersHtml(accept: unknown): boolean {
  if (typeof accept !== "string") return false;
  const best = accept
    .split(",")
    .map(parseMediaRange)
    .reduce((best, next) => (next.weight > best.weight ? next : best));
  return best.type === "text/html" && best.weight > 0;
}

interface MediaRange {
  readonly type: string | undefined;
  readonly weight: number;
}

function parseMediaRange(range: string): MediaRange {
  const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
}
