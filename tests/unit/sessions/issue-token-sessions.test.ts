import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Session } from "../../../lib/sessions/session.ts";
import {
  createTokenWriter,
  type IssuedToken,
  type TokenTerms,
} from "../../../lib/sessions/issue-token.ts";
import type { TokenCodec } from "../../../lib/token/codec.ts";
import { AUDIENCE } from "../../support/forge.ts";

const NOW = 1_700_000_000;
const ENDLESS: Session = { authTime: undefined, endsAt: Infinity };
const CAPPED: Session = { authTime: NOW - 100, endsAt: NOW + 20 };

/** A codec whose tokens are the claims, as JSON. */
const plainCodec: TokenCodec = {
  sign: (claims) => JSON.stringify(claims),
  verify() {
    throw new Error("A writer verifies nothing");
  },
};

function issue(session: Session, terms: Partial<TokenTerms<string>> = {}): Promise<IssuedToken> {
  jest.spyOn(Date, "now").mockReturnValue(NOW * 1000 + 999);
  const issueToken = createTokenWriter<string>(plainCodec, {
    tokenAudience: AUDIENCE,
    lifetimeSeconds: 60,
    maxTokenLength: 8192,
    claims: undefined,
    ...terms,
  });
  return issueToken("ann", "42", session);
}

afterEach(() => void jest.restoreAllMocks());

describe("a token of an endless session", () => {
  test("is sub, aud and exp, to the letter", async () => {
    expect(await issue(ENDLESS)).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}","exp":${NOW + 60}}`,
      lifetimeSeconds: 60,
    });
  });

  test("is valid for ever without a lifetime", async () => {
    expect(await issue(ENDLESS, { lifetimeSeconds: null })).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}"}`,
      lifetimeSeconds: null,
    });
  });
});

describe("a token of a session that ends", () => {
  test("says when the session began, and is valid for no longer than the session", async () => {
    expect(await issue(CAPPED)).toEqual({
      token: `{"sub":"42","aud":"${AUDIENCE}","exp":${NOW + 20},"auth_time":${NOW - 100}}`,
      lifetimeSeconds: 20,
    });
  });

  test("lives its whole life where the session lasts as long", async () => {
    const { token, lifetimeSeconds } = await issue({ authTime: NOW, endsAt: NOW + 60 });
    expect(lifetimeSeconds).toBe(60);
    expect(JSON.parse(token)).toMatchObject({ exp: NOW + 60, auth_time: NOW });
  });
});

describe("a token with a security stamp", () => {
  test.each([
    ["at once", (user: string, sub: string) => `${user} ${sub}`],
    ["later", (user: string, sub: string) => Promise.resolve(`${user} ${sub}`)],
  ])("carries what was written for its user and sub %s", async (_when, writeSecurityStamp) => {
    const { token } = await issue(CAPPED, {
      writeSecurityStamp,
      claims: () => ({ scope: "read" }),
    });
    expect(Object.entries(JSON.parse(token) as object).slice(3)).toEqual([
      ["auth_time", NOW - 100],
      ["stamp", "ann 42"],
      ["scope", "read"],
    ]);
  });

  test("is not made where writing it fails", async () => {
    const failure = new Error("database down");
    const sign = jest.spyOn(plainCodec, "sign");
    await expect(issue(CAPPED, { writeSecurityStamp: () => Promise.reject(failure) })).rejects.toBe(
      failure,
    );
    expect(sign).not.toHaveBeenCalled();
  });
});

describe("claims", () => {
  const writeSecurityStamp = (): string => "digest";

  test.each<[string, Session, Partial<TokenTerms<string>>]>([
    ["auth_time", CAPPED, {}],
    ["stamp", ENDLESS, { writeSecurityStamp }],
    ["auth_time", CAPPED, { writeSecurityStamp }],
    ["stamp", CAPPED, { writeSecurityStamp }],
  ])("cannot return %s where the strategy writes it", async (name, session, terms) => {
    for (const value of [NOW, "digest", null]) {
      await expect(issue(session, { ...terms, claims: () => ({ [name]: value }) })).rejects.toThrow(
        new TypeError(`claims must not return ${name}: the strategy's own options write it`),
      );
    }
  });

  test("can return both where the strategy writes neither", async () => {
    const claims = { auth_time: 5, stamp: "mine" };
    const { token } = await issue(ENDLESS, { claims: () => claims });
    expect(JSON.parse(token)).toMatchObject(claims);
  });
});
