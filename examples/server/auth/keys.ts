// The keys that sign and verify: a secret (HS256), or a file of private keys (ES256) that may change while
// requests run.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { KeyOptions } from "express-jwt-strategy";
import type { Logger } from "pino";
import { z } from "zod";
import type { Config } from "../config.ts";

/** A private key of P-256 as a JWK (RFC 7518 section 6.2). */
export interface PrivateJwk {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly kid: string;
}

const PRIVATE_JWK: z.ZodType<PrivateJwk> = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().min(1),
});

/** The first key signs; all verify, and all are published. */
const KEYS_FILE: z.ZodType<{ readonly keys: readonly PrivateJwk[] }> = z.object({
  keys: z.array(PRIVATE_JWK).min(1),
});

export type SigningKeys = Extract<KeyOptions, { readonly secret: unknown }>;

export interface KeySource {
  readonly origin: "JWT_SECRET" | "JWT_KEYS_FILE" | "random";
  readonly current: SigningKeys;
  /** Calls the function with new keys until {@link stop} is called. */
  watch(onChange: (keys: SigningKeys) => void, log: Pick<Logger, "info" | "error">): void;
  stop(): void;
}

/** The interval for reading the file. Unlike events, this also works for network file systems and mounted secrets. */
const POLL_MS = 1_000;

export function openKeys({ JWT_SECRET, JWT_KEYS_FILE }: Config): KeySource {
  if (JWT_KEYS_FILE !== undefined) return openFile(JWT_KEYS_FILE);
  return {
    origin: JWT_SECRET === undefined ? "random" : "JWT_SECRET",
    current: { algorithm: "HS256", secret: JWT_SECRET ?? randomBytes(64) },
    watch: () => undefined,
    stop: () => undefined,
  };
}

function openFile(file: string): KeySource {
  let text = readText(file);
  let timer: NodeJS.Timeout | undefined;
  return {
    origin: "JWT_KEYS_FILE",
    current: parseKeys(text),
    watch(onChange, log) {
      timer = setInterval(() => {
        const newText = readText(file);
        if (newText === text) return;
        text = newText;
        try {
          onChange(parseKeys(text));
          log.info("The keys of JWT_KEYS_FILE have changed");
        } catch {
          log.error("JWT_KEYS_FILE has changed and cannot be used: the keys from before stay");
        }
      }, POLL_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Throws an error that does not contain the contents of the file. */
function parseKeys(text: string | undefined): SigningKeys {
  let keys: readonly PrivateJwk[];
  try {
    ({ keys } = KEYS_FILE.parse(JSON.parse(text ?? "")));
  } catch {
    throw new Error(
      'JWT_KEYS_FILE must be a readable file {"keys":[…]} of private P-256 keys as JWKs, each with a kid.',
    );
  }
  const [first] = keys as [PrivateJwk];
  return {
    algorithm: "ES256",
    secret: first,
    publicKey: keys.map(({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid })),
  };
}
