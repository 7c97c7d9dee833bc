import type { CodecConfig } from "../../lib/token/codec.ts";
import { AUDIENCE } from "./forge.ts";

/** The settings of a strategy whose options are left out. */
export const codecConfig: CodecConfig = {
  audiences: [AUDIENCE],
  issuers: undefined,
  requireExpiry: true,
  clockToleranceSeconds: 0,
  maxTokenAgeSeconds: undefined,
  tokenTypes: ["JWT"],
};
