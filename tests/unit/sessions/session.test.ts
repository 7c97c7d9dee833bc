import { afterEach, describe, expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { InvalidTokenError, SessionExpiredError } from "../../../lib/errors/auth-errors.ts";
import {
  beginSession,
  getExpiry,
  resumeSession,
  type Session,
  type SessionConfig,
} from "../../../lib/sessions/session.ts";
import { AUDIENCE } from "../../support/forge.ts";

const NOW = 1_700_000_000;
const MAX = 86_400;
const rules = { clockToleranceSeconds: 0, tokenAudience: AUDIENCE };
const capped = { ...rules, maxSessionSeconds: MAX };
const endless = { ...rules, maxSessionSeconds: undefined };

const setClock = (seconds: number): unknown =>
  jest.spyOn(Date, "now").mockReturnValue(Math.round(seconds * 1000));

const resume = (
  authTime: unknown,
  rules: SessionConfig = capped,
): ReturnType<typeof resumeSession> =>
  resumeSession(rules, { sub: "42", aud: AUDIENCE, auth_time: authTime });

afterEach(() => void jest.restoreAllMocks());

describe("a session that begins", () => {
  test.each([
    [NOW, NOW],
    [NOW + 0.001, NOW],
    [NOW + 0.999, NOW],
  ])("at %d has begun in the whole second %d, and ends the maximum later", (now, authTime) => {
    setClock(now);
    expect(beginSession(capped)).toEqual({ authTime, endsAt: authTime + MAX });
  });

  test("has neither a beginning nor an end without a maximum", () => {
    expect(beginSession(endless)).toEqual({ authTime: undefined, endsAt: Infinity });
  });
});

describe("a session that is resumed", () => {
  test("has the claims of the token that is renewed", () => {
    setClock(NOW);
    for (const config of [capped, endless]) {
      const claims = { sub: "42", aud: AUDIENCE, auth_time: NOW };
      expect((resumeSession(config, claims) as Session).renewed).toBe(claims);
    }
  });

  const resumeFor = (
    tokenAudience: string | readonly string[],
    aud: string | readonly string[],
  ): ReturnType<typeof resumeSession> =>
    resumeSession({ ...endless, tokenAudience }, { sub: "42", aud });

  test.each<[string | readonly string[], string | readonly string[]]>([
    ["shop", "shop"],
    ["shop", ["admin", "shop"]],
    [
      ["shop", "admin"],
      ["admin", "shop", "reports"],
    ],
  ])("is for %j where the token is for %j", (tokenAudience, aud) => {
    expect(resumeFor(tokenAudience, aud)).toMatchObject({ authTime: undefined, endsAt: Infinity });
  });

  test.each<[string | readonly string[], string | readonly string[]]>([
    [["shop", "admin"], "shop"],
    [
      ["shop", "admin"],
      ["admin", "reports"],
    ],
  ])(
    "is refused where new tokens are for %j and the token is for %j: it would become good for more",
    (tokenAudience, aud) => {
      expect(resumeFor(tokenAudience, aud)).toMatchObject({ reason: "audience_mismatch" });
    },
  );

  test.each([0, 1, MAX - 1, MAX - 0.001])(
    "%d s after the login still ends when it did then",
    (age) => {
      setClock(NOW + age);
      expect(resume(NOW)).toMatchObject({ authTime: NOW, endsAt: NOW + MAX });
    },
  );

  test.each([MAX, MAX + 0.001, MAX + 1, 10 * MAX])("%d s after the login is over", (age) => {
    setClock(NOW + age);
    expect(resume(NOW)).toBeInstanceOf(SessionExpiredError);
  });

  test("ends no later for the tolerance of clocks", () => {
    setClock(NOW + MAX);
    expect(resume(NOW, { ...capped, clockToleranceSeconds: 300 })).toBeInstanceOf(
      SessionExpiredError,
    );
  });

  test.each<[string, unknown]>([
    ["a text", String(NOW)],
    ["true", true],
    ["null", null],
    ["a list", [NOW]],
    ["an object", { valueOf: NOW }],
    ["a fraction", NOW - 0.5],
    ["beyond whole numbers", -(2 ** 53)],
    ["in milliseconds", NOW * 1000],
    ["undefined", undefined],
  ])("is over where auth_time is %s", (_what, authTime) => {
    setClock(NOW);
    expect(resume(authTime)).toBeInstanceOf(SessionExpiredError);
  });

  test("is over where the token does not say when it began, whatever Object.prototype says", () => {
    setClock(NOW);
    const claims = { sub: "42", aud: AUDIENCE };
    expect(resumeSession(capped, claims)).toBeInstanceOf(SessionExpiredError);
    Object.defineProperty(Object.prototype, "auth_time", { value: NOW, configurable: true });
    try {
      expect(resumeSession(capped, claims)).toBeInstanceOf(SessionExpiredError);
    } finally {
      delete (Object.prototype as { auth_time?: number }).auth_time;
    }
  });

  test.each([
    [0, 0, true],
    [0, 0.001, false],
    [0, 1, false],
    [60, 60, true],
    [60, 61, false],
  ])("with a tolerance of %d s may begin %d s from now: %p", (tolerance, ahead, resumed) => {
    setClock(NOW - ahead);
    const outcome = resume(NOW, { ...capped, clockToleranceSeconds: tolerance });
    if (resumed) expect(outcome).toMatchObject({ authTime: NOW, endsAt: NOW + MAX });
    else expect(outcome).toBeInstanceOf(SessionExpiredError);
  });

  test("asks for no auth_time without a maximum, and carries none on", () => {
    for (const authTime of ["garbage", NOW]) {
      const session = { authTime: undefined, endsAt: Infinity };
      expect(resume(authTime, endless)).toMatchObject(session);
    }
  });

  test("is refused as a token that is invalid for its age", () => {
    setClock(NOW + MAX);
    const error = resume(NOW) as InvalidTokenError;
    expect([error.status, error.code, error.reason, error.message]).toEqual([
      401,
      "invalid_token",
      "session_expired",
      "The session expired",
    ]);
  });
});

describe("a token of a session", () => {
  test.each([
    [NOW, Infinity, NOW + 60],
    [NOW + 0.999, Infinity, NOW + 60],
    [NOW, NOW + 60, NOW + 60],
    [NOW, NOW + 59, NOW + 59],
  ])("signed at %d in a session that ends at %d expires at %d", (now, endsAt, exp) => {
    expect(getExpiry({ authTime: undefined, endsAt }, 60, now)).toBe(exp);
  });

  test("never expires after the session's end, however often and whenever the session is resumed", () => {
    const seconds = fc.integer({ min: 1, max: MAX });
    const waits = fc.array(fc.double({ min: 0, max: 2 * MAX, noNaN: true }), { maxLength: 50 });
    fc.assert(
      fc.property(seconds, seconds, waits, (lifetime, more, pauses) => {
        const maxSessionSeconds = lifetime + more;
        let now = NOW;
        setClock(now);
        const cappedAlike = { ...rules, maxSessionSeconds };
        let session: ReturnType<typeof resume> = beginSession(cappedAlike);
        for (const pause of pauses) {
          if (session instanceof InvalidTokenError) break;
          expect(session.authTime).toBe(NOW);
          const exp = getExpiry(session, lifetime, now);
          expect(exp).toBeLessThanOrEqual(NOW + maxSessionSeconds);
          now += Math.round(pause * 1000) / 1000;
          setClock(now);
          session = resume(session.authTime, cappedAlike);
          expect(session instanceof SessionExpiredError).toBe(now >= NOW + lifetime + more);
        }
      }),
    );
  });
});
