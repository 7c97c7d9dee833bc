import { once } from "node:events";
import { createServer, IncomingMessage, type Server } from "node:http";
import { Socket, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import {
  AuthError,
  createJwtStrategy,
  type AuthenticateOptions,
  type FindUser,
  type AuthenticatedUser,
  type JwtStrategy,
} from "express-jwt-strategy";
import { forge, goodClaims } from "../support/forge.ts";
import { hmacSecret, signingKey } from "../support/keys.ts";
import { sendLines, type RawResponse } from "../support/server.ts";

interface User {
  readonly id: string;
  readonly isSuperuser?: boolean;
}

const CLAIMS = goodClaims({ scope: "read" });
const TOKEN = forge("HS256", signingKey("HS256"), CLAIMS);

function strategyOf(findUser: FindUser<User> = (id) => ({ id })): JwtStrategy<User> {
  return createJwtStrategy({ secret: hmacSecret, lifetimeSeconds: 3600, findUser });
}

const auth = strategyOf();

/** A request without Express. */
function requestWith(authorization?: string): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  if (authorization !== undefined) req.headers.authorization = authorization;
  return req;
}

const good = (): IncomingMessage => requestWith(`Bearer ${TOKEN}`);

describe("authenticateRequest", () => {
  test("resolves to the user and the frozen claims", async () => {
    const identity = await auth.authenticateRequest(good());
    expect(identity).toEqual({ user: { id: "42" }, claims: CLAIMS });
    expect(Object.isFrozen(identity?.claims)).toBe(true);
  });

  test("passes the request to findUser", async () => {
    const findUser = jest.fn<FindUser<User>>((id) => Promise.resolve({ id }));
    const req = good();
    await strategyOf(findUser).authenticateRequest(req);
    expect(findUser.mock.calls).toEqual([["42", CLAIMS, req]]);
  });

  test("resolves to null for a request without a token if authentication is optional", async () => {
    const anonymous = requestWith();
    expect(await auth.authenticateRequest(anonymous, { optional: true })).toBeNull();
    expect(auth.currentUser(anonymous, { optional: true })).toBeUndefined();
  });

  test("resolves to null for a refused request if optional is lenient", async () => {
    for (const authorization of [undefined, "Bearer", "Bearer x", `Bearer ${TOKEN}`]) {
      const options = { optional: "lenient", superuser: true } as const;
      expect(await auth.authenticateRequest(requestWith(authorization), options)).toBeNull();
    }
  });

  test.each<[string, string | undefined, AuthenticateOptions<User>, number, string, string]>([
    ["no credentials", undefined, {}, 401, "credentials_required", ""],
    [
      "malformed credentials",
      "Bearer",
      { optional: true },
      400,
      "invalid_request",
      ', error="invalid_request", error_description="The Authorization header is malformed"',
    ],
    [
      "a bad token",
      "Bearer x",
      { optional: true },
      401,
      "invalid_token",
      ', error="invalid_token", error_description="The access token is invalid"',
    ],
    [
      "a user who is not a superuser",
      `Bearer ${TOKEN}`,
      { superuser: true },
      403,
      "insufficient_scope",
      ', error="insufficient_scope", error_description="The user is not allowed to do this"',
    ],
    [
      "a token without the required scope",
      `Bearer ${TOKEN}`,
      { scopes: ["write"] },
      403,
      "insufficient_scope",
      ', error="insufficient_scope", error_description="The user is not allowed to do this", scope="write"',
    ],
  ])(
    "rejects with an AuthError with status and challenge for %s",
    async (_what, authorization, options, status, code, parameters) => {
      const rejected: unknown = await auth
        .authenticateRequest(requestWith(authorization), options)
        .catch((error: unknown) => error);
      expect(rejected).toBeInstanceOf(AuthError);
      expect(rejected).toMatchObject({ status, code });
      expect((rejected as AuthError).headers).toEqual({
        "Cache-Control": "no-store",
        "WWW-Authenticate": `Bearer realm="api"${parameters}`,
      });
    },
  );

  test("makes the result available to currentUser, currentClaims and authorize()", async () => {
    const req = good();
    await auth.authenticateRequest(req);
    expect(auth.currentUser(req)).toEqual({ id: "42" });
    expect(auth.currentClaims(req)).toEqual(CLAIMS);
  });

  test("does not set req.user", async () => {
    const req = good();
    await auth.authenticateRequest(req);
    expect(req).not.toHaveProperty("user");
  });

  test("rejects with the same Error that findUser throws or rejects with", async () => {
    const failure = new Error("database down");
    const throwing = strategyOf(() => {
      throw failure;
    });
    const rejecting = strategyOf(() => Promise.reject(failure));
    for (const failing of [throwing, rejecting]) {
      const attempt = failing.authenticateRequest(good(), { optional: "lenient" });
      await expect(attempt).rejects.toBe(failure);
    }
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["0", 0],
    ['"route"', "route"],
    ["an Error with status 401", Object.assign(new Error("x"), { status: 401 })],
  ])("wraps a failure that is not a plain Error: %s", async (_what, thrown) => {
    const failing = strategyOf(async () => {
      await Promise.resolve();
      throw thrown as Error;
    });
    const rejected: unknown = await failing
      .authenticateRequest(good())
      .catch((error: unknown) => error);
    expect(rejected).toBeInstanceOf(Error);
    expect(rejected).not.toBe(thrown);
    expect(rejected).toMatchObject({ cause: thrown });
    expect(rejected).not.toHaveProperty("status");
  });

  test.each([
    ["an unknown option", { scope: "read" }, /^authenticateRequest\(\) has no option "scope"/],
    [
      "a value that is not an object",
      "read",
      /^authenticateRequest\(\)'s options must be an object$/,
    ],
  ])("rejects with a TypeError for %s", async (_what, options, sentence) => {
    const attempt = auth.authenticateRequest(good(), options as object);
    await expect(attempt).rejects.toThrow(TypeError);
    await expect(auth.authenticateRequest(good(), options as object)).rejects.toThrow(sentence);
  });
});

