import { randomBytes } from "node:crypto";
import { afterEach, expect, jest, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";

interface User {
  id: string;
  name: string;
  passwordHash: string;
}

const ada: User = { id: "1", name: "Ada Lovelace", passwordHash: "$argon2id$…1" };
const users = { findById: (id: string) => (id === ada.id ? ada : null) };
const secret = randomBytes(64);

const auth = createJwtStrategy({
  secret,
  lifetimeSeconds: 3600,
  findUser: (id) => users.findById(id),
  securityStamp: (user) => user.passwordHash,
});

afterEach(() => {
  jest.restoreAllMocks();
});

test("a token from before a change of the password is refused, and a later one accepted", async () => {
  const before = await auth.writeToken(ada);
  await expect(auth.readToken(before)).resolves.toBe(ada);

  ada.passwordHash = "$argon2id$…2";
  await expect(auth.readToken(before)).resolves.toBeNull();
  await expect(auth.readToken(await auth.writeToken(ada))).resolves.toBe(ada);
});
