import { runInNewContext } from "node:vm";

/** A Uint8Array of another realm, such as those of jsdom: not `instanceof Uint8Array`. */
export function bytesOfAnotherRealm(bytes: Uint8Array): Uint8Array {
  return runInNewContext("Uint8Array.from(bytes)", { bytes }) as Uint8Array;
}
