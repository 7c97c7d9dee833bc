import type { IncomingMessage } from "node:http";
import { AuthError } from "../errors/auth-errors.ts";
import type { TransportResponse } from "../http/response.ts";
import { checkSynchronous } from "../util/awaitable.ts";
import { isToken } from "../util/http-token.ts";
import { check, readOptions } from "../util/option-checks.ts";
import type { TransportDescription } from "./transport-description.ts";

/**
 * Where a token is read from and how it is sent. The methods that read a request take Node's own type,
 * so they also work for a WebSocket upgrade. No method may be async: a promise is a 500.
 */
export interface Transport {
  /**
   * The name of the request header that contains the token, such as `"Authorization"`. `authenticate()`
   * adds it to `Vary`, so that a shared cache does not send the page of one user to another. Default:
   * `Vary` is not changed.
   */
  readonly requestHeader?: string | undefined;
  /**
   * Checks a request before anything in it is read; `authenticate()`, `authenticateRequest()`, `login`,
   * `logout` and `refresh` call it. Returns the error that refuses the request, or `undefined`. Default:
   * no check.
   *
   * @param changesState the request changes state, whatever its method is: a login, a logout, a refresh.
   */
  protect?(req: IncomingMessage, changesState: boolean): AuthError | undefined;
  /**
   * Returns the token of a request as it was sent, not verified; `undefined` if the request has no
   * credentials, or an error if its credentials are malformed or repeated.
   */
  extractToken(req: IncomingMessage): string | AuthError | undefined;
  /**
   * Returns the response to a login or a refresh. `Cache-Control: no-store` is added.
   *
   * @param lifetimeSeconds how long the token is valid, in seconds; `null` without an end. Less than the
   * option `lifetimeSeconds` if the session ends earlier.
   * @param req the request; `undefined` for an example in `describeStrategy()`.
   */
  loginResponse(
    token: string,
    lifetimeSeconds: number | null,
    req?: IncomingMessage,
  ): TransportResponse;
  /**
   * Returns headers that send a new token with any response, for `renewAfterFraction`. Default: clients
   * get a new token only from `refresh`.
   */
  renewalHeaders?:
    | ((token: string, lifetimeSeconds: number | null) => NonNullable<TransportResponse["headers"]>)
    | undefined;
  /**
   * Returns the response to a logout. `Cache-Control: no-store` is added. If a logout is refused, its
   * `Set-Cookie` is added to the refusal, unless `protect` has refused it.
   *
   * @param req the request; `undefined` for an example in `describeStrategy()`.
   */
  logoutResponse(req?: IncomingMessage): TransportResponse;
  /** What the challenges of refusals ask for (RFC 9110 section 11.6.1). Default: `Bearer`. */
  readonly challenge?:
    | {
        /** The authentication scheme. Default `"Bearer"`. */
        readonly scheme?: string | undefined;
        /** Parameters before `realm`, in printable ASCII without quotes and backslashes. Default: none. */
        readonly parameters?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  /**
   * Describes the transport for `describeStrategy()`, which also calls `loginResponse` and
   * `logoutResponse` for examples, with an invalid token. Default: `describeStrategy()` throws a TypeError.
   *
   * @param loginPath the path of `login`, if it is described.
   */
  describe?:
    | ((lifetimeSeconds: number | null, loginPath: string | undefined) => TransportDescription)
    | undefined;
}

/** The option for the transport of a strategy. */
export interface TransportOptions {
  /** Where a token is read from and how it is sent. Default `bearerTransport()`. */
  readonly transport?: Transport | undefined;
}

/** A transport whose methods are checked, bound and fixed. */
export type BoundTransport = Readonly<
  Required<Pick<Transport, "extractToken" | "loginResponse" | "logoutResponse">> & {
    [Name in "protect" | "renewalHeaders" | "challenge" | "describe" | "requestHeader"]:
      Transport[Name] | undefined;
  }
>;

type MethodName = Exclude<keyof Transport, "requestHeader" | "challenge">;

/** Checks a transport and copies its methods, so that they cannot be replaced later. */
export function bindTransport(value: unknown): BoundTransport {
  const transport = (value ?? {}) as Transport;
  const requestHeader: unknown = transport.requestHeader;
  check(
    requestHeader === undefined || isToken(requestHeader),
    "requestHeader of the transport",
    'the name of a header, such as "Authorization"',
  );
  return Object.freeze({
    requestHeader,
    // Called for each request: the results of these two are checked where they are used.
    protect: bindOptional(transport, "protect", bind),
    extractToken: bind(transport, "extractToken"),
    loginResponse: bindSynchronous(transport, "loginResponse"),
    logoutResponse: bindSynchronous(transport, "logoutResponse"),
    renewalHeaders: bindOptional(transport, "renewalHeaders", bindSynchronous),
    challenge: copyChallenge(transport.challenge),
    describe: bindOptional(transport, "describe", bindSynchronous),
  });
}

/** The characters that RFC 9110 section 5.6.4 permits in quotes without escapes. */
const QUOTABLE = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** Checks what challenges are made of, and copies it. */
function copyChallenge(challenge: unknown): Transport["challenge"] {
  if (challenge === undefined) return undefined;
  const { scheme = "Bearer", parameters = {} } = readOptions("transport.challenge", challenge, [
    "scheme",
    "parameters",
  ]);
  check(isToken(scheme), "transport.challenge.scheme", 'an authentication scheme such as "Bearer"');
  check(
    typeof parameters === "object" &&
      parameters !== null &&
      Object.entries(parameters).every(isParameter),
    "transport.challenge.parameters",
    "names other than realm, with values of printable ASCII without quotes and backslashes",
  );
  return Object.freeze({ scheme, parameters: Object.freeze({ ...parameters }) });
}

function isParameter([name, value]: readonly [string, unknown]): boolean {
  return (
    isToken(name) &&
    name.toLowerCase() !== "realm" &&
    typeof value === "string" &&
    QUOTABLE.test(value)
  );
}

function bindOptional<Name extends MethodName>(
  transport: Transport,
  name: Name,
  bindMethod: typeof bind<Name>,
): Required<Transport>[Name] | undefined {
  return transport[name] === undefined ? undefined : bindMethod(transport, name);
}

function bindSynchronous<Name extends MethodName>(
  transport: Transport,
  name: Name,
): Required<Transport>[Name] {
  const method = bind(transport, name) as (...args: readonly unknown[]) => unknown;
  return function callMethod(...args) {
    const result = method(...args);
    checkSynchronous(result, `The transport's ${name}()`);
    return result;
  } as typeof method as Required<Transport>[Name];
}

function bind<Name extends MethodName>(
  transport: Transport,
  name: Name,
): Required<Transport>[Name] {
  const method: unknown = transport[name];
  check(
    typeof method === "function",
    "transport",
    "made by bearerTransport() or cookieTransport(), or have the methods of a Transport",
  );
  return method.bind(transport) as Required<Transport>[Name];
}

/** Throws a TypeError if `protect()` has returned neither an error nor `undefined`. */
export function checkProtectResult(result: unknown): asserts result is AuthError | undefined {
  if (result !== undefined && !(result instanceof AuthError)) {
    checkSynchronous(result, "The transport's protect()");
    throw new TypeError("The transport's protect() must return an AuthError or undefined");
  }
}
