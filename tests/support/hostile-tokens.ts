import type { JwtAlgorithm } from "express-jwt-strategy";
import { algorithmTokens } from "./hostile/algorithms.ts";
import { encodingTokens } from "./hostile/encodings.ts";
import { headerTokens } from "./hostile/headers.ts";
import { payloadTokens } from "./hostile/payloads.ts";
import { signatureTokens } from "./hostile/signatures.ts";
import { structureTokens } from "./hostile/structures.ts";
import type { HostileToken, Target } from "./hostile/target.ts";

/** One algorithm of each kind of key. The checks of encoding, structure and payload do not depend on the key. */
const REPRESENTATIVES: readonly JwtAlgorithm[] = ["HS256", "RS256", "ES256"];

export function isRepresentative(algorithm: JwtAlgorithm): boolean {
  return REPRESENTATIVES.includes(algorithm);
}

/** Hostile tokens for a strategy: it must refuse each of them. */
export function* hostileTokens(target: Target): Generator<HostileToken> {
  yield* algorithmTokens(target);
  yield* signatureTokens(target);
  yield* headerTokens(target);
  if (!isRepresentative(target.algorithm)) return;
  yield* payloadTokens(target);
  yield* encodingTokens(target);
  yield* structureTokens(target);
}
