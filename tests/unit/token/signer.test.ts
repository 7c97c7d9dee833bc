import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import jsonwebtoken from "jsonwebtoken";
import { createSigner, type SignClaims } from "../../../lib/token/signer.ts";
import { isSignedBy } from "../../support/forge.ts";
import { generateEcPair, generateRsaPair, signingKey, verifying } from "../../support/keys.ts";

const CLAIMS = { sub: "42", aud: "é" };
const ASCII_CLAIMS = '{"sub":"42","aud":"\\u00e9"}';
const rsa3072 = generateRsaPair(3072).privateKey;

function createSignerOf(algorithm: JwtAlgorithm, key: KeyObject): SignClaims {
  return createSigner(algorithm, "JWT", { key, kid: "key é" });
}

function expectValidToken(algorithm: JwtAlgorithm, key: KeyObject, token: string): void {
  const [header = "", payload = ""] = token.split(".");
  expect(decode(header)).toBe(`{"alg":"${algorithm}","typ":"JWT","kid":"key é"}`);
  expect(decode(payload)).toBe(ASCII_CLAIMS);
  expect(isSignedBy(algorithm, createPublicKey(key), token)).toBe(true);
}

function decode(segment: string): string {
  return Buffer.from(segment, "base64url").toString();
}

/** Counts the signatures that an action computes on the thread pool of Node.js. */
async function countThreadPoolSignatures(action: () => unknown): Promise<number> {
  const requests = new Set<number>();
  let count = 0;
  const hook = createHook({
    init(id, type) {
      if (type === "SIGNREQUEST") requests.add(id);
    },
    before(id) {
      if (requests.has(id)) count += 1;
    },
  }).enable();
  await action();
  hook.disable();
  return count;
}

/** Node.js supports these parameters, but its types do not. */
const SHA384: object = { hashAlgorithm: "sha384", mgf1HashAlgorithm: "sha384", saltLength: 48 };

const SLOW_KEYS: readonly (readonly [JwtAlgorithm, string, KeyObject])[] = [
  ["RS256", "RSA of 3,072 bits", rsa3072],
  ["RS384", "RSA of 3,072 bits", rsa3072],
  ["RS512", "RSA of 4,096 bits", generateRsaPair(4096).privateKey],
  ["PS256", "RSA of 3,072 bits", rsa3072],
  [
    "PS384",
    "RSASSA-PSS of 3,072 bits",
    generateKeyPairSync("rsa-pss", { modulusLength: 3072, ...SHA384 }).privateKey,
  ],
  ["PS512", "RSA of 3,072 bits", rsa3072],
  ["RS256", "RSA of a few bits more than 2,048", generateRsaPair(2056).privateKey],
  ["ES512", "P-521", generateEcPair("secp521r1").privateKey],
];

describe("a slow key", () => {
  test.each(SLOW_KEYS)("signs on the thread pool: %s with %s", async (algorithm, _name, key) => {
    const sign = createSignerOf(algorithm, key);
    let token: unknown;
    const count = await countThreadPoolSignatures(async () => {
      const signed = sign(CLAIMS);
      expect(signed).toBeInstanceOf(Promise);
      token = await signed;
    });
    expect(count).toBe(1);
    expectValidToken(algorithm, key, String(token));
  });

  test.each(SLOW_KEYS)(
    "creates tokens that jsonwebtoken verifies: %s with %s",
    async (algorithm, _name, key) => {
      const token = await createSigner(algorithm, "JWT", { key, kid: undefined })(CLAIMS);
      const algorithms = [algorithm as jsonwebtoken.Algorithm];
      expect(jsonwebtoken.verify(token, createPublicKey(key), { algorithms })).toEqual(CLAIMS);
    },
  );

  test.each(SLOW_KEYS.filter(([algorithm]) => algorithm.startsWith("RS")))(
    "creates the same tokens as jsonwebtoken: %s with %s",
    async (algorithm, _name, key) => {
      const header = { alg: algorithm, typ: "JWT", kid: "k" };
      const token = await createSigner(algorithm, "JWT", { key, kid: "k" })(CLAIMS);
      const options = { algorithm: algorithm as jsonwebtoken.Algorithm, header };
      expect(token).toBe(jsonwebtoken.sign(ASCII_CLAIMS, key, options));
    },
  );

  test("does not block the event loop", async () => {
    const sign = createSignerOf("RS256", rsa3072);
    const order: string[] = [];
    await Promise.all([
      Promise.resolve(sign(CLAIMS)).then(() => order.push("token")),
      nextTurn().then(() => order.push("turn")),
    ]);
    expect(order).toEqual(["turn", "token"]);
  });

  test("signs several tokens at once, each with its own claims", async () => {
    const sign = createSignerOf("RS256", rsa3072);
    const subs = ["1", "2", "3", "4", "5"];
    const tokens = await Promise.all(subs.map(async (sub) => sign({ sub })));
    expect(tokens.map((token) => decode(token.split(".")[1] ?? ""))).toEqual(
      subs.map((sub) => JSON.stringify({ sub })),
    );
  });

  test("keeps the AsyncLocalStorage of each request", async () => {
    const sign = createSignerOf("RS256", rsa3072);
    const requests = new AsyncLocalStorage<string>();
    const signIn = (name: string): Promise<string | undefined> =>
      requests.run(name, async () => {
        await sign(CLAIMS);
        return requests.getStore();
      });
    const names = ["first", "second", "third"];
    expect(await Promise.all(names.map(signIn))).toEqual(names);
    expect(requests.getStore()).toBeUndefined();
  });
});

describe("any other key", () => {
  test.each(["HS256", "HS512", "RS256", "PS512", "ES256", "ES384"] as const)(
    "signs synchronously, not on the thread pool: %s",
    async (algorithm) => {
      const key = signingKey(algorithm);
      const count = await countThreadPoolSignatures(() => {
        const token = createSignerOf(algorithm, key)(CLAIMS);
        if (typeof token !== "string") throw new Error("a promise was returned");
        expect(isSignedBy(algorithm, verifying(key), token)).toBe(true);
      });
      expect(count).toBe(0);
    },
  );
});
