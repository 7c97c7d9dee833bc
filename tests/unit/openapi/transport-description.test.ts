import { describe, expect, test } from "@jest/globals";
import { createJwtStrategy, type JwtStrategy, type Transport } from "express-jwt-strategy";
import type { UserWithId } from "../../../lib/sessions/issue-token.ts";
import { describeStrategy } from "express-jwt-strategy/openapi";
import type { TransportDescription } from "../../../lib/transports/transport-description.ts";
import { InvalidRequestError } from "../../../lib/errors/auth-errors.ts";
import { hmacSecret } from "../../support/keys.ts";
import { documentOf, expectValidDocument, PATHS } from "../../support/openapi.ts";

function create(transport: Transport): JwtStrategy<UserWithId> {
  return createJwtStrategy<UserWithId>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    transport,
    verifyCredentials: () => ({ id: "42" }),
    findUser: (id) => ({ id }),
  });
}

describe("describeStrategy with a custom transport", () => {
  const methods: Transport = {
    extractToken: () => undefined,
    loginResponse: (token) => ({
      status: 201,
      headers: { "X-Api-Token": token },
      body: { ok: true },
    }),
    logoutResponse: () => ({ status: 200, body: { bye: true } }),
  };
  const description: TransportDescription = {
    securitySchemes: { tokenAuth: { type: "apiKey", in: "header", name: "X-Api-Token" } },
  };

  test("uses its description and examples of its responses", async () => {
    const transport = { ...methods, describe: () => description };
    const document = documentOf(create(transport));
    await expectValidDocument(document);
    const { components, paths } = document;
    expect(components.securitySchemes).toEqual(description.securitySchemes);
    expect(components.schemas.LoginResponse).toEqual({ type: "object" });
    const { post: login } = paths["/auth/login"] ?? {};
    expect(Object.keys(login?.responses ?? {})).toEqual(["201", "400", "5XX"]);
    expect(login?.responses["201"]).toMatchObject({
      headers: {
        "X-Api-Token": { examples: { response: { value: "header.payload.signature" } } },
      },
      content: {
        "application/json": {
          schema: { $ref: "#/components/schemas/LoginResponse" },
          examples: { response: { value: { ok: true } } },
        },
      },
    });
    expect(paths["/auth/logout"]?.post.responses["200"]).toMatchObject({
      content: { "application/json": { schema: { type: "object" } } },
    });
    // This transport has no 400.
    expect(Object.keys(components.responses)).toEqual(["Unauthorized", "Forbidden"]);
  });

  test("lists its errors as refusals", () => {
    const protectErrors = [new InvalidRequestError("cookie_repeated", "Two are too many")];
    const describe = (): TransportDescription => ({ ...description, protectErrors });
    const { paths } = describeStrategy(create({ ...methods, describe }), PATHS);
    for (const path of Object.values(PATHS)) {
      expect(paths[path]?.post.responses["400"]?.description).toMatch(/^Two are too many\./);
    }
  });

  test("throws a TypeError if it has no describe", () => {
    expect(() => describeStrategy(create(methods))).toThrow(
      new TypeError(
        "describeStrategy requires a transport with the method describe: add it to your Transport",
      ),
    );
  });
});
