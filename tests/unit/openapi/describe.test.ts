import { describe, expect, test } from "@jest/globals";
import {
  anyOf,
  bearerTransport,
  cookieTransport,
  createJwtStrategy,
  dynamicStrategy,
  type JwtStrategy,
  type Transport,
  type UserStrategyOptions,
} from "express-jwt-strategy";
import { describeStrategy } from "express-jwt-strategy/openapi";
import { generateRsaPair, hmacSecret } from "../../support/keys.ts";
import {
  documentOf,
  expectValidDocument,
  PATH_CHOICES,
  PATHS,
  createSchemaValidator,
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
  ["renamed cookie", () => cookieTransport({ cookieName: "__Host-session" })],
];

const OPTIONS: readonly (readonly [
  string,
  Partial<
    Pick<
      UserStrategyOptions<User>,
      "lifetimeSeconds" | "maxSessionSeconds" | "onAuthError" | "realm" | "requiresVerification"
    >
  >,
])[] = [
  ["no further options", {}],
  ["requiresVerification", { requiresVerification: true }],
  ["maxSessionSeconds", { maxSessionSeconds: 7200 }],
  ["lifetimeSeconds: null", { lifetimeSeconds: null }],
  ["realm", { realm: "the 'reports' & more" }],
  ["onAuthError", { onAuthError: (error, _req, _res, next) => next(error) }],
];

describe.each(TRANSPORTS)("describeStrategy with the %s transport", (_name, createTransport) => {
  describe.each(OPTIONS)("and %s", (_options, options) => {
    const auth = create({ ...options, transport: createTransport() });

    test.each(PATH_CHOICES.map((choice) => [Object.keys(choice).join(", "), choice] as const))(
      "returns the parts of a valid OpenAPI 3.1 document for the options {%s}",
      async (_names, choice) => {
        const document = documentOf(auth, choice);
        await expectValidDocument(document);
        expect(Object.keys(document.paths)).toEqual(Object.values(choice));
      },
    );

    test("has only examples that match their schemas", () => {
      const document = documentOf(auth);
      const validate = createSchemaValidator(document);
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
        Object.values(examples).map(({ value }) => validate(schema, value)),
      );
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.filter((error) => error !== null)).toEqual([]);
    });
  });
});

