import { randomBytes } from "node:crypto";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { createJwtStrategy, dynamicStrategy, type JwtStrategy } from "express-jwt-strategy";
import express from "express";
import request from "supertest";
import type { Jwk } from "../../lib/keys/jwk.ts";
import { expectRefusal } from "../support/expect-refusal.ts";
import { generateEcPair, toJwk } from "../support/keys.ts";
import { serve, type RunningServer } from "../support/server.ts";

interface User {
  readonly id: string;
}

const ROTATIONS = 4; // the first two keys are removed again
const REQUESTS = 10;

const callbacks = {
  lifetimeSeconds: 3600,
  verifyCredentials: ({ username }: { username: string }): User => ({ id: username }),
  findUser: async (id: string): Promise<User> => Promise.resolve({ id }),
};

/** A strategy that signs with a new key, and also verifies with the previous one. */
type Rotate = () => JwtStrategy<User>;

function rotateSecrets(): Rotate {
  let current: Buffer | undefined;
  return () => {
    const previous = current;
    current = randomBytes(64);
    const secret = previous === undefined ? current : [current, previous];
    return createJwtStrategy({ ...callbacks, secret });
  };
}

function rotateSecretsWithKid(): Rotate {
  const keys: Jwk[] = [];
  return () => {
    keys.unshift({
      kty: "oct",
      kid: `key-${keys.length}`,
      k: randomBytes(64).toString("base64url"),
    });
    return createJwtStrategy({ ...callbacks, secret: keys.slice(0, 2) });
  };
}

function rotatePairs(): Rotate {
  const publicKeys: Jwk[] = [];
  return () => {
    const { privateKey, publicKey } = generateEcPair("prime256v1");
    const kid = `key-${publicKeys.length}`;
    publicKeys.unshift(toJwk(publicKey, { kid }));
    return createJwtStrategy({
      ...callbacks,
      algorithm: "ES256",
      secret: toJwk(privateKey, { kid }),
      publicKey: publicKeys.slice(0, 2),
    });
  };
}

let server: RunningServer | undefined;

afterEach(() => server?.close());

describe.each<[string, () => Rotate]>([
  ["HS256, with a list of secrets", rotateSecrets],
  ["HS256, with a list of JWKs", rotateSecretsWithKid],
  ["ES256, with JWKs", rotatePairs],
])("keys that rotate under load: %s", (_keys, startRotation) => {
  test("tokens of current keys are accepted, and tokens of removed keys are refused", async () => {
    const next = startRotation();
    let current = next();
    const auth = dynamicStrategy(() => current);
    const app = express();
    app.post("/login", auth.login);
    app.get("/", auth.authenticate(), (req, res) => res.json(auth.currentUser(req).id));
    server = await serve(app);
    const { url } = server;

    async function logIn(username: string): Promise<string> {
      const body = new URLSearchParams({ username, password: "right" });
      const response = await fetch(`${url}/login`, { method: "POST", body });
      return ((await response.json()) as { access_token: string }).access_token;
    }
    const get = async (token: string): Promise<string> => {
      const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
      return `${response.status} ${await response.text()}`;
    };
    const load = (token: string): Promise<string>[] =>
      Array.from({ length: REQUESTS }, () => get(token));
    const accepted = (user: string): string[] => Array<string>(REQUESTS).fill(`200 "${user}"`);

    let [previous, latest] = ["", await logIn("user-0")];
    for (let round = 1; round <= ROTATIONS; round += 1) {
      const duringRotation = load(latest);
      await Promise.race(duringRotation); // while other requests are pending
      current = next();
      const removed = previous;
      [previous, latest] = [latest, await logIn(`user-${round}`)];

      expect(await Promise.all(duringRotation)).toEqual(accepted(`user-${round - 1}`));
      expect(await Promise.all([...load(latest), ...load(previous)])).toEqual([
        ...accepted(`user-${round}`),
        ...accepted(`user-${round - 1}`),
      ]);
      if (removed !== "") {
        // The token was cached until this rotation.
        const verdict = expectRefusal(
          request(url).get("/").auth(removed, { type: "bearer" }),
          401,
          "invalid_token",
        );
        await Promise.all([verdict, ...load(latest)]);
      }
    }
  });

  test("the first request after a rotation is verified with the new keys", async () => {
    const next = startRotation();
    let current = next();
    const app = express().get("/", dynamicStrategy(() => current).authenticate(), (_req, res) =>
      res.json("in"),
    );
    const token = await current.writeToken({ id: "42" });
    const me = (): request.Test => request(app).get("/").auth(token, { type: "bearer" });

    await me().expect(200);
    current = next();
    await me().expect(200);
    current = next();
    await expectRefusal(me(), 401, "invalid_token");
    await expectRefusal(me(), 401, "invalid_token");
  });
});

test("a request that waits for its user during a rotation is finished with its first keys", async () => {
  let find = (): void => undefined;
  const before = createJwtStrategy({
    secret: randomBytes(64),
    lifetimeSeconds: 3600,
    findUser: (id) => new Promise<User>((resolve) => (find = () => resolve({ id }))),
  });
  const after = createJwtStrategy({ ...callbacks, secret: randomBytes(64) });
  let current = before;
  const auth = dynamicStrategy(() => current);
  const req = new IncomingMessage(new Socket());
  req.headers.authorization = `Bearer ${await before.writeToken({ id: "42" })}`;

  const verdict = auth.authenticateRequest(req);
  current = after;
  find();
  expect(await verdict).toMatchObject({ user: { id: "42" } });
  await expect(auth.authenticateRequest(req)).rejects.toMatchObject({ status: 401 });
});
