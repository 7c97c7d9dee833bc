import { bearerTransport, cookieTransport, type Transport } from "express-jwt-strategy";

type Headers = Record<string, string>;

/** The transports: a name, the transport, and the header that sends a token. */
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
