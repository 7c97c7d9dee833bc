import { createJwtStrategy, anyOf, type VerifiedClaims } from "express-jwt-strategy";
import { expect, test } from "@jest/globals";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { expectTypeOf } from "expect-type";
import * as v from "valibot";
import { z } from "zod";
import { hmacSecret } from "../support/keys.ts";
import { createRequest } from "../support/request.ts";

// `tsc` checks this file.

const options = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const req = createRequest("GET", {});
interface Roles {
  sub: string;
  role: "admin" | "guest";
}

test("claimsSchema types the claims, and the user without findUser", () => {
  const zod = createJwtStrategy({
    ...options,
    claimsSchema: z.object({ sub: z.string(), role: z.enum(["admin", "guest"]) }),
  });
  const valibot = createJwtStrategy({
    ...options,
    claimsSchema: v.object({ sub: v.string(), role: v.picklist(["admin", "guest"]) }),
  });
  const schema: StandardSchemaV1<unknown, Roles> = z.object({
    sub: z.string(),
    role: z.enum(["admin", "guest"]),
  });
  const any = createJwtStrategy({
    ...options,
    claimsSchema: schema,
    findUser: (id, claims) => ({ id, role: claims.role }),
  });
  const seen = (): unknown => {
    expectTypeOf(zod.currentClaims(req)).toEqualTypeOf<Roles>();
    expectTypeOf(zod.currentUser(req)).toEqualTypeOf<Roles>();
    expectTypeOf(valibot.currentClaims(req)).toEqualTypeOf<Roles>();
    expectTypeOf(any.currentClaims(req)).toEqualTypeOf<Roles>();
    expectTypeOf(any.currentUser(req)).toEqualTypeOf<{ id: string; role: "admin" | "guest" }>();
    expectTypeOf(anyOf(zod, any).currentClaims(req)).toEqualTypeOf<Roles>();
    expectTypeOf(zod.currentToken(req)).toEqualTypeOf<string>();
    return undefined;
  };
  expect(seen).toBeInstanceOf(Function);
});

test("the claims are VerifiedClaims without claimsSchema", () => {
  const auth = createJwtStrategy(options);
  const seen = (): unknown => expectTypeOf(auth.currentClaims(req)).toEqualTypeOf<VerifiedClaims>();
  expect(seen).toBeInstanceOf(Function);
  // @ts-expect-error A function is not a schema
  expect(() => createJwtStrategy({ ...options, claimsSchema: () => true })).toThrow(TypeError);
});
