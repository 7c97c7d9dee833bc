import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";
import type { AsymmetricAlgorithm } from "../../../lib/keys/algorithms.ts";
import type { KeySet } from "../../../lib/keys/key-set.ts";
import {
  createRemoteKeySet,
  openRemoteKeySet,
  type RemoteKeys,
} from "../../../lib/keys/remote-key-set.ts";
import { expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { keyPair } from "../../support/keys.ts";

const { privateKey, publicKey } = keyPair("ES256");

const keySet: KeySet = {
  algorithm: "ES256",
  signingKey: undefined,
  verificationKeys: [{ key: publicKey, kid: undefined }],
};
const keys: RemoteKeys = {
  cached: () => keySet,
  fetch: () => Promise.resolve(keySet),
  fetchUnknown: () => Promise.resolve(keySet),
};

describe("a remote key set", () => {
  test("passes the algorithm to the function that opens it", () => {
    const open = jest.fn<(algorithm: AsymmetricAlgorithm) => RemoteKeys>(() => keys);
    expect(openRemoteKeySet(createRemoteKeySet(open), "ES256")).toBe(keys);
    expect(open.mock.calls).toEqual([["ES256"]]);
  });

  test("has no enumerable members and is frozen", () => {
    const remoteKeySet = createRemoteKeySet(() => keys);
    expect(Object.keys(remoteKeySet)).toEqual([]);
    expect(Object.isFrozen(remoteKeySet)).toBe(true);
  });

  test("is accepted as publicKey", async () => {
    const auth = createJwtStrategy({
      algorithm: "ES256",
      publicKey: createRemoteKeySet(() => keys),
      lifetimeSeconds: 60,
    });
    expect(await auth.readToken(forge("ES256", privateKey))).toMatchObject({ sub: "42" });
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a URL", "https://issuer.example/jwks"],
    ["a number", 42],
    ["an empty object", {}],
    ["an empty list", []],
    ["a list of a key", [publicKey]],
    ["a key", publicKey],
    ["a function", () => keys],
    [
      "an object with the description of its symbol as name",
      { open: () => keys, "Symbol(open)": () => keys },
    ],
  ])("is not recognized in %s", (_name, value) => {
    expect(openRemoteKeySet(value, "ES256")).toBeUndefined();
  });

  test("is refused together with a secret", () =>
    expectConstructionError(
      {
        algorithm: "ES256",
        secret: privateKey,
        publicKey: createRemoteKeySet(() => keys),
        lifetimeSeconds: 60,
      },
      /^secret must be left out if publicKey is remoteJwks\(\): the issuer signs/,
    ));

  test("is refused in a list", () =>
    expectConstructionError(
      { algorithm: "ES256", publicKey: [createRemoteKeySet(() => keys)], lifetimeSeconds: 60 },
      /^publicKey must not be a list with remoteJwks\(\) in it: pass remoteJwks\(\) alone, /,
    ));
});
