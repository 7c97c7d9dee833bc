import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { Session } from "../../../lib/sessions/session.ts";
import { createIssueToken, toSubject } from "../../../lib/sessions/issue-token.ts";
import { createUserClaims } from "../../../lib/sessions/user-claims.ts";
import type { IssuedClaims } from "../../../lib/token/codec.ts";
import { construct } from "../../support/expect-construction-error.ts";
import { AUDIENCE } from "../../support/forge.ts";
import { hmacSecret } from "../../support/keys.ts";
import { codecConfig } from "../../support/codec-config.ts";

const CONFIG = {
  ...codecConfig,
  tokenAudience: [AUDIENCE],
  lifetimeSeconds: 3600,
  maxTokenLength: 8192,
};
const ENDLESS: Session = { authTime: undefined, endsAt: Infinity };

/** Returns the claims as JSON instead of a signed token. */
const deps = {
  sign: (claims: object) => JSON.stringify(claims),
  createUserClaims: createUserClaims(undefined),
};

async function issueClaims(id: unknown, config: object = {}): Promise<IssuedClaims> {
  const issueToken = createIssueToken({ ...CONFIG, ...config }, deps);
  return JSON.parse((await issueToken({}, toSubject(id), ENDLESS)).token) as IssuedClaims;
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe("sub", () => {
  test.each<[unknown, string]>([
    ["42", "42"],
    ["3b241101-e2bb-4255-8caf-4136c566a962", "3b241101-e2bb-4255-8caf-4136c566a962"],
    [" ", " "],
    ["0", "0"],
    ["__proto__", "__proto__"],
    ["ünï😀", "ünï😀"],
    [42, "42"],
    [0, "0"],
    [-1, "-1"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [42n, "42"],
    [2n ** 64n, "18446744073709551616"],
  ])("is the user's id as a string: %p", async (id, sub) => {
    expect((await issueClaims(id)).sub).toBe(sub);
  });

  const INVALID_IDS: readonly (readonly [string, unknown])[] = [
    ["undefined", undefined],
    ["null", null],
    ["an empty string", ""],
    ["a lone high surrogate", "\ud800"],
    ["a lone low surrogate", "a\udc00b"],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["a fraction", 1.5],
    ["an unsafe integer", 2 ** 53],
    ["true", true],
    ["false", false],
    ["a symbol", Symbol("42")],
    ["an empty object", {}],
    ["an object with an id", { id: "42" }],
    ["a list", ["42"]],
    ["a String object", Object("42")],
    ["a Date", new Date(0)],
    ["a function", () => "42"],
    ["a promise", Promise.resolve("42")],
  ];

  test.each(INVALID_IDS)("is not created from an invalid id: %s", async (_id, id) => {
    await expect(issueClaims(id)).rejects.toThrow(
      new TypeError(
        "The user's id must be a non-empty well-formed string, a safe integer or a bigint: if it is not " +
          "in user.id, or is an object, set the userId option, such as (user) => user._id.toString()",
      ),
    );
  });
});

describe("aud", () => {
  test.each(["a", ["a"], ["a", "b"]])(
    "has the form of the tokenAudience option: %j",
    async (tokenAudience) => {
      expect((await issueClaims("42", { tokenAudience })).aud).toEqual(tokenAudience);
    },
  );
});

describe("exp", () => {
  test.each([
    [1_700_000_000_000, 60, 1_700_000_060],
    [1_700_000_000_001, 60, 1_700_000_060],
    [1_700_000_000_999, 60, 1_700_000_060],
    [1_700_000_001_000, 60, 1_700_000_061],
    [1_700_000_000_000, 3_153_600_000, 4_853_600_000],
    [0, 1, 1],
  ])("at %d ms with a lifetime of %d s is %d, rounded down", async (now, lifetimeSeconds, exp) => {
    jest.spyOn(Date, "now").mockReturnValue(now);
    expect((await issueClaims("42", { lifetimeSeconds })).exp).toBe(exp);
  });

  test("is omitted without a lifetime", async () => {
    expect(await issueClaims("42", { lifetimeSeconds: null })).toEqual({
      sub: "42",
      aud: [AUDIENCE],
    });
  });
});

describe("the claims", () => {
  test("are exactly sub, aud and exp, in this order", async () => {
    expect(Object.keys(await issueClaims("42"))).toEqual(["sub", "aud", "exp"]);
  });

  test("contain no other property of the user", async () => {
    const strategy = construct({ secret: hmacSecret, lifetimeSeconds: 60 });
    const user = { id: "42", sub: "1", aud: "x", exp: 1, iat: 1, isSuperuser: true };
    const claims = await strategy.readToken(await strategy.writeToken(user));
    expect(Object.keys(claims ?? {})).toEqual(["sub", "aud", "exp"]);
    expect(claims).toMatchObject({ sub: "42", aud: [AUDIENCE] });
  });
});

describe("an issued token", () => {
  test("has the id that is passed as sub, not user.id", async () => {
    const issueToken = createIssueToken(CONFIG, deps);
    const { token, lifetimeSeconds } = await issueToken({ id: "1" }, toSubject(42), ENDLESS);
    expect(JSON.parse(token)).toMatchObject({ sub: "42" });
    expect(lifetimeSeconds).toBe(CONFIG.lifetimeSeconds);
  });
});

describe("the length of an issued token", () => {
  const lengthOf = async (id: string): Promise<number> =>
    JSON.stringify(await issueClaims(id)).length;

  test("is an Error, because readToken would refuse the token", async () => {
    const maxTokenLength = (await lengthOf("42")) - 1;
    await expect(issueClaims("42", { maxTokenLength })).rejects.toThrow(
      new Error("The token is longer than maxTokenLength, so reading would refuse it"),
    );
  });

  test("may be maxTokenLength", async () => {
    const maxTokenLength = await lengthOf("42");
    expect((await issueClaims("42", { maxTokenLength })).sub).toBe("42");
  });
});

describe("writeToken", () => {
  const options = { secret: hmacSecret, lifetimeSeconds: 60 };

  test.each<[string, unknown]>([
    ["without an id", {}],
    ["with an object as id", { id: { $ne: null } }],
    ["that is undefined", undefined],
    ["that is null", null],
  ])("rejects with a TypeError for a user %s", async (_what, user) => {
    await expect(construct(options).writeToken(user as { id: string })).rejects.toThrow(TypeError);
  });

  test("uses the userId option instead of user.id", async () => {
    const strategy = construct({ ...options, userId: (user: { email: string }) => user.email });
    const user = { id: "42", email: "ada@example.org" };
    expect(await strategy.readToken(await strategy.writeToken(user))).toMatchObject({
      sub: "ada@example.org",
    });
  });

  test("rejects with the error that userId throws", async () => {
    const failure = new RangeError("no such column");
    const strategy = construct({
      ...options,
      userId() {
        throw failure;
      },
    });
    await expect(strategy.writeToken({ id: "42" })).rejects.toBe(failure);
  });
});