describe("describeStrategy", () => {
  test("describes the header of the token and the password flow of OAuth 2", () => {
    const { components, security, paths } = describeStrategy(create(), {
      loginPath: "/auth/login",
    });
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

  test("has no password flow if login is not described", () => {
    const { components, security } = describeStrategy(create(), { logoutPath: "/auth/logout" });
    expect(Object.keys(components.securitySchemes)).toEqual(["bearerAuth"]);
    expect(security).toEqual([{ bearerAuth: [] }]);
  });

  test("describes the cookie of the token", () => {
    const transport = cookieTransport({ cookieName: "__Host-session" });
    const { components, security } = describeStrategy(create({ transport }), PATHS);
    expect(components.securitySchemes).toEqual({
      cookieAuth: { type: "apiKey", in: "cookie", name: "__Host-session" },
    });
    expect(security).toEqual([{ cookieAuth: [] }]);
  });

  test("describes the cookie that login sets and logout clears", () => {
    const { paths } = describeStrategy(create({ transport: cookieTransport() }), PATHS);
    const shown = Object.values(PATHS).map(
      (path) => paths[path]?.post.responses["204"]?.headers?.["Set-Cookie"]?.examples,
    );
    const attributes = "Path=/; Secure; HttpOnly; SameSite=lax";
    const set = { response: { value: `fastapiusersauth=header.payload.signature; ${attributes}` } };
    const cleared = { response: { value: `fastapiusersauth=; Max-Age=0; ${attributes}` } };
    expect(shown).toEqual([set, cleared, set]);
  });

  test.each([
    [3600, ["access_token", "token_type", "expires_in"]],
    [null, ["access_token", "token_type"]],
  ])(
    "lists the members of a login response with lifetimeSeconds %j",
    (lifetimeSeconds, members) => {
      const { LoginResponse } = describeStrategy(create({ lifetimeSeconds }), PATHS).components
        .schemas;
      expect(Object.keys(LoginResponse?.properties ?? {})).toEqual(members);
      expect(LoginResponse?.required).toEqual(members);
    },
  );

  test("has Cache-Control: no-store for every response except server errors", () => {
    const { components, paths } = describeStrategy(create({ transport: cookieTransport() }), PATHS);
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

  test("omits schemas that are not referenced", () => {
    const schemasOf = (options: object, paths: object): string[] =>
      Object.keys(describeStrategy(create(options), paths).components.schemas);
    const { loginPath, refreshPath } = PATHS;
    expect(schemasOf({}, {})).toEqual(["AuthErrorBody"]);
    expect(schemasOf({}, { refreshPath })).toEqual(["LoginResponse", "AuthErrorBody"]);
    expect(schemasOf({}, PATHS)).toEqual(["LoginBody", "LoginResponse", "AuthErrorBody"]);
    const transport = cookieTransport();
    expect(schemasOf({ transport }, { refreshPath })).toEqual(["AuthErrorBody"]);
    const onAuthError = (): void => undefined;
    expect(schemasOf({ transport, onAuthError }, { loginPath })).toEqual(["LoginBody"]);
  });

  test("describes the responses of guarded operations in a service that only verifies", () => {
    const { publicKey } = generateRsaPair();
    const auth = createJwtStrategy({ algorithm: "RS256", publicKey, lifetimeSeconds: 3600 });
    const { components, paths, security } = describeStrategy(auth);
    expect(Object.keys(components.responses)).toEqual(["BadRequest", "Unauthorized", "Forbidden"]);
    expect(paths).toEqual({});
    expect(security).toEqual([{ bearerAuth: [] }]);
  });

  test("returns plain data that shares nothing with other calls", () => {
    const auth = create();
    const first = describeStrategy(auth, PATHS);
    const text = JSON.stringify(first);
    expect(JSON.parse(text)).toStrictEqual(first);
    first.components.schemas.AuthErrorBody = { type: "string" };
    first.security.pop();
    Object.assign(first.paths["/auth/login"]?.post.responses["400"] ?? {}, { description: "" });
    expect(JSON.stringify(describeStrategy(auth, PATHS))).toBe(text);
    expect(new Set(objectsWithin(first)).size).toBe(objectsWithin(first).length);
  });

  test.each<[string, (auth: JwtStrategy<User>) => unknown]>([
    ["anyOf()", (auth) => anyOf(auth)],
    ["dynamicStrategy()", (auth) => dynamicStrategy(() => auth)],
  ])("throws a TypeError that names the alternative for a strategy of %s", (_name, make) => {
    expect(() => describeStrategy(make(create()) as JwtStrategy<User>)).toThrow(
      new TypeError(
        "describeStrategy requires a strategy made by createJwtStrategy(): with anyOf() or " +
          "dynamicStrategy(), describe the strategies that it uses and merge the results",
      ),
    );
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["an object", {}],
    ["a function", create],
  ])("throws a TypeError for %s instead of a strategy", (_name, value) => {
    expect(() => describeStrategy(value as JwtStrategy<User>)).toThrow(
      new TypeError("The first argument of describeStrategy must be a strategy"),
    );
  });

  test("accepts a strategy without users; its type excludes anyOf() and dynamicStrategy()", () => {
    const withoutUsers = createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 60 });
    expect(describeStrategy(withoutUsers).paths).toEqual({});
    // @ts-expect-error -- cannot be described
    expect(() => describeStrategy(anyOf(create()))).toThrow(TypeError);
    // @ts-expect-error -- cannot be described
    expect(() => describeStrategy(dynamicStrategy(() => create()))).toThrow(TypeError);
  });
});

function objectsWithin(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsWithin)];
}
