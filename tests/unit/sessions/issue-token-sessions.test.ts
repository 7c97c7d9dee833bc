import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import type { Session } from "../../../lib/sessions/session.ts";
import { createIssueToken, type IssuedToken } from "../../../lib/sessions/issue-token.ts";
import { createSecurityStamp } from "../../../lib/sessions/security-stamp.ts";
import { createUserClaims, type GetClaims } from "../../../lib/sessions/user-claims.ts";
import { AUDIENCE } from "../../support/forge.ts";
import { codecConfig } from "../../support/codec-config.ts";

const KEY = createSecretKey(randomBytes(64));
const NOW = 1_700_000_000;
const ENDLESS: Session = { authTime: undefined, endsAt: Infinity };
const CAPPED: Session = { authTime: NOW - 100, endsAt: NOW + 20 };

/** Returns the claims as JSON, instead of a token. */
const sign = jest.fn((claims: object) => JSON.stringify(claims));

interface Options {
  readonly lifetimeSeconds?: number | null;
  readonly claims?: GetClaims<string>;
  readonly getSecurityStamp?: (user: string) => string | Promise<string>;
}

function issue(session: Session, options: Options = {}): Promise<IssuedToken> {
  jest.spyOn(Date, "now").mockReturnValue(NOW * 1000 + 999);
  const { lifetimeSeconds = 60, claims, getSecurityStamp } = options;
  const userClaims = createUserClaims(claims);
  const stamp =
    getSecurityStamp &&
    createSecurityStamp({ getSecurityStamp, signingKey: KEY, ownKeys: undefined });
  const issueToken = createIssueToken<string>(
    { ...codecConfig, tokenAudience: AUDIENCE, lifetimeSeconds, maxTokenLength: 8192 },
    { sign, createUserClaims: stamp ? stamp.addStamp(userClaims) : userClaims },
  );
  return issueToken("ann", "42", session);
}

afterEach(() => void jest.restoreAllMocks());

describe("a token of an endless session", () => {
  test("contains exactly sub, aud and exp", async () => {
    expect(await issue(ENDLESS)).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}","exp":${NOW + 60}}`,
      lifetimeSeconds: 60,
    });
  });

  test("has no exp without a lifetime", async () => {
    expect(await issue(ENDLESS, { lifetimeSeconds: null })).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}"}`,
      lifetimeSeconds: null,
    });
  });
});

describe("a token of a session that ends", () => {
  test("has the login time in auth_time, and expires no later than the session", async () => {
    expect(await issue(CAPPED)).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}","exp":${NOW + 20},"auth_time":${NOW - 100}}`,
      lifetimeSeconds: 20,
    });
  });

  test("has its full lifetime if the session ends later", async () => {
    const { token, lifetimeSeconds } = await issue({ authTime: NOW, endsAt: NOW + 60 });
    expect(lifetimeSeconds).toBe(60);
    expect(JSON.parse(token)).toMatchObject({ exp: NOW + 60, auth_time: NOW });
  });
});

describe("a token with a security stamp", () => {
  const digest = createHmac("sha256", KEY)
    .update('express-jwt-strategy security stamp\0["42","text of ann"]')
    .digest()
    .subarray(0, 16)
    .toString("base64url");

  test.each([
    ["synchronously", (user: string) => `text of ${user}`],
    ["asynchronously", (user: string) => Promise.resolve(`text of ${user}`)],
  ])(
    "has the digest of the string that securityStamp returns %s",
    async (_when, getSecurityStamp) => {
      const claims = (): object => ({ scope: "read" });
      const { token } = await issue(CAPPED, { getSecurityStamp, claims: claims as () => never });
      expect(Object.entries(JSON.parse(token) as object).slice(3)).toEqual([
        ["auth_time", NOW - 100],
        ["stamp", digest],
        ["scope", "read"],
      ]);
    },
  );

  test("is not signed if securityStamp fails", async () => {
    const failure = new Error("database down");
    sign.mockClear();
    await expect(issue(CAPPED, { getSecurityStamp: () => Promise.reject(failure) })).rejects.toBe(
      failure,
    );
    expect(sign).not.toHaveBeenCalled();
  });
});

describe("claims", () => {
  const getSecurityStamp = (): string => "text";

  test.each<[string, Session, Options]>([
    ["auth_time", CAPPED, {}],
    ["stamp", ENDLESS, { getSecurityStamp }],
    ["auth_time", CAPPED, { getSecurityStamp }],
    ["stamp", CAPPED, { getSecurityStamp }],
  ])("must not contain %s if the strategy writes it", async (name, session, options) => {
    for (const value of [NOW, "digest", null]) {
      await expect(
        issue(session, { ...options, claims: () => ({ [name]: value }) }),
      ).rejects.toThrow(
        new TypeError(`claims must not return ${name}: the strategy's own options write it`),
      );
    }
  });

  test("may contain auth_time and stamp if the strategy writes neither", async () => {
    const claims = { auth_time: 5, stamp: "mine" };
    const { token } = await issue(ENDLESS, { claims: () => claims });
    expect(JSON.parse(token)).toMatchObject(claims);
  });
});
