import { bearerTransport, cookieTransport, type Transport } from "express-jwt-strategy";

type Headers = Record<string, string>;

/** The ways to carry a token: a name, the transport, and the header that carries it. */
export const transports: readonly (readonly [string, Transport, (token: string) => Headers])[] = [
  [
    "bearerTransport",
    bearerTransport(),
    (token: string): Headers => ({ Authorization: `Bearer ${token}` }),
  ],
  [
    "cookieTransport",
    cookieTransport(),
    (token: string): Headers => ({ Cookie: `fastapiusersauth=${token}` }),
  ],
];
