import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type TokenOptions,
  type Transport,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import { generateRsaPair, hmacSecret } from "../../support/keys.ts";
import {
  documentOf,
  expectValidDocument,
  PATH_CHOICES,
  PATHS,
  schemaJudge,
} from "../../support/openapi.ts";

interface User {
  readonly id: string;
}

function create(options: Partial<UserStrategyOptions<User>> = {}): JwtStrategy<User> {
  return createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    verifyCredentials: () => ({ id: "42" }),
    findUser: (id) => ({ id }),
    ...options,
  } as UserStrategyOptions<User>);
}

const TRANSPORTS: readonly (readonly [string, () => Transport])[] = [
  ["bearer", bearerTransport],
  ["cookie", cookieTransport],
  ["cookie with a name of its own", () => cookieTransport({ cookieName: "__Host-session" })],
];

const OPTIONS: readonly (readonly [
  string,
  Partial<TokenOptions & { maxSessionSeconds: number }>,
])[] = [
  ["no further options", {}],
  ["requiresVerification", { requiresVerification: true }],
  ["maxSessionSeconds", { maxSessionSeconds: 7200 }],
  ["lifetimeSeconds: null", { lifetimeSeconds: null }],
  ["realm", { realm: "the 'reports' & more" }],
  ["onAuthError", { onAuthError: (error, _req, _res, next) => next(error) }],
];

describe.each(TRANSPORTS)("openapi with the %s transport", (_name, createTransport) => {
  describe.each(OPTIONS)("and %s", (_options, options) => {
    const auth = create({ ...options, transport: createTransport() });

    test.each(PATH_CHOICES)("makes a valid OpenAPI 3.1 document of %j", async (choice) => {
      const document = documentOf(auth, choice);
      await expectValidDocument(document);
      expect(Object.keys(document.paths)).toEqual(Object.values(choice));
    });

    test("gives only examples that are what the schemas say", () => {
      const document = documentOf(auth);
      const judge = schemaJudge(document);
      const { components, paths } = document;
      const responses = [
        components.responses,
        ...Object.values(paths).map(({ post }) => post.responses),
      ].flatMap((byName) => Object.values(byName));
      const described = responses.flatMap(({ headers = {}, content = {} }) => [
        ...Object.values(headers),
        ...Object.values(content),
      ]);
      const errors = described.flatMap(({ schema, examples = {} }) =>
        Object.values(examples).map(({ value }) => judge(schema, value)),
      );
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.filter((error) => error !== null)).toEqual([]);
    });
  });
});

