import type { CodecConfig } from "../../lib/token/codec.ts";
import { AUDIENCE } from "./forge.ts";

/** The configuration of a strategy with default options. */
export const codecConfig: CodecConfig = {
  audiences: [AUDIENCE],
  issuers: undefined,
  requireExpiry: true,
  clockToleranceSeconds: 0,
  maxTokenAgeSeconds: undefined,
  tokenTypes: ["JWT"],
};
