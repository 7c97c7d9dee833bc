import { describe, expect, test } from "@jest/globals";
import { cookieTransport, type CookieTransportOptions } from "express-jwt-strategy";

const DEFAULTS = "Path=/; Secure; HttpOnly; SameSite=lax";

function setCookieOf(response: { readonly headers?: Readonly<Record<string, unknown>> }): unknown {
  return response.headers?.["Set-Cookie"];
}

/** The Set-Cookie headers of a login and of a logout. */
function cookiesOf(options?: CookieTransportOptions): unknown[] {
  const transport = cookieTransport(options);
  return [
    setCookieOf(transport.loginResponse("a.b.c", 60)),
    setCookieOf(transport.logoutResponse()),
  ];
}

/** Creates a transport with options that the types may not allow. */
function construct(options: unknown): () => unknown {
  return () => cookieTransport(options as CookieTransportOptions);
}

describe("the options of cookieTransport", () => {
  test.each([
    ["omitted", undefined],
    ["empty", {}],
    [
      "all undefined",
      {
        cookieName: undefined,
        cookieMaxAge: undefined,
        cookiePath: undefined,
        cookieDomain: undefined,
        cookieSecure: undefined,
        cookieHttpOnly: undefined,
        cookieSameSite: undefined,
        cookiePartitioned: undefined,
        trustedOrigins: undefined,
        loginRedirect: undefined,
        logoutRedirect: undefined,
      },
    ],
    ["null, as in fastapi-users", { cookieMaxAge: null, cookieDomain: null }],
  ])("default to a Secure, HttpOnly and SameSite=lax session cookie: %s", (_case, options) => {
    expect(cookiesOf(options)).toEqual([
      `fastapiusersauth=a.b.c; ${DEFAULTS}`,
      `fastapiusersauth=; Max-Age=0; ${DEFAULTS}`,
    ]);
  });

  test.each<[CookieTransportOptions, string]>([
    [{ cookiePath: "/app" }, "Path=/app; Secure; HttpOnly; SameSite=lax"],
    [{ cookieDomain: "example.com" }, "Path=/; Domain=example.com; Secure; HttpOnly; SameSite=lax"],
    [
      { cookieDomain: ".example.com" },
      "Path=/; Domain=.example.com; Secure; HttpOnly; SameSite=lax",
    ],
    [{ cookieSecure: false }, "Path=/; HttpOnly; SameSite=lax"],
    [{ cookieHttpOnly: false }, "Path=/; Secure; SameSite=lax"],
    [{ cookieSameSite: "strict" }, "Path=/; Secure; HttpOnly; SameSite=strict"],
    [{ cookieSameSite: "none" }, "Path=/; Secure; HttpOnly; SameSite=none"],
    [
      { cookieSameSite: "none", cookiePartitioned: true },
      "Path=/; Secure; HttpOnly; SameSite=none; Partitioned",
    ],
  ])("result in the same attributes at login and at logout: %j", (options, attributes) => {
    expect(cookiesOf(options)).toEqual([
      `fastapiusersauth=a.b.c; ${attributes}`,
      `fastapiusersauth=; Max-Age=0; ${attributes}`,
    ]);
  });

  test.each([1, 3600, 100 * 365 * 24 * 60 * 60])(
    "result in Max-Age=%i only at login",
    (cookieMaxAge) => {
      expect(cookiesOf({ cookieMaxAge })).toEqual([
        `fastapiusersauth=a.b.c; Max-Age=${cookieMaxAge}; ${DEFAULTS}`,
        `fastapiusersauth=; Max-Age=0; ${DEFAULTS}`,
      ]);
    },
  );

  test.each(["a", "__proto__", "__Host-session", "__Secure-session", "!#$%&'*+-.^_`|~09azAZ"])(
    "may have the name %s",
    (cookieName) => {
      expect(cookiesOf({ cookieName })).toEqual([
        `${cookieName}=a.b.c; ${DEFAULTS}`,
        `${cookieName}=; Max-Age=0; ${DEFAULTS}`,
      ]);
    },
  );

  test("may give a __Secure- cookie a path and a domain", () => {
    const options = { cookieName: "__Secure-a", cookiePath: "/app", cookieDomain: "example.com" };
    expect(construct(options)).not.toThrow();
  });

  test("are read once, so that later changes have no effect", () => {
    const options = { cookieName: "session", cookieSecure: true };
    const transport = cookieTransport(options);
    Object.assign(options, { cookieName: "other", cookieSecure: false });
    expect(setCookieOf(transport.logoutResponse())).toBe(`session=; Max-Age=0; ${DEFAULTS}`);
  });

  test("are not read from a polluted Object.prototype", () => {
    const prototype = Object.prototype as { cookieSecure?: boolean };
    prototype.cookieSecure = false;
    try {
      expect(cookiesOf({})).toEqual(cookiesOf({ cookieSecure: true }));
      expect(cookiesOf({})[0]).toContain("; Secure;");
    } finally {
      delete prototype.cookieSecure;
    }
  });
});

