import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KeyObject } from "node:crypto";
import type { AsymmetricAlgorithm } from "../../lib/keys/algorithms.ts";
import { forge, goodClaims } from "./forge.ts";

/** Another service that signs tokens, and publishes its keys on a server. */
export interface Issuer {
  /** The URL of the keys. */
  readonly url: string;
  /** The number of requests for the keys. */
  readonly fetches: number;
  /** Publishes these keys from now on. */
  publish(...keys: readonly unknown[]): void;
  /** Handles requests with this listener from now on. */
  answer(listener: RequestListener): void;
  /** Closes all connections immediately. The port stays in use, so that no other test gets it. */
  closeConnections(): void;
  acceptConnections(): void;
}

const servers: Server[] = [];

export async function startIssuer(...keys: readonly unknown[]): Promise<Issuer> {
  let answer: RequestListener;
  let fetches = 0;
  let closesConnections = false;
  const server = createServer((req, res) => {
    fetches += 1;
    res.setHeader("Connection", "close"); // each fetch uses a new connection
    answer(req, res);
  }).listen(0, "127.0.0.1");
  server.on("connection", (socket) => {
    if (closesConnections) socket.destroy();
  });
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  const issuer: Issuer = {
    url: `http://127.0.0.1:${String(port)}/jwks.json`,
    get fetches() {
      return fetches;
    },
    publish(...published) {
      const body = JSON.stringify({ keys: published });
      answer = (_req, res) => res.setHeader("Content-Type", "application/jwk-set+json").end(body);
    },
    answer(listener) {
      answer = listener;
    },
    closeConnections() {
      closesConnections = true;
    },
    acceptConnections() {
      closesConnections = false;
    },
  };
  issuer.publish(...keys);
  return issuer;
}

/** For `afterEach`. */
export async function stopIssuers(): Promise<void> {
  await Promise.all(
    servers.splice(0).map(async (server) => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    }),
  );
}

/** A forged, valid token with the kid of its key. */
export function forgeWithKid(algorithm: AsymmetricAlgorithm, key: KeyObject, kid: unknown): string {
  return forge(algorithm, key, goodClaims(), { alg: algorithm, typ: "JWT", kid });
}
