import { AsyncLocalStorage } from "node:async_hooks";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { JwtAlgorithm } from "express-jwt-strategy";
import type { createSigner } from "../../../lib/token/signer.ts";
import type { startSigningThread } from "../../../lib/token/signing-thread.ts";
import { isSignedBy } from "../../support/forge.ts";
import { generateEcPair, generateRsaPair, signingKey } from "../../support/keys.ts";

type Start = typeof startSigningThread;

const start = jest.fn<Start>();
jest.mock("../../../lib/token/signing-thread.ts", () => ({ startSigningThread: start }));

const CLAIMS = { sub: "42", aud: "é" };
const long = generateRsaPair(3072).privateKey;

/** As in a process that has just begun: no thread runs yet. */
let create: typeof createSigner;
let startForReal: Start;

beforeEach(() => {
  jest.resetModules();
  const real = jest.requireActual<{ startSigningThread: Start }>(
    "../../../lib/token/signing-thread.ts",
  );
  startForReal = real.startSigningThread;
  start.mockImplementation(startForReal);
  const signer = jest.requireActual<{ createSigner: typeof createSigner }>(
    "../../../lib/token/signer.ts",
  );
  create = signer.createSigner;
});

afterEach(() => {
  jest.resetAllMocks();
});

function signerOf(algorithm: JwtAlgorithm, key: KeyObject): ReturnType<typeof createSigner> {
  return create(algorithm, { key, kid: "key é" });
}

function expectGoodToken(algorithm: JwtAlgorithm, key: KeyObject, token: string): void {
  const [header = "", payload = ""] = token.split(".");
  expect(decode(header)).toBe(`{"alg":"${algorithm}","typ":"JWT","kid":"key é"}`);
  expect(decode(payload)).toBe('{"sub":"42","aud":"\\u00e9"}');
  expect(isSignedBy(algorithm, createPublicKey(key), token)).toBe(true);
}

function decode(segment: string): string {
  return Buffer.from(segment, "base64url").toString();
}

/** The parameters are known to Node, but not to its types. */
const SHA384: object = { hashAlgorithm: "sha384", mgf1HashAlgorithm: "sha384", saltLength: 48 };
const longPss = generateKeyPairSync("rsa-pss", { modulusLength: 3072, ...SHA384 }).privateKey;

describe("a key that signs slowly", () => {
  test.each([
    ["RS256", "RSA of 3,072 bits", long],
    ["RS512", "RSA of 4,096 bits", generateRsaPair(4096).privateKey],
    ["PS256", "RSA of 3,072 bits", long],
    ["PS384", "RSASSA-PSS of 3,072 bits", longPss],
    ["RS256", "RSA of a few bits over 2,048", generateRsaPair(2056).privateKey],
    ["ES512", "P-521", generateEcPair("secp521r1").privateKey],
  ] as const)("signs in a thread: %s with %s", async (algorithm, _name, key) => {
    const signed: Promise<string>[] = [];
    start.mockImplementation((library) => {
      const sign = startForReal(library);
      return (task) => {
        const token = sign(task);
        signed.push(token);
        return token;
      };
    });
    const token = await signerOf(algorithm, key)(CLAIMS);
    expect(await Promise.all(signed)).toEqual([token]);
    expectGoodToken(algorithm, key, token);
  });

  test("starts its thread with the first token, one for all keys", async () => {
    const other = generateRsaPair(3072).privateKey;
    const signers = [signerOf("RS256", long), signerOf("RS256", other), signerOf("PS256", long)];
    expect(start).not.toHaveBeenCalled();
    const tokens = await Promise.all(signers.map(async (sign) => sign(CLAIMS)));
    await signers[0]?.(CLAIMS);
    expect(start).toHaveBeenCalledTimes(1);
    tokens.forEach((token, index) => {
      expectGoodToken(index === 2 ? "PS256" : "RS256", index === 1 ? other : long, token);
    });
  });

  test("keeps nothing of the request that is first", async () => {
    const requests = new AsyncLocalStorage<string>();
    let context: string | undefined;
    start.mockImplementation((library) => {
      context = requests.getStore() ?? "none";
      return startForReal(library);
    });
    const sign = signerOf("RS256", long);
    await requests.run("first", async () => sign(CLAIMS));
    expect(context).toBe("none");
  });

  test("lets the event loop go on", async () => {
    const sign = signerOf("RS256", long);
    const order: string[] = [];
    await Promise.all([
      Promise.resolve(sign(CLAIMS)).then(() => order.push("token")),
      nextTurn().then(() => order.push("turn")),
    ]);
    expect(order).toEqual(["turn", "token"]);
  });

  test.each<[string, Start]>([
    [
      "may not be started",
      () => {
        throw new Error("Access to this API has been restricted");
      },
    ],
    ["has ended", () => () => Promise.reject(new Error("The signing thread has ended"))],
  ])("signs on the event loop where the thread %s, every time", async (_name, startInstead) => {
    start.mockImplementation(startInstead);
    const sign = signerOf("RS256", long);
    expectGoodToken("RS256", long, await sign(CLAIMS));
    expectGoodToken("RS256", long, await sign(CLAIMS));
  });
});

describe("any other key", () => {
  test.each(["HS256", "HS512", "RS256", "PS512", "ES256", "ES384"] as const)(
    "signs at once: %s",
    (algorithm) => {
      expect(typeof signerOf(algorithm, signingKey(algorithm))(CLAIMS)).toBe("string");
      expect(start).not.toHaveBeenCalled();
    },
  );
});
