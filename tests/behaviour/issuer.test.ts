import { describe, expect, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { createJwtStrategy } from "express-jwt-strategy";
import { expectConstructionError } from "../support/expect-construction-error.ts";
import { forge, goodClaims } from "../support/forge.ts";
import { createGuardedApp, decodeSegment } from "../support/guarded-app.ts";
import { hmacSecret, rsaPair, signingKey } from "../support/keys.ts";

const OURS = "https://issuer.example/";
const OTHER = "https://other.example/";
const hmac = { secret: hmacSecret, lifetimeSeconds: 3600 } as const;
const rsa = { algorithm: "RS256", publicKey: rsaPair.publicKey, lifetimeSeconds: 3600 } as const;

function forgeHmac(changes: Record<string, unknown>): string {
  return forge("HS256", signingKey("HS256"), goodClaims(changes));
}

describe("issuer", () => {
  const auth = createJwtStrategy({ ...hmac, issuer: OURS });
  const app = createGuardedApp(auth);

  test("is written to iss, after the claims of fastapi-users", async () => {
    const token = await auth.writeToken({ id: "42" });
    const claims = decodeSegment(token, 1);
    expect(Object.keys(claims)).toEqual(["sub", "aud", "exp", "iss"]);
    expect(claims.iss).toBe(OURS);
    await app.accepts(token);
  });

  test("is not written and not required by default", async () => {
    const without = createJwtStrategy(hmac);
    expect(decodeSegment(await without.writeToken({ id: "42" }), 1)).not.toHaveProperty("iss");
    await createGuardedApp(without).accepts(forgeHmac({ iss: OTHER }));
    await createGuardedApp(without).accepts(forgeHmac({}));
  });

  test("accepts a token of the issuer", () => app.accepts(forgeHmac({ iss: OURS })));

  test.each([
    ["no iss", undefined],
    ["another issuer", OTHER],
    ["an empty iss", ""],
    ["the issuer without its slash", OURS.slice(0, -1)],
    ["the issuer with more after it", `${OURS}x`],
    ["the issuer in another case", OURS.toUpperCase()],
    ["a space before the issuer", ` ${OURS}`],
    ["several issuers in one string", `${OTHER} ${OURS}`],
  ])("refuses a token with %s", (_case, iss) => app.refuses(forgeHmac({ iss }), "issuer_mismatch"));

  test.each([
    ["a list with the issuer (CVE-2025-30144)", [OURS]],
    ["a list with the issuer among others", [OTHER, OURS]],
    ["an empty list", []],
    ["an object", { [OURS]: true }],
    ["null", null],
    ["a number", 1],
    ["true", true],
  ])("refuses iss of a wrong type: %s", async (_case, iss) => {
    await app.refuses(forgeHmac({ iss }), "claims_invalid");
    await createGuardedApp(createJwtStrategy(hmac)).refuses(forgeHmac({ iss }), "claims_invalid");
  });

  test("ignores an inherited iss", async () => {
    Object.defineProperty(Object.prototype, "iss", { value: OURS, configurable: true });
    try {
      expect(await auth.readToken(forgeHmac({}))).toBeNull();
    } finally {
      delete (Object.prototype as { iss?: unknown }).iss;
    }
  });

  test("reports the issuer before audience and expiry", async () => {
    await app.refuses(forgeHmac({ iss: OTHER, aud: "other", exp: 1 }), "issuer_mismatch");
    await app.refuses(forgeHmac({ iss: OURS, aud: "other", exp: 1 }), "audience_mismatch");
    await app.refuses(forgeHmac({ iss: OURS, exp: 1 }), "token_expired");
  });

  test("cannot be replaced by the claims option", async () => {
    const replacing = createJwtStrategy({ ...hmac, issuer: OURS, claims: () => ({ iss: OTHER }) });
    await expect(replacing.writeToken({ id: "42" })).rejects.toThrow(
      "claims must not return iss: the strategy's own options write it",
    );
  });
});

describe("a list of issuers", () => {
  const issuers = [OURS, OTHER];
  const app = createGuardedApp(createJwtStrategy({ ...rsa, issuer: issuers }));
  const forgeRsa = (iss: unknown): string =>
    forge("RS256", rsaPair.privateKey, goodClaims({ iss }));

  test("accepts tokens of each issuer in it", async () => {
    await app.accepts(forgeRsa(OURS));
    await app.accepts(forgeRsa(OTHER));
  });

  test("refuses tokens of other issuers, and a list as iss", async () => {
    await app.refuses(forgeRsa("https://third.example/"), "issuer_mismatch");
    await app.refuses(forgeRsa(undefined), "issuer_mismatch");
    await app.refuses(forgeRsa(issuers), "claims_invalid");
  });

  test("is copied, so that later changes have no effect", async () => {
    const given = [OURS];
    const fixed = createGuardedApp(createJwtStrategy({ ...rsa, issuer: given }));
    given.push(OTHER);
    await fixed.refuses(forgeRsa(OTHER), "issuer_mismatch");
  });

  test("may have only one issuer if tokens are written", async () => {
    const auth = createJwtStrategy({ ...hmac, issuer: [OURS] });
    expect(decodeSegment(await auth.writeToken({ id: "42" }), 1)).toMatchObject({ iss: OURS });
    expectConstructionError(
      { ...hmac, issuer: issuers },
      /^issuer must be a single string if secret is set/,
    );
  });
});

describe("tokenAudience: null", () => {
  test("writes no aud, and accepts any aud", async () => {
    const auth = createJwtStrategy({ ...hmac, tokenAudience: null });
    const app = createGuardedApp(auth);
    const token = await auth.writeToken({ id: "42" });
    expect(Object.keys(decodeSegment(token, 1))).toEqual(["sub", "exp"]);
    await app.accepts(token);
    await app.accepts(forgeHmac({ aud: undefined }));
    await app.accepts(forgeHmac({ aud: "any" }));
    await app.accepts(forgeHmac({ aud: [] }));
    await app.refuses(forgeHmac({ aud: 42 }), "claims_invalid");
    await app.refuses(forgeHmac({ aud: [42] }), "claims_invalid");
  });

  test("renews a token without aud, and writes none", async () => {
    const auth = createJwtStrategy({
      ...hmac,
      tokenAudience: null,
      findUser: (id) => ({ id }),
      verifyCredentials: () => null,
    });
    const app = express().post("/refresh", auth.refresh);
    const response = await request(app)
      .post("/refresh")
      .auth(forgeHmac({ aud: undefined }), { type: "bearer" })
      .expect(200);
    const { access_token: token } = response.body as { access_token: string };
    expect(Object.keys(decodeSegment(token, 1))).toEqual(["sub", "exp"]);
  });

  test("does not allow aud in the claims option", async () => {
    const auth = createJwtStrategy({ ...hmac, tokenAudience: null, claims: () => ({ aud: "x" }) });
    await expect(auth.writeToken({ id: "42" })).rejects.toThrow("claims must not return aud");
  });

  test("requires issuer with a public key", async () => {
    expectConstructionError(
      { ...rsa, tokenAudience: null },
      /^issuer must be set if tokenAudience is null and secret is not set$/,
    );
    const auth = createJwtStrategy({ ...rsa, tokenAudience: null, issuer: OURS });
    const forged = (iss?: string): string =>
      forge("RS256", rsaPair.privateKey, goodClaims({ aud: undefined, iss }));
    await createGuardedApp(auth).accepts(forged(OURS));
    await createGuardedApp(auth).refuses(forged(OTHER), "issuer_mismatch");
    await createGuardedApp(auth).refuses(forged(), "issuer_mismatch");
  });
});

test.each([
  ["an empty string", ""],
  ["null", null],
  ["an empty list", []],
  ["a list with an empty string", [""]],
  ["a list in a list", [[OURS]]],
  ["a number", 42],
  ["a URL object", new URL(OURS)],
  ["a lone surrogate", "\ud800"],
])("issuer must be a string or a list of strings: %s is refused", (_case, issuer) => {
  expectConstructionError(
    { ...hmac, issuer },
    /^issuer must be a non-empty string, or a non-empty list of such$/,
  );
});