describe("authenticateRequest at a WebSocket upgrade", () => {
  let server: Server;
  let port: number;
  const identities: (AuthenticatedUser<User> | null)[] = [];

  beforeAll(async () => {
    server = createServer();
    server.on("upgrade", (req, socket) => {
      auth.authenticateRequest(req).then(
        (identity) => {
          identities.push(identity);
          socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        },
        (error: unknown) => {
          const { status, headers } = error as AuthError;
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
          socket.end([`HTTP/1.1 ${status} Refused`, ...lines, "", ""].join("\r\n"));
        },
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const upgrade = (...lines: readonly string[]): Promise<RawResponse> =>
    sendLines(port, [
      "GET /chat HTTP/1.1",
      "Host: localhost",
      "Connection: Upgrade",
      "Upgrade: websocket",
      ...lines,
    ]);

  test("identifies the user of the socket", async () => {
    expect(await upgrade(`Authorization: Bearer ${TOKEN}`)).toMatchObject({ status: 101 });
    expect(identities).toEqual([{ user: { id: "42" }, claims: CLAIMS }]);
  });

  test.each([
    ["no token", [], 401, 'Bearer realm="api"'],
    [
      "a bad token",
      ["Authorization: Bearer x"],
      401,
      'Bearer realm="api", error="invalid_token", error_description="The access token is invalid"',
    ],
    [
      "two Authorization lines",
      [`Authorization: Bearer ${TOKEN}`, "Authorization: Basic YTpi"],
      400,
      'Bearer realm="api", error="invalid_request", error_description="The Authorization header is malformed"',
    ],
  ])("refuses %s with the status and the challenge", async (_what, lines, status, challenge) => {
    const response = await upgrade(...lines);
    expect(response.status).toBe(status);
    expect(response.headers.get("www-authenticate")).toEqual([challenge]);
    expect(response.headers.get("cache-control")).toEqual(["no-store"]);
  });
});
