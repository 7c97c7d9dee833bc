import { algorithmTokens } from "./hostile/algorithms.ts";
import { encodingTokens } from "./hostile/encodings.ts";
import { headerTokens } from "./hostile/headers.ts";
import { payloadTokens } from "./hostile/payloads.ts";
import { signatureTokens } from "./hostile/signatures.ts";
import { structureTokens } from "./hostile/structures.ts";
import type { HostileToken, Target } from "./hostile/target.ts";

/** All that a hostile client may send to a strategy: every one of them must be refused. */
export function* hostileTokens(target: Target): Generator<HostileToken> {
  yield* algorithmTokens(target);
  yield* signatureTokens(target);
  yield* encodingTokens(target);
  yield* headerTokens(target);
  yield* payloadTokens(target);
  yield* structureTokens(target);
}
