import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { cookieTransport, createJwtStrategy, type JwtStrategy } from "express-jwt-strategy";
import express, { type Express } from "express";
import request, { type Response, type Test } from "supertest";
import { expectRefusal, refusalIn } from "../support/expect-refusal.ts";
import { base64url, forge, goodClaims, nowInSeconds } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { sendLines, serve } from "../support/server.ts";
import { transports } from "../support/transports.ts";

interface User {
  readonly isActive?: unknown;
  readonly isVerified?: unknown;
}

const KEY = signingKey("HS256");
const CHANNEL = "express-jwt-strategy:authenticate";
const signed = (changes: Record<string, unknown> = {}): string =>
  forge("HS256", KEY, goodClaims(changes));
const GOOD = signed();

/** The claims of another user with the signature of a valid token. */
function withOtherClaims(): string {
  const [header, , signature] = GOOD.split(".");
  return [header, base64url(JSON.stringify(goodClaims({ sub: "1" }))), signature].join(".");
}

const events: unknown[] = [];
const record = (event: unknown): void => void events.push(event);
beforeEach(() => {
  events.length = 0;
  subscribe(CHANNEL, record);
});
afterEach(() => void unsubscribe(CHANNEL, record));

const found = jest.fn((id: string): User | null => (id === "unknown" ? null : {}));
const claims = jest.fn(() => ({}));

