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

describe("beginSession", () => {
  test.each([
    ["at the start of a second", NOW, NOW],
    ["1 ms after the start of a second", NOW + 0.001, NOW],
    ["999 ms after the start of a second", NOW + 0.999, NOW],
  ])("%s returns this second, and an end after maxSessionSeconds", (_title, now, authTime) => {
    setClock(now);
    expect(beginSession(capped)).toEqual({ authTime, endsAt: authTime + MAX });
  });

  test("returns no login time and no end without maxSessionSeconds", () => {
    expect(beginSession(endless)).toEqual({ authTime: undefined, endsAt: Infinity });
  });
});

describe("resumeSession", () => {
  test("returns the claims of the old token", () => {
    setClock(NOW);
    for (const config of [capped, endless]) {
      const claims = { sub: "42", aud: AUDIENCE, auth_time: NOW };
      expect((resumeSession(config, claims) as Session).renewed).toBe(claims);
    }
  });

  const resumeForAudience = (
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
  ])("accepts tokenAudience %j for a token with aud %j", (tokenAudience, aud) => {
    expect(resumeForAudience(tokenAudience, aud)).toMatchObject({
      authTime: undefined,
      endsAt: Infinity,
    });
  });

  test.each<[string | readonly string[], string | readonly string[]]>([
    [["shop", "admin"], "shop"],
    [
      ["shop", "admin"],
      ["admin", "reports"],
    ],
  ])(
    "refuses tokenAudience %j for a token with aud %j, because a renewal must not widen the audience",
    (tokenAudience, aud) => {
      expect(resumeForAudience(tokenAudience, aud)).toMatchObject({ reason: "audience_mismatch" });
    },
  );

  test.each([0, 1, MAX - 1, MAX - 0.001])("returns the same end %d s after the login", (age) => {
    setClock(NOW + age);
    expect(resume(NOW)).toMatchObject({ authTime: NOW, endsAt: NOW + MAX });
  });

  test.each([MAX, MAX + 0.001, MAX + 1, 10 * MAX])(
    "returns a SessionExpiredError %d s after the login",
    (age) => {
      setClock(NOW + age);
      expect(resume(NOW)).toBeInstanceOf(SessionExpiredError);
    },
  );

  test("does not add clockToleranceSeconds to the end", () => {
    setClock(NOW + MAX);
    expect(resume(NOW, { ...capped, clockToleranceSeconds: 300 })).toBeInstanceOf(
      SessionExpiredError,
    );
  });

  test.each<[string, unknown]>([
    ["a string", String(NOW)],
    ["true", true],
    ["null", null],
    ["a list", [NOW]],
    ["an object", { valueOf: NOW }],
    ["a fraction", NOW - 0.5],
    ["beyond the safe integers", -(2 ** 53)],
    ["in milliseconds", NOW * 1000],
    ["undefined", undefined],
  ])("returns a SessionExpiredError if auth_time is %s", (_what, authTime) => {
    setClock(NOW);
    expect(resume(authTime)).toBeInstanceOf(SessionExpiredError);
  });

  test("returns a SessionExpiredError without an own auth_time, even with a polluted Object.prototype", () => {
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
  ])(
    "with a clock tolerance of %d s, accepts an auth_time %d s in the future: %p",
    (tolerance, ahead, resumed) => {
      setClock(NOW - ahead);
      const outcome = resume(NOW, { ...capped, clockToleranceSeconds: tolerance });
      if (resumed) expect(outcome).toMatchObject({ authTime: NOW, endsAt: NOW + MAX });
      else expect(outcome).toBeInstanceOf(SessionExpiredError);
    },
  );

  test("ignores auth_time without maxSessionSeconds, and returns none", () => {
    for (const authTime of ["garbage", NOW]) {
      const session = { authTime: undefined, endsAt: Infinity };
      expect(resume(authTime, endless)).toMatchObject(session);
    }
  });

  test("returns an error with the code invalid_token", () => {
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

describe("getExpiry", () => {
  test.each([
    ["the lifetime without an end of the session", NOW, Infinity, NOW + 60],
    ["the lifetime, rounded down", NOW + 0.999, Infinity, NOW + 60],
    ["the lifetime if the session ends then", NOW, NOW + 60, NOW + 60],
    ["the end of the session if that is earlier", NOW, NOW + 59, NOW + 59],
  ])("returns %s", (_title, now, endsAt, exp) => {
    expect(getExpiry({ authTime: undefined, endsAt }, 60, now)).toBe(exp);
  });

  test("never returns a time after the end of the session, for any number and times of renewals", () => {
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
