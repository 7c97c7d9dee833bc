import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createJwtStrategy, type JwtStrategy } from "express-jwt-strategy";
import vectors from "../vectors/fastapi-users.json" with { type: "json" };

/** A user with only the id that the token contains. */
interface User {
  readonly id: string;
}

interface TokenConfig {
  readonly algorithm: keyof typeof vectors.keys;
  readonly lifetimeSeconds: number | null;
  readonly tokenAudience?: readonly string[];
}

interface MintedVector extends TokenConfig {
  readonly tokenAudience: readonly string[];
  readonly userId: string;
  readonly token: string;
}

interface ReadVector {
  readonly name: string;
  readonly token: string;
  /** The user's id, `null`, or that fastapi-users raises an exception. */
  readonly fastapiUsers: string | null;
  /** Our result if it differs on purpose. */
  readonly ours?: string;
}

function createStrategy(config: TokenConfig): JwtStrategy<User> {
  const { algorithm, lifetimeSeconds, tokenAudience } = config;
  return createJwtStrategy({
    algorithm,
    lifetimeSeconds,
    tokenAudience,
    secret: vectors.keys[algorithm].private,
    findUser: (id) => ({ id }),
  });
}

async function readUserId(token: string, lifetimeSeconds: number | null): Promise<string | null> {
  const user = await createStrategy({ algorithm: "HS256", lifetimeSeconds }).readToken(token);
  return user?.id ?? null;
}

beforeEach(() => {
  jest.spyOn(Date, "now").mockReturnValue(vectors.now * 1000);
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a token of fastapi-users", () => {
  const minted = vectors.minted.map(
    (vector) => [`${vector.algorithm}, ${vector.userId}`, vector as MintedVector] as const,
  );

  test("exists for every algorithm", () => {
    expect(new Set(minted.map(([, { algorithm }]) => algorithm))).toEqual(
      new Set(Object.keys(vectors.keys)),
    );
  });

  test.each(minted)("is equal to the token of this package (%s)", async (_name, vector) => {
    const token = await createStrategy(vector).writeToken({ id: vector.userId });
    const isDeterministic = /^[HR]S/.test(vector.algorithm);
    // Signatures of PS* and ES* are random.
    const comparable = (text: string): string =>
      isDeterministic ? text : text.slice(0, text.lastIndexOf("."));
    expect(comparable(token)).toBe(comparable(vector.token));
  });

  test.each(minted)("is accepted (%s)", async (_name, vector) => {
    expect(await createStrategy(vector).readToken(vector.token)).toEqual({ id: vector.userId });
  });
});

const NO_EXPIRY = "null if lifetimeSeconds is a number; the user if it is null";

describe("a token that fastapi-users has accepted or refused", () => {
  const read: readonly ReadVector[] = vectors.read;
  const sameVerdict = read.filter(({ ours }) => ours === undefined);
  const refused = read.filter(({ ours }) => ours?.startsWith("null") && ours !== NO_EXPIRY);
  const noExpiry = read.filter(({ ours }) => ours === NO_EXPIRY);

  test("is in one of the groups below", () => {
    expect(sameVerdict.length + refused.length + noExpiry.length).toBe(read.length);
    expect(noExpiry.map(({ name }) => name)).toEqual(["no exp"]);
  });

  test.each(sameVerdict)("has the same result here: $name", async ({ token, fastapiUsers }) => {
    expect(await readUserId(token, 3600)).toBe(fastapiUsers);
  });

  test.each(refused)("is refused here on purpose: $name, $ours", async ({ token }) => {
    expect(await readUserId(token, 3600)).toBeNull();
  });

  test.each(noExpiry)("is refused only if lifetimeSeconds is a number: $name", async (vector) => {
    expect(await readUserId(vector.token, 3600)).toBeNull();
    expect(await readUserId(vector.token, null)).toBe(vector.fastapiUsers);
  });
});

describe("a missing token", () => {
  test.each([null, undefined])("has no user, like read_token(None): %s", async (token) => {
    const strategy = createStrategy({ algorithm: "HS256", lifetimeSeconds: 3600 });
    await expect(strategy.readToken(token)).resolves.toBeNull();
  });
});
