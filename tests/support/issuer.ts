import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KeyObject } from "node:crypto";
import type { Jwk } from "../../lib/keys/jwk.ts";
import type { AsymmetricAlgorithm } from "../../lib/keys/algorithms.ts";
import { forge, goodClaims } from "./forge.ts";

/** Somebody else who signs tokens, and publishes the keys on a server of their own. */
export interface Issuer {
  /** Where the keys are. */
  readonly url: string;
  /** How often the keys were asked for. */
  readonly fetches: number;
  /** Publishes these keys from now on. */
  publish(...keys: readonly unknown[]): void;
  /** Answers so from now on, whatever it is. */
  answer(listener: RequestListener): void;
  /** Closes every connection at once. The port stays taken, or another test might be given it. */
  goAway(): void;
  comeBack(): void;
}

const servers: Server[] = [];

export async function startIssuer(...keys: readonly unknown[]): Promise<Issuer> {
  let answer: RequestListener;
  let fetches = 0;
  let isAway = false;
  const server = createServer((req, res) => {
    fetches += 1;
    res.setHeader("Connection", "close"); // nothing of one fetch is left for the next
    answer(req, res);
  }).listen(0, "127.0.0.1");
  server.on("connection", (socket) => {
    if (isAway) socket.destroy();
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
    goAway() {
      isAway = true;
    },
    comeBack() {
      isAway = false;
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

/** A key as a JWK, with more members. */
export function toJwk(key: KeyObject, members: object = {}): Jwk {
  return { ...key.export({ format: "jwk" }), ...members };
}

/** A good token, forged, that names the key it was signed with. */
export function forgeWithKid(algorithm: AsymmetricAlgorithm, key: KeyObject, kid: unknown): string {
  return forge(algorithm, key, goodClaims(), { alg: algorithm, typ: "JWT", kid });
}