describe("refresh", () => {
  describe.each(transports)("with %s", (_name, transport, credentials) => {
    function createAuth(user: (id: string) => User | null, requiresVerification = false): Express {
      const auth: JwtStrategy<User> = createJwtStrategy<User, User>({
        secret: hmacSecret,
        lifetimeSeconds: 3600,
        transport,
        requiresVerification,
        findUser: user,
        claims,
      });
      const app = express().post("/refresh", auth.refresh);
      return app.get("/me", auth.authenticate(), (_req, res) => res.send("in"));
    }

    const send = (app: Express, token: string): Test =>
      request(app).post("/refresh").set(credentials(token));

    /** Expects a refusal without a token. Claims are not computed. */
    async function expectRefused(
      response: PromiseLike<Response>,
      ...refusal: [400 | 401 | 403, ("invalid_token" | "insufficient_scope")?, string?]
    ): Promise<void> {
      const received = await response;
      await expectRefusal(Promise.resolve(received), ...refusal);
      expect(received.get("Set-Cookie")).toBeUndefined();
      expect(claims).not.toHaveBeenCalled();
    }

    beforeEach(() => {
      found.mockClear();
      claims.mockClear();
    });

    test.each([
      ["malformed", "garbage", "malformed"],
      ["expired", signed({ exp: nowInSeconds() - 1 }), "token_expired"],
      ["not yet valid", signed({ nbf: nowInSeconds() + 999 }), "token_not_yet_valid"],
      ["for another audience", signed({ aud: ["another"] }), "audience_mismatch"],
      ["without exp", signed({ exp: undefined }), "expiry_missing"],
      ["forged", withOtherClaims(), "signature_invalid"],
      ["unsigned", forge("HS256", KEY, goodClaims(), { alg: "none" }), "algorithm_mismatch"],
      ["without sub", signed({ sub: undefined }), "claims_invalid"],
      ["too long", signed({ filler: "x".repeat(8192) }), "token_too_long"],
    ])("refuses a token that is %s, like authenticate()", async (what, token, reason) => {
      const app = createAuth(found);
      const description = what === "expired" ? "The access token expired" : undefined;
      await expectRefused(send(app, token), 401, "invalid_token", description);
      const authenticated = await request(app).get("/me").set(credentials(token));
      expect(refusalIn(await send(app, token))).toEqual(refusalIn(authenticated));
      expect(events).toEqual(Array(3).fill({ outcome: "refused", reason }));
      expect(found).not.toHaveBeenCalled();
    });

    test("refuses a request without credentials", async () => {
      await expectRefused(request(createAuth(found)).post("/refresh"), 401);
      expect(events).toEqual([{ outcome: "refused", reason: "credentials_missing" }]);
    });

    test("refuses a token of a deleted user", async () => {
      const token = signed({ sub: "unknown" });
      await expectRefused(send(createAuth(found), token), 401, "invalid_token");
      expect(events).toEqual([{ outcome: "refused", reason: "user_not_found", userId: "unknown" }]);
    });

    test("refuses an inactive user", async () => {
      const app = createAuth(() => ({ isActive: false, isVerified: true }), true);
      await expectRefused(send(app, GOOD), 401, "invalid_token");
      expect(events).toEqual([{ outcome: "refused", reason: "user_inactive", userId: "42" }]);
    });

    test.each([undefined, null, false, 0, "true"])(
      "refuses a user whose isVerified is %p if verification is required",
      async (isVerified) => {
        const app = createAuth(() => ({ isVerified }), true);
        await expectRefused(send(app, GOOD), 403, "insufficient_scope");
        expect(events).toEqual([{ outcome: "refused", reason: "user_not_verified", userId: "42" }]);
        expect(
          (
            await send(
              createAuth(() => ({ isVerified })),
              GOOD,
            )
          ).ok,
        ).toBe(true);
      },
    );

    test("renews the token of an active and verified user, and publishes an event", async () => {
      const app = createAuth(() => ({ isActive: true, isVerified: true }), true);
      expect((await send(app, GOOD)).ok).toBe(true);
      expect(events).toEqual([{ outcome: "accepted", userId: "42" }]);
    });
  });

  test("refuses an Authorization header that is malformed or repeated", async () => {
    const auth = createJwtStrategy<User>({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      findUser: found,
    });
    const app = express().use(auth.refresh);
    const malformed = request(app).post("/").set("Authorization", `Bearer ${GOOD} junk`);
    await expectRefusal(malformed, 400, "invalid_request");

    const server = await serve(app);
    const line = `Authorization: Bearer ${GOOD}`;
    const lines = ["POST / HTTP/1.1", "Host: x", "Content-Length: 0", line, line];
    const { status, headers, body } = await sendLines(server.port, lines);
    await server.close();
    expect([status, headers.get("www-authenticate"), headers.get("cache-control")]).toEqual([
      400,
      [
        'Bearer realm="api", error="invalid_request", error_description="The Authorization header is malformed"',
      ],
      ["no-store"],
    ]);
    expect(JSON.parse(body)).toEqual({
      detail: "Bad Request",
      error: "invalid_request",
      error_description: "The Authorization header is malformed",
    });
  });

  describe("with cookieTransport(), for a request from another site", () => {
    const auth = createJwtStrategy<User>({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      transport: cookieTransport(),
      findUser: found,
    });
    const app = express().use(auth.refresh);

    test.each(["get", "head", "post", "delete"] as const)(
      "answers %s with 403 without reading the cookie",
      async (method) => {
        found.mockClear();
        const site = { "Sec-Fetch-Site": "cross-site", Cookie: `fastapiusersauth=${GOOD}` };
        const response = await request(app)[method]("/").set(site);
        expect(refusalIn(response)).toEqual({
          status: 403,
          challenge: undefined,
          caching: "no-store",
          type: "application/json",
          body:
            method === "head"
              ? undefined
              : '{"detail":"Forbidden","error":"cross_site_request","error_description":"Requests from another site are refused"}',
        });
        expect(response.get("Set-Cookie")).toBeUndefined();
        expect(found).not.toHaveBeenCalled();
        expect(events).toEqual([{ outcome: "refused", reason: "cross_site" }]);
      },
    );

    test.each(["same-origin", "none"])(
      "accepts a request from the same site (%s)",
      async (site) => {
        const sent = request(app).post("/").set("Cookie", `fastapiusersauth=${GOOD}`);
        await sent.set("Sec-Fetch-Site", site).expect(204);
      },
    );

    test("refuses a request with two cookies of its name", async () => {
      const sent = request(app).post("/");
      const cookie = `fastapiusersauth=${GOOD}; fastapiusersauth=${GOOD}`;
      await expectRefusal(
        sent.set("Cookie", cookie),
        400,
        "invalid_request",
        "The cookie is sent more than once",
      );
    });
  });
});
