import { describe, expect, test } from "@jest/globals";
import { bearerTransport, createJwtStrategy } from "express-jwt-strategy";
import { hmacSecret } from "../../support/keys.ts";
import { documentOf, expectValidDocument } from "../../support/openapi.ts";

function describeTransport(options: Parameters<typeof bearerTransport>[0]) {
  return documentOf(
    createJwtStrategy({
      secret: hmacSecret,
      lifetimeSeconds: 3600,
      transport: bearerTransport(options),
      verifyCredentials: () => ({ id: "42" }),
      findUser: (id) => ({ id }),
    }),
  );
}

describe("describeStrategy with the options of bearerTransport", () => {
  test.each([
    [
      "another header without a scheme",
      { header: "X-Access-Token", scheme: null },
      { headerAuth: { type: "apiKey", in: "header", name: "X-Access-Token" } },
      'Bearer header="X-Access-Token", realm="api"',
      "bearer",
    ],
    [
      "another header",
      { header: "X-Access-Token" },
      {
        headerAuth: {
          type: "apiKey",
          in: "header",
          name: "X-Access-Token",
          description: 'The value is "Bearer <token>".',
        },
      },
      'Bearer header="X-Access-Token", realm="api"',
      "bearer",
    ],
    [
      "another scheme",
      { scheme: "JWT" },
      { tokenAuth: { type: "http", scheme: "JWT" } },
      'JWT realm="api"',
      "jwt",
    ],
  ])("describes %s", async (_what, options, schemes, challenge, tokenType) => {
    const document = describeTransport(options);
    await expectValidDocument(document);
    const { securitySchemes, responses, schemas } = document.components;
    expect(securitySchemes).toEqual(schemes);
    expect(document.security).toEqual(Object.keys(schemes).map((name) => ({ [name]: [] })));
    expect(
      responses.Unauthorized?.headers?.["WWW-Authenticate"]?.examples?.credentials_required?.value,
    ).toBe(challenge);
    expect(schemas.LoginResponse?.properties?.token_type).toEqual({
      type: "string",
      enum: [tokenType],
    });
  });
});
