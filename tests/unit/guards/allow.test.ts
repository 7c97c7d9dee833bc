import { describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type AuthenticateOptions } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import type { AllowOptions } from "../../../lib/guards/allow.ts";
import { expectRefusal } from "../../support/expect-refusal.ts";
import { forge, goodClaims } from "../../support/forge.ts";
import { hmacSecret, signingKey } from "../../support/keys.ts";

interface User {
  readonly id: string;
  readonly isActive: boolean;
}
type Allow = NonNullable<AllowOptions<User>["allow"]>;

const ann: User = { id: "42", isActive: true };
const auth = createJwtStrategy({
  secret: hmacSecret,
  lifetimeSeconds: 3600,
  findUser: (id) => (id === "42" ? ann : { id, isActive: false }),
});

describe("authenticate({ allow })", () => {
  function send(
    options: AuthenticateOptions<User>,
    claims: Record<string, unknown> = {},
  ): request.Test {
    const app = express();
    app.get("/rooms/:id", auth.authenticate(options), (req, res) =>
      res.send(auth.currentUser(req, { optional: true })?.id ?? "anonymous"),
    );
    const token = forge("HS256", signingKey("HS256"), goodClaims(claims));
    return request(app).get("/rooms/7").set("Authorization", `Bearer ${token}`);
  }

  test("is called with the user, the claims and the request", async () => {
    const allow = jest.fn<Allow>(() => true);
    expect((await send({ allow }, { role: "admin" })).text).toBe("42");
    expect(allow.mock.calls).toEqual([
      [ann, expect.objectContaining({ sub: "42", role: "admin" }), expect.anything()],
    ]);
    expect(allow.mock.calls[0]?.[2]).toMatchObject({ params: { id: "7" }, method: "GET" });
  });

  test.each<[string, (result: unknown) => Allow]>([
    ["returned", (result) => () => result as boolean],
    ["resolved", (result) => () => Promise.resolve(result as boolean)],
  ])("refuses any value other than true, %s", async (_how, createAllow) => {
    expect((await send({ allow: createAllow(true) })).status).toBe(200);
    for (const result of [false, undefined, null, 0, 1, "true", "false", {}, Object(true)]) {
      const refused = send({ allow: createAllow(result) });
      await expectRefusal(refused, 403, "insufficient_scope");
    }
  });

  test.each<[string, unknown]>([
    ["an Error", new Error("database down")],
    ["an Error with status 403", Object.assign(new Error("x"), { status: 403 })],
    ["undefined", undefined],
    ["true", true],
    ['"route"', "route"],
  ])(
    "answers 500 if allow throws or rejects with %s, even if optional is lenient",
    async (_what, thrown) => {
      const throwing: Allow = () => {
        throw thrown as Error;
      };
      const rejecting: Allow = async () => {
        await Promise.resolve();
        throw thrown;
      };
      for (const allow of [throwing, rejecting]) {
        expect((await send({ allow })).status).toBe(500);
        expect((await send({ allow, optional: "lenient" })).status).toBe(500);
      }
    },
  );

  test("is called only after the flags and scopes have accepted the user", async () => {
    const allow = jest.fn<Allow>(() => true);
    const guards = { allow, active: true, scopes: ["read"] };
    await expectRefusal(send(guards, { sub: "1", scope: "read" }), 401, "invalid_token");
    expect((await send(guards)).status).toBe(403);
    expect(allow).not.toHaveBeenCalled();
    expect((await send(guards, { scope: "read" })).text).toBe("42");
    expect(allow).toHaveBeenCalledTimes(1);
  });

  test("continues without the refused user if optional is lenient", async () => {
    expect((await send({ allow: () => false, optional: "lenient" })).text).toBe("anonymous");
  });

  test("is called with the claims if there is no findUser", async () => {
    const claimsAuth = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600 });
    const app = express();
    app.use(claimsAuth.authenticate({ allow: (claims) => claims.role === "admin" }));
    app.get("/", (_req, res) => res.send("in"));
    const get = (role: string): request.Test => {
      const token = forge("HS256", signingKey("HS256"), goodClaims({ role }));
      return request(app).get("/").set("Authorization", `Bearer ${token}`);
    };
    expect((await get("admin")).text).toBe("in");
    await expectRefusal(get("reader"), 403, "insufficient_scope");
  });
});

describe("the option allow", () => {
  test.each([null, true, "admin", {}, ["admin"]])("throws a TypeError for %p", (allow) => {
    expect(() => auth.authenticate({ allow } as unknown as AuthenticateOptions<User>)).toThrow(
      new TypeError("allow must be a function"),
    );
  });
});
