import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type AsymmetricAlgorithm } from "express-jwt-strategy";
import type { KeySet } from "../../../lib/keys/key-set.ts";
import {
  createRemoteKeySet,
  openRemoteKeySet,
  type ChangingKeys,
} from "../../../lib/keys/remote-key-set.ts";
import { expectConstructionError } from "../../support/expect-construction-error.ts";
import { forge } from "../../support/forge.ts";
import { keyPair } from "../../support/keys.ts";

const { privateKey, publicKey } = keyPair("ES256");

const ring: KeySet = {
  algorithm: "ES256",
  signingKey: undefined,
  verificationKeys: [{ key: publicKey, kid: undefined }],
};
const keys: ChangingKeys = { current: () => ring, renewed: () => ring };

describe("a source of keys", () => {
  test("is asked for the keys of an algorithm", () => {
    const open = jest.fn<(algorithm: AsymmetricAlgorithm) => ChangingKeys>(() => keys);
    expect(openRemoteKeySet(createRemoteKeySet(open), "ES256")).toBe(keys);
    expect(open.mock.calls).toEqual([["ES256"]]);
  });

  test("shows nothing, and cannot be changed", () => {
    const source = createRemoteKeySet(() => keys);
    expect(Object.keys(source)).toEqual([]);
    expect(Object.isFrozen(source)).toBe(true);
  });

  test("is what publicKey may be", async () => {
    const auth = createJwtStrategy({
      algorithm: "ES256",
      publicKey: createRemoteKeySet(() => keys),
      lifetimeSeconds: 60,
    });
    expect(await auth.readToken(forge("ES256", privateKey))).toMatchObject({ sub: "42" });
  });

  test.each([undefined, null, "https://issuer.example/jwks", 42, {}, [], publicKey, () => keys])(
    "is nothing else: %p",
    (value) => {
      expect(openRemoteKeySet(value, "ES256")).toBeUndefined();
    },
  );

  test("is refused beside a secret: the issuer signs", () =>
    expectConstructionError(
      {
        algorithm: "ES256",
        secret: privateKey,
        publicKey: createRemoteKeySet(() => keys),
        lifetimeSeconds: 60,
      },
      /^secret must be left out where publicKey is remoteJwks\(\): the issuer signs/,
    ));

  test("is refused in a list, where keys stand that do not change", () =>
    expectConstructionError(
      { algorithm: "ES256", publicKey: [createRemoteKeySet(() => keys)], lifetimeSeconds: 60 },
      /^publicKey is a list with remoteJwks\(\) in it, .*give it alone$/,
    ));
});
