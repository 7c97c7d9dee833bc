import { describe, expect, test } from "@jest/globals";
import {
  createJwtStrategy,
  type UserWithId,
  type JwtStrategy,
  type Transport,
  type TransportDescription,
} from "express-jwt-strategy";
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

describe("openapi with a transport of the app's own", () => {
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

  test("describes what it says of itself, and what it answers", async () => {
    const transport = { ...methods, describe: () => description };
    const document = documentOf(create(transport));
    await expectValidDocument(document);
    const { components, paths } = document;
    expect(components.securitySchemes).toEqual(description.securitySchemes);
    expect(components.schemas.LoginAnswer).toEqual({ type: "object" });
    const { post: login } = paths["/auth/login"] ?? {};
    expect(Object.keys(login?.responses ?? {})).toEqual(["201", "400", "5XX"]);
    expect(login?.responses["201"]).toMatchObject({
      headers: {
        "X-Api-Token": { examples: { answer: { value: "header.payload.signature" } } },
      },
      content: {
        "application/json": {
          schema: { $ref: "#/components/schemas/LoginAnswer" },
          examples: { answer: { value: { ok: true } } },
        },
      },
    });
    expect(paths["/auth/logout"]?.post.responses["200"]).toMatchObject({
      content: { "application/json": { schema: { type: "object" } } },
    });
    // Nothing of it is refused with 400.
    expect(Object.keys(components.responses)).toEqual(["Unauthorized", "Forbidden"]);
  });

  test("describes its refusals where they are given", () => {
    const protectErrors = [new InvalidRequestError("cookie_repeated", "Two are too many")];
    const describe = (): TransportDescription => ({ ...description, protectErrors });
    const { paths } = create({ ...methods, describe }).openapi(PATHS);
    for (const path of Object.values(PATHS)) {
      expect(paths[path]?.post.responses["400"]?.description).toMatch(/^Two are too many\./);
    }
  });

  test("is a TypeError where it says nothing of itself", () => {
    expect(() => create(methods).openapi()).toThrow(
      new TypeError(
        "openapi asks the transport to describe itself: give yours the method describe of a Transport",
      ),
    );
  });
});
