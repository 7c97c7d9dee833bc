// The file of keys that all processes of the fleet read: the first signs, all verify and are published.
import { generateKeyPairSync, randomUUID, type JsonWebKey } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";

export type SigningKey = JsonWebKey & { readonly kid: string };

export function generateKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID() };
}

/** Replaces the file atomically, so that no process reads a part of it. */
export function writeKeys(file: string, ...keys: readonly SigningKey[]): void {
  writeFileSync(`${file}.new`, JSON.stringify({ keys }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The kid of a token, which is not verified. */
export function getUnverifiedKid(token: string): unknown {
  const [header = ""] = token.split(".", 1);
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { kid?: unknown }).kid;
}