describe("cookieTransport throws a TypeError for", () => {
  const NAME = "cookieName must be letters, digits and - _ .";
  const MAX_AGE = "cookieMaxAge must be a whole number from 1 to 3153600000";
  const PATH = 'cookiePath must be a path such as "/", without semicolons';
  const DOMAIN = 'cookieDomain must be null, or a domain such as "example.com"';
  const SAME_SITE = 'cookieSameSite must be "lax", "strict" or "none"';
  const ORIGINS =
    'trustedOrigins must be a list of origins such as "https://app.example", without a path';

  const table: readonly (readonly [
    sentence: string,
    option: string,
    values: readonly unknown[],
  ])[] = [
    [
      NAME,
      "cookieName",
      ["", "a b", "a=b", "a;b", "a,b", 'a"b', "a\r\nb", "a\n", "a\0", "(a)", "ä", null, 1, []],
    ],
    [MAX_AGE, "cookieMaxAge", [0, -1, 1.5, NaN, Infinity, 3153600001, true, []]],
    [PATH, "cookiePath", ["", "app", "/;a", "/\n", "/a\r\nSet-Cookie: b", "/ä", "/\x7f", null]],
    [DOMAIN, "cookieDomain", ["", ".", "a b", "a;b", "a\n", "-a", "a-", "http://a", "a:1", 1]],
    ["cookieSecure must be true or false", "cookieSecure", [0, 1, null]],
    [
      'cookieSecure must be true or false, not text: convert it with value === "true"',
      "cookieSecure",
      ["false"],
    ],
    ["cookieHttpOnly must be true or false", "cookieHttpOnly", [0, 1, null]],
    [
      'cookieHttpOnly must be true or false, not text: convert it with value === "true"',
      "cookieHttpOnly",
      ["false"],
    ],
    ["cookiePartitioned must be true or false", "cookiePartitioned", [0, 1, null]],
    [
      'cookiePartitioned must be true or false, not text: convert it with value === "true"',
      "cookiePartitioned",
      ["true"],
    ],
    [SAME_SITE, "cookieSameSite", ["Lax", "STRICT", "", true, false, null, ["lax"]]],
    [
      ORIGINS,
      "trustedOrigins",
      [
        "https://app.example",
        ["https://app.example/"],
        ["https://app.example:443"],
        ["HTTPS://app.example"],
        ["https://App.example"],
        ["https://user@app.example"],
        ["app.example"],
        ["//app.example"],
        ["https://*.app.example"],
        ["https://app.example", ""],
        ["*"],
        ["null"],
        ["file:///"],
        [/^https:/],
        [undefined],
        new Array(1),
        new Set(["https://app.example"]),
        null,
      ],
    ],
  ];
  test("cookieMaxAge as text, with the fix in the message", () => {
    expect(construct({ cookieMaxAge: "3600" })).toThrow(
      new TypeError(`${MAX_AGE}, not text: convert it with Number()`),
    );
  });

  const rows = table.flatMap(([sentence, option, values]) =>
    values.map((value) => [option, value, sentence] as const),
  );

  test.each(rows)("%s: %p", (option, value, sentence) => {
    expect(construct({ [option]: value })).toThrow(new TypeError(sentence));
  });

  test.each([{}, { cookieSameSite: "lax" }, { cookieSameSite: "strict" }])(
    "a partitioned cookie without SameSite=None: %j",
    (options) => {
      expect(construct({ ...options, cookiePartitioned: true })).toThrow(
        new TypeError(
          'cookieSameSite must be "none" if cookiePartitioned is true: browsers send an embedded page no other cookie',
        ),
      );
    },
  );

  test("a partitioned cookie without Secure", () => {
    const partitioned = { cookieSameSite: "none", cookiePartitioned: true, cookieSecure: false };
    expect(construct(partitioned)).toThrow(
      new TypeError('cookieSecure must be true if cookieSameSite is "none"'),
    );
  });

  test("SameSite=None without Secure, because browsers drop such a cookie", () => {
    expect(construct({ cookieSameSite: "none", cookieSecure: false })).toThrow(
      new TypeError('cookieSecure must be true if cookieSameSite is "none"'),
    );
  });

  describe.each(["__Host-", "__HOST-", "__host-"])("a name that begins with %s, with", (prefix) => {
    test.each([
      [{ cookieSecure: false }, "cookieSecure must be true if cookieName begins with __Host-"],
      [{ cookiePath: "/app" }, 'cookiePath must be "/" if cookieName begins with __Host-'],
      [
        { cookieDomain: "example.com" },
        "cookieDomain must be null if cookieName begins with __Host-",
      ],
    ])("%j", (options, sentence) => {
      expect(construct({ cookieName: `${prefix}session`, ...options })).toThrow(
        new TypeError(sentence),
      );
    });
  });

  test.each(["__Secure-", "__SECURE-", "__secure-"])(
    "a name that begins with %s, without Secure",
    (prefix) => {
      expect(construct({ cookieName: `${prefix}session`, cookieSecure: false })).toThrow(
        new TypeError("cookieSecure must be true if cookieName begins with __Secure-"),
      );
    },
  );

  test.each([
    ["cookieNames", { cookieNames: "a" }],
    ["sameSite", { sameSite: "lax" }],
    ["cookie_name", { cookie_name: "a" }],
    ["__proto__", JSON.parse('{"__proto__":{"cookieSecure":false}}') as object],
  ])("an option that does not exist: %s", (name, options) => {
    expect(construct(options)).toThrow(
      new TypeError(
        `cookieTransport has no option "${name}"; it has cookieName, cookieMaxAge, cookiePath, ` +
          "cookieDomain, cookieSecure, cookieHttpOnly, cookieSameSite, cookiePartitioned, trustedOrigins, " +
          "loginRedirect, logoutRedirect",
      ),
    );
  });

  test.each([[null], [[]], ["session"], [1]])("options that are not an object: %p", (options) => {
    expect(construct(options)).toThrow(
      new TypeError("cookieTransport's options must be an object"),
    );
  });
});

describe.each(["loginRedirect", "logoutRedirect"])("%s", (name) => {
  test.each(["/", "/account", "/account?tab=1#top", "/a//b", "/%2F%2Fevil.example", "/a\\b"])(
    "may be the path %s",
    (path) => {
      expect(construct({ [name]: path })).not.toThrow();
    },
  );

  test.each([
    "",
    "account",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/a b",
    "/ü",
    " /",
    null,
    true,
    ["/"],
    () => "/",
  ])("throws a TypeError for %p", (path) => {
    expect(construct({ [name]: path })).toThrow(
      new TypeError(
        `${name} must be a path of this site that begins with a single "/", such as "/account"`,
      ),
    );
  });
});
