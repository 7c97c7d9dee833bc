import { debuglog, type DebugLogger } from "node:util";

/**
 * Says on stderr what was looked at and which check failed, under `NODE_DEBUG=express-jwt-strategy`.
 * Never a token, and of its claims only what stands behind a good signature.
 */
export const debug: DebugLogger = debuglog("express-jwt-strategy");
