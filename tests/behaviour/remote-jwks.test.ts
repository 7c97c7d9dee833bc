import { inspect } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { remoteJwks } from "express-jwt-strategy/remote-jwks";
import { construct, expectConstructionError } from "../support/expect-construction-error.ts";
import {
  ASYMMETRIC_ALGORITHMS,
  HMAC_ALGORITHMS,
  hmacSecret,
  keyPair,
  signingKey,
} from "../support/keys.ts";

const URL_OF_KEYS = "https://issuer.example/.well-known/jwks.json";

/** Calls remoteJwks() without type checks. */
const make = remoteJwks as (...given: unknown[]) => unknown;

describe("remoteJwks", () => {
  test.each<[string, unknown]>([
    ["https:", URL_OF_KEYS],
    ["https: as a URL object", new URL(URL_OF_KEYS)],
    ["https: with a port and a query", "https://issuer.example:8443/jwks?tenant=a"],
    ["http: on localhost", "http://localhost:3000/jwks"],
    ["http: on LOCALHOST", "http://LOCALHOST/jwks"],
    ["http: on a name under localhost", "http://acme.localhost/jwks"],
    ["http: on 127.0.0.1", "http://127.0.0.1/jwks"],
    ["http: on another loopback address", "http://127.8.9.10/jwks"],
    ["http: on ::1", "http://[::1]:3000/jwks"],
  ])("accepts %s", (_what, url) => {
    expect(() => make(url)).not.toThrow();
  });

  test("accepts a URL of another realm, as jsdom makes it, and checks it alike", () => {
    class OtherUrl {
      readonly #text: string;
      constructor(text: string) {
        this.#text = text;
      }
      get href(): string {
        return this.#text;
      }
    }
    const makeOf = (text: string): unknown => make(new OtherUrl(text));

    expect(() => makeOf(URL_OF_KEYS)).not.toThrow();
    expect(() => makeOf("http://issuer.example/jwks")).toThrow(/^url must be an https: URL/);
    expect(() => makeOf("/jwks")).toThrow(/^url must be a URL such as/);
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["an object whose href is no text", { href: new URL(URL_OF_KEYS) }],
    ["null", null],
    ["an empty string", ""],
    ["a path", "/.well-known/jwks.json"],
    ["a host alone", "issuer.example"],
    ["a list", [URL_OF_KEYS]],
    ["an object with a toString", { toString: () => URL_OF_KEYS }],
  ])("refuses a url that is not an absolute URL: %s", (_what, url) => {
    expect(() => make(url)).toThrow(
      new TypeError('url must be a URL such as "https://issuer.example/jwks"'),
    );
  });

  test.each([
    "http://issuer.example/jwks",
    "http://localhost.issuer.example/jwks",
    "http://notlocalhost/jwks",
    "http://127.0.0.1.issuer.example/jwks",
    "http://128.0.0.1/jwks",
    "http://10.0.0.1/jwks",
    "http://[::2]/jwks",
    "ftp://issuer.example/jwks",
    "ftp://localhost/jwks",
    "file:///etc/jwks.json",
    "data:application/json,{}",
  ])("refuses %s, because attackers could forge the response", (url) => {
    expect(() => make(url)).toThrow(
      new TypeError(
        "url must be an https: URL (http: only for this machine, or with dangerouslyAllowHttp): the keys decide which tokens are valid",
      ),
    );
  });

  test("accepts http: from any host with dangerouslyAllowHttp, and no other protocol", () => {
    const allowed = { dangerouslyAllowHttp: true };
    expect(() => make("http://issuer.example/jwks", allowed)).not.toThrow();
    expect(() => make("ftp://issuer.example/jwks", allowed)).toThrow(/^url must be an https: URL/);
  });

  test.each(["https://user@issuer.example/jwks", "https://:hunter2@issuer.example/jwks"])(
    "refuses credentials in the url without repeating them: %s",
    (url) => {
      expect(() => make(url)).toThrow(
        new TypeError("url must be a URL without a username and a password"),
      );
    },
  );

  const NUMBERS = {
    cacheMaxAgeSeconds: [1, 86_400],
    cooldownSeconds: [1, 3_600],
    timeoutSeconds: [0.1, 60],
  } as const;

  test.each(Object.entries(NUMBERS))(
    "accepts %s from %p, including fractions",
    (name, [min, max]) => {
      // 2.01 × 1000 is not a whole number in floating point.
      for (const value of [min, max, 2.01, 1 / 3 + 1, undefined]) {
        expect(() => make(URL_OF_KEYS, { [name]: value })).not.toThrow();
      }
    },
  );

  test.each(Object.entries(NUMBERS))("refuses %s outside of %p", (name, [min, max]) => {
    const message = `${name} must be a number from ${min} to ${max}`;
    for (const value of [min - 0.01, max + 0.01, -1, NaN, Infinity, null, {}]) {
      expect(() => make(URL_OF_KEYS, { [name]: value })).toThrow(new TypeError(message));
    }
    expect(() => make(URL_OF_KEYS, { [name]: String(min) })).toThrow(
      new TypeError(`${message}, not text: convert it with Number()`),
    );
  });

  test.each(["true", 1, null])("refuses %p for dangerouslyAllowHttp", (dangerouslyAllowHttp) => {
    expect(() => make(URL_OF_KEYS, { dangerouslyAllowHttp })).toThrow(
      /^dangerouslyAllowHttp must be true or false/,
    );
  });

  test("refuses an option that it does not have", () => {
    expect(() => make(URL_OF_KEYS, { cooldown: 30 })).toThrow(
      new TypeError(
        'remoteJwks has no option "cooldown"; it has cacheMaxAgeSeconds, cooldownSeconds, timeoutSeconds, dangerouslyAllowHttp',
      ),
    );
  });

  test.each([null, [], "https", 5])("refuses %p for its options", (options) => {
    expect(() => make(URL_OF_KEYS, options)).toThrow(
      new TypeError("remoteJwks's options must be an object"),
    );
  });

  test("is frozen and has no enumerable properties", () => {
    const source = remoteJwks(URL_OF_KEYS);
    expect(Object.isFrozen(source)).toBe(true);
    expect(JSON.stringify(source)).toBe("{}");
    expect(inspect(source, { depth: 9, showHidden: true })).not.toContain("issuer.example");
  });
});

