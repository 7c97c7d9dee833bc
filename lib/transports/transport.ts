import type { IncomingMessage } from "node:http";
import type { TransportResponse } from "../http/response.ts";
import { AuthError } from "../errors/auth-errors.ts";
import type { TransportDescription } from "./transport-description.ts";
import { check } from "../util/option-checks.ts";

/**
 * How a token travels: where a request carries it, and how a login and a logout are answered. The
 * methods that look at a request take Node's own, so a WebSocket upgrade will do as well as an
 * Express request.
 */
export interface Transport {
  /**
   * Judges a request before anything of it is read: `authenticate()`, `authenticateRequest()`,
   * `login`, `logout` and `refresh` all ask. Returns why it is refused, or `undefined`; never a
   * promise. Left out: nothing to judge.
   *
   * @param changesState the request changes something, whatever its method says: a login, a logout,
   * a refresh.
   */
  protect?(req: IncomingMessage, changesState: boolean): AuthError | undefined;
  /**
   * The token of a request, as it was sent: nothing of it is verified. `undefined` where the request
   * carries no credentials, an error where it carries them in a way that must be refused.
   */
  extractToken(req: IncomingMessage): string | AuthError | undefined;
  /**
   * The answer to a login and to a refresh. `Cache-Control: no-store` is added.
   *
   * @param lifetimeSeconds how long the token is valid, in seconds; `null` for ever. Less than the
   * option where the session ends sooner.
   */
  loginResponse(token: string, lifetimeSeconds: number | null): TransportResponse;
  /**
   * Headers that hand the client a new token along with any answer, for `renewAfterFraction`. Left out: the
   * client can only ask for a new token, by `refresh`.
   */
  renewalHeaders?:
    | ((token: string, lifetimeSeconds: number | null) => NonNullable<TransportResponse["headers"]>)
    | undefined;
  /** The answer to a logout. `Cache-Control: no-store` is added. */
  logoutResponse(): TransportResponse;
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

/** A transport of which it is known what it can do. */
export type BoundTransport = Required<Omit<Transport, "renewalHeaders" | "describe">> & {
  readonly renewalHeaders: Transport["renewalHeaders"];
  readonly describe: Transport["describe"];
};

/** Checks what is given as a transport, and takes its methods: none can be exchanged later. */
export function bindTransport(value: unknown): BoundTransport {
  const transport = (value ?? {}) as Transport;
  const protect = transport.protect === undefined ? noProtection : bind(transport, "protect");
  return Object.freeze({
    protect(req: IncomingMessage, changesState: boolean) {
      const refused: unknown = protect(req, changesState);
      if (refused === undefined || refused instanceof AuthError) return refused;
      throw new TypeError("The transport's protect() must return an AuthError or undefined");
    },
    extractToken: bind(transport, "extractToken"),
    loginResponse: bind(transport, "loginResponse"),
    logoutResponse: bind(transport, "logoutResponse"),
    renewalHeaders:
      transport.renewalHeaders === undefined ? undefined : bind(transport, "renewalHeaders"),
    describe: transport.describe === undefined ? undefined : bind(transport, "describe"),
  });
}

function bind<Name extends keyof Transport>(
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

function noProtection(): undefined {
  return undefined;
}