describe("openapi", () => {
  test("names the header that carries the token, and the password flow of OAuth 2", () => {
    const { components, security, paths } = create().openapi({ loginPath: "/auth/login" });
    expect(components.securitySchemes).toEqual({
      bearerAuth: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
      passwordAuth: {
        type: "oauth2",
        flows: { password: { tokenUrl: "/auth/login", scopes: {} } },
      },
    });
    expect(security).toEqual([{ bearerAuth: [] }, { passwordAuth: [] }]);
    expect(paths["/auth/login"]?.post.security).toEqual([]);
  });

  test("offers no password flow where login is not described", () => {
    const { components, security } = create().openapi({ logoutPath: "/auth/logout" });
    expect(Object.keys(components.securitySchemes)).toEqual(["bearerAuth"]);
    expect(security).toEqual([{ bearerAuth: [] }]);
  });

  test("names the cookie that carries the token", () => {
    const transport = cookieTransport({ cookieName: "__Host-session" });
    const { components, security } = create({ transport }).openapi(PATHS);
    expect(components.securitySchemes).toEqual({
      cookieAuth: { type: "apiKey", in: "cookie", name: "__Host-session" },
    });
    expect(security).toEqual([{ cookieAuth: [] }]);
  });

  test("shows the cookie that a login sets, and that a logout clears", () => {
    const { paths } = create({ transport: cookieTransport() }).openapi(PATHS);
    const shown = Object.values(PATHS).map(
      (path) => paths[path]?.post.responses["204"]?.headers?.["Set-Cookie"]?.examples,
    );
    const attributes = "Path=/; Secure; HttpOnly; SameSite=lax";
    const set = { answer: { value: `fastapiusersauth=header.payload.signature; ${attributes}` } };
    const cleared = { answer: { value: `fastapiusersauth=; Max-Age=0; ${attributes}` } };
    expect(shown).toEqual([set, cleared, set]);
  });

  test.each([
    [3600, ["access_token", "token_type", "expires_in"]],
    [null, ["access_token", "token_type"]],
  ])(
    "lists the members of a login's answer with lifetimeSeconds %j",
    (lifetimeSeconds, members) => {
      const { LoginAnswer } = create({ lifetimeSeconds }).openapi(PATHS).components.schemas;
      expect(Object.keys(LoginAnswer?.properties ?? {})).toEqual(members);
      expect(LoginAnswer?.required).toEqual(members);
    },
  );

  test("says of each answer but failures that it is never stored", () => {
    const { components, paths } = create({ transport: cookieTransport() }).openapi(PATHS);
    const responses = Object.values(paths).flatMap(({ post }) => Object.entries(post.responses));
    for (const [status, { headers }] of [...Object.entries(components.responses), ...responses]) {
      expect([status, headers?.["Cache-Control"]]).toEqual([
        status,
        status === "5XX"
          ? undefined
          : { required: true, schema: { type: "string", enum: ["no-store"] } },
      ]);
    }
  });

  test("leaves out the schemas that nothing refers to", () => {
    const schemasOf = (options: object, paths: object): string[] =>
      Object.keys(create(options).openapi(paths).components.schemas);
    const { loginPath, refreshPath } = PATHS;
    expect(schemasOf({}, {})).toEqual(["AuthErrorBody"]);
    expect(schemasOf({}, { refreshPath })).toEqual(["LoginAnswer", "AuthErrorBody"]);
    expect(schemasOf({}, PATHS)).toEqual(["LoginBody", "LoginAnswer", "AuthErrorBody"]);
    const transport = cookieTransport();
    expect(schemasOf({ transport }, { refreshPath })).toEqual(["AuthErrorBody"]);
    const onAuthError = (): void => undefined;
    expect(schemasOf({ transport, onAuthError }, { loginPath })).toEqual(["LoginBody"]);
  });

  test("describes the answers of guarded operations of a service that only verifies", () => {
    const { publicKey } = generateRsaPair();
    const auth = createJwtStrategy({ algorithm: "RS256", publicKey, lifetimeSeconds: 3600 });
    const { components, paths, security } = auth.openapi();
    expect(Object.keys(components.responses)).toEqual(["BadRequest", "Unauthorized", "Forbidden"]);
    expect(paths).toEqual({});
    expect(security).toEqual([{ bearerAuth: [] }]);
  });

  test("gives plain data, which is the caller's own", () => {
    const auth = create();
    const first = auth.openapi(PATHS);
    const text = JSON.stringify(first);
    expect(JSON.parse(text)).toStrictEqual(first);
    first.components.schemas.AuthErrorBody = { type: "string" };
    first.security.pop();
    Object.assign(first.paths["/auth/login"]?.post.responses["400"] ?? {}, { description: "" });
    expect(JSON.stringify(auth.openapi(PATHS))).toBe(text);
    expect(new Set(objectsWithin(first)).size).toBe(objectsWithin(first).length);
  });

  test("is not there where strategies are chosen by request: each has its own", () => {
    expect(create()).toHaveProperty("openapi");
    expect(anyOf(create())).not.toHaveProperty("openapi");
    expect(dynamicStrategy(() => create())).not.toHaveProperty("openapi");
  });
});

function objectsWithin(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsWithin)];
}