describe("publicKey: remoteJwks()", () => {
  const publicKey = remoteJwks(URL_OF_KEYS);

  test.each(ASYMMETRIC_ALGORITHMS)("works with %s and does not sign", (algorithm) => {
    const auth = construct({
      algorithm,
      publicKey,
      lifetimeSeconds: 60,
      verifyCredentials: () => null,
    });
    expect(() => auth.writeToken({ id: "42" })).toThrow(
      new TypeError("writeToken signs tokens: it requires the secret option"),
    );
    expect(() => auth.login).toThrow(/^login signs tokens/);
  });

  test.each(HMAC_ALGORITHMS)("does not work with %s", (algorithm) =>
    expectConstructionError(
      { algorithm, secret: hmacSecret, publicKey, lifetimeSeconds: 60 },
      new RegExp(`^publicKey cannot be used with ${algorithm}, .*set algorithm to RS256`),
    ),
  );

  test("does not work with a secret", () =>
    expectConstructionError(
      { algorithm: "RS256", secret: signingKey("RS256"), publicKey, lifetimeSeconds: 60 },
      /^secret must be left out if publicKey is remoteJwks\(\): the issuer signs$/,
    ));

  test.each<[string, unknown]>([
    ["as its only member", [publicKey]],
    ["together with a key", [keyPair("RS256").publicKey, publicKey]],
  ])("is refused in a list, %s", (_where, list) =>
    expectConstructionError(
      { algorithm: "RS256", publicKey: list, lifetimeSeconds: 60 },
      /^publicKey must not be a list with remoteJwks\(\) in it: pass remoteJwks\(\) alone, it is a whole set of keys$/,
    ),
  );

  test.each<[string, unknown]>([
    ["an object with the same properties", { open: () => undefined }],
    ["remoteJwks without a call", remoteJwks],
  ])("must not be replaced by %s", (_what, value) =>
    expectConstructionError(
      { algorithm: "RS256", publicKey: value, lifetimeSeconds: 60 },
      /^publicKey must be a PEM string/,
    ),
  );

  test("is named in the message for a plain URL", () =>
    expectConstructionError(
      { algorithm: "RS256", publicKey: URL_OF_KEYS, lifetimeSeconds: 60 },
      /^publicKey is a URL: pass the key, or remoteJwks\(url\) as publicKey to fetch it$/,
    ));

  test("must not be the secret", () =>
    expectConstructionError(
      { algorithm: "RS256", secret: publicKey, lifetimeSeconds: 60 },
      /^secret must be a PEM string/,
    ));
});
