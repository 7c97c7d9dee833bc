import { debuglog, type DebugLogger } from "node:util";

/**
 * Prints on stderr which check failed, under `NODE_DEBUG=express-jwt-strategy`.
 * Does not print tokens. Prints claims only after the signature was verified.
 */
export const debug: DebugLogger = debuglog("express-jwt-strategy");
