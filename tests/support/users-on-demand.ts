import { createJwtStrategy, type JwtStrategy } from "express-jwt-strategy";
import { forge, goodClaims } from "./forge.ts";
import { hmacSecret, signingKey } from "./keys.ts";

export interface User {
  readonly id: string;
}

export function bearer(sub: string): string {
  return `Bearer ${forge("HS256", signingKey("HS256"), goodClaims({ sub }))}`;
}

/** A strategy that finds a user when the test calls the user's function in `finds`. */
export function strategyOnDemand(cacheSize?: number): {
  auth: JwtStrategy<User>;
  finds: Map<string, () => void>;
} {
  const finds = new Map<string, () => void>();
  const auth = createJwtStrategy<User>({
    secret: hmacSecret,
    lifetimeSeconds: 3600,
    cacheSize,
    findUser: (id) =>
      new Promise((resolve) => {
        finds.set(id, () => resolve({ id }));
      }),
  });
  return { auth, finds };
}

/** Shuffles into an order that is the same in every run. */
export function shuffle<T>(items: readonly T[]): T[] {
  const PRIME = 7919;
  return items
    .map((item, index) => ({ item, rank: (index * PRIME) % items.length }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
