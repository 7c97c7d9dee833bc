import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
  anyOf,
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type Transport,
} from "express-jwt-strategy";
import express, { type RequestHandler } from "express";
import request, { type Response } from "supertest";
import { expectRefusal } from "../support/expect-refusal.ts";
import { AUDIENCE, forge, nowInSeconds } from "../support/forge.ts";

interface User {
  readonly id: string;
  readonly from: string;
}

/** A strategy with a name, and its signing key. */
interface Site {
  readonly key: KeyObject;
  readonly auth: JwtStrategy<User>;
}

const claims = jest.fn<(user: User) => { from: string }>(({ from }) => ({ from }));
beforeEach(() => void claims.mockClear());

function createSite(name: string, options: { key?: KeyObject; transport?: Transport } = {}): Site {
  const { key = createSecretKey(randomBytes(32)) } = options;
  const { transport = cookieTransport({ cookieName: name }) } = options;
  const auth = createJwtStrategy<User>({
    secret: key,
    lifetimeSeconds: 3600,
    renewAfterFraction: 0.5,
    transport,
    findUser: (id) => ({ id, from: name }),
    claims,
  });
  return { key, auth };
}

const a = createSite("a");
const b = createSite("b");
const apiKey = createSecretKey(randomBytes(32));
const api = createJwtStrategy<User>({
  secret: apiKey,
  lifetimeSeconds: 3600,
  findUser: (id) => ({ id, from: "api" }),
});

/** A token that is due for renewal. */
const dueFor = (key: KeyObject, sub = "42"): string =>
  forge("HS256", key, { sub, aud: [AUDIENCE], exp: nowInSeconds() + 60 });

describe("renewAfterFraction", () => {
  async function send(
    handlers: RequestHandler | readonly RequestHandler[],
    headers: Record<string, string>,
  ): Promise<Response> {
    const app = express().use(...[handlers].flat());
    app.use((_req, res) => res.send("in"));
    return request(app).get("/").set(headers);
  }

  /** Expects that exactly these cookies are renewed for user 42, each by the strategy of its name. */
  async function expectRenewed(response: Response, ...sites: readonly Site[]): Promise<void> {
    expect([response.status, response.text]).toEqual([200, "in"]);
    const cookies = response.get("Set-Cookie") ?? [];
    expect(cookies).toHaveLength(sites.length);
    for (const [index, { auth }] of sites.entries()) {
      const [, name, token] = /^(\w)=([^;]*);/.exec(cookies[index] ?? "") ?? [];
      expect(await auth.readToken(token)).toEqual({ id: "42", from: name });
    }
    expect(claims).toHaveBeenCalledTimes(sites.length);
  }

  describe("with anyOf()", () => {
    const guard = anyOf(api, a.auth, b.auth).authenticate();

    test.each([
      ["the only cookie that is sent", b, { Cookie: `b=${dueFor(b.key)}` }],
      [
        "the cookie of the first strategy that finds a user",
        a,
        { Cookie: `b=${dueFor(b.key, "7")}; a=${dueFor(a.key)}` },
      ],
      [
        "the valid cookie, but not an invalid one of an earlier strategy",
        b,
        { Cookie: `a=${dueFor(b.key, "7")}; b=${dueFor(b.key)}` },
      ],
      [
        "the valid cookie, but not an invalid bearer token of an earlier strategy",
        a,
        { Cookie: `a=${dueFor(a.key)}`, Authorization: `Bearer ${dueFor(a.key, "7")}` },
      ],
    ])("renews %s", async (_which, site, headers) => {
      await expectRenewed(await send(guard, headers), site);
    });

    test("does not renew the cookie of a request that a bearer token authenticates", async () => {
      const headers = {
        Authorization: `Bearer ${dueFor(apiKey)}`,
        Cookie: `a=${dueFor(a.key)}`,
      };
      await expectRenewed(await send(guard, headers));
    });

    test("renews once for several middlewares and authorize()", async () => {
      const first = anyOf(a.auth, api);
      const second = anyOf(b.auth, a.auth);
      const handlers = [
        first.authenticate(),
        second.authenticate(),
        a.auth.authenticate(),
        second.authorize({ allow: () => true }),
      ];
      await expectRenewed(await send(handlers, { Cookie: `a=${dueFor(a.key)}` }), a);
    });

    test("does not renew the token of a user whom a guard refuses", async () => {
      const response = await send(
        anyOf(a.auth, b.auth).authenticate({ allow: ({ from }) => from === "b" }),
        { Cookie: `a=${dueFor(a.key)}; b=${dueFor(b.key)}` },
      );
      expect(response.get("Set-Cookie")).toBeUndefined();
      const refusal = Promise.resolve(response);
      await expectRefusal(refusal, 403, "insufficient_scope");
      expect(claims).not.toHaveBeenCalled();
    });
  });

  test("renews the cookies of all strategies of a chain", async () => {
    const response = await send([a.auth.authenticate(), b.auth.authenticate()], {
      Cookie: `b=${dueFor(b.key)}; a=${dueFor(a.key)}`,
    });
    await expectRenewed(response, a, b);
  });

  test("does not replace the token of one strategy by that of another", async () => {
    for (const [site, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const name = site === a ? "a" : "b";
      const response = await send(site.auth.authenticate(), {
        Cookie: `${name}=${dueFor(other.key)}`,
      });
      expect(response.get("Set-Cookie")).toBeUndefined();
      await expectRefusal(Promise.resolve(response), 401, "invalid_token");
    }
    expect(claims).not.toHaveBeenCalled();
  });

  describe("with dynamicStrategy()", () => {
    const auth = dynamicStrategy((req) =>
      Promise.resolve(req.headers["x-tenant"] === "a" ? a.auth : anyOf(api, b.auth)),
    );

    test.each([
      ["a", a],
      ["b", b],
    ])("renews with the strategy of the request: %s", async (name, site) => {
      const headers = { "X-Tenant": name, Cookie: `${name}=${dueFor(site.key)}` };
      await expectRenewed(await send(auth.authenticate(), headers), site);
    });

    test("does not renew a token of another tenant", async () => {
      const response = await send(auth.authenticate(), {
        "X-Tenant": "a",
        Cookie: `a=${dueFor(b.key)}; b=${dueFor(b.key)}`,
      });
      expect(response.get("Set-Cookie")).toBeUndefined();
      await expectRefusal(Promise.resolve(response), 401, "invalid_token");
    });
  });

  describe("with a custom transport that has renewalHeaders", () => {
    test("sets the headers, which get the lifetime of the token", async () => {
      const transport = {
        ...bearerTransport(),
        lifetimes: [] as unknown[],
        renewalHeaders(token: string, lifetimeSeconds: number | null): Record<string, string> {
          this.lifetimes.push(lifetimeSeconds);
          return { "X-Token": token, Vary: "Authorization" };
        },
      };
      const { key, auth } = createSite("c", { transport });
      // The strategy has copied the methods of the transport.
      transport.renewalHeaders = () => ({ "X-Token": "exchanged" });
      const response = await send(auth.authenticate(), { Authorization: `Bearer ${dueFor(key)}` });

      expect([response.status, response.text]).toEqual([200, "in"]);
      expect(await auth.readToken(response.headers["x-token"])).toMatchObject({
        id: "42",
      });
      expect(response.headers).toMatchObject({
        vary: "Authorization",
        "cache-control": "no-store",
      });
      expect(response.get("Set-Cookie")).toBeUndefined();
      expect(transport.lifetimes).toEqual([3600]);
    });
  });
});
