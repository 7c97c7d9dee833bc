import { randomBytes } from "node:crypto";
import { afterEach, expect, jest, test } from "@jest/globals";
import { createJwtStrategy } from "express-jwt-strategy";

const ada = { id: "1", name: "Ada Lovelace", tokensValidFrom: 0 };
const users = new Map([[ada.id, ada]]);
const secret = randomBytes(64);

const lifetimeSeconds = 3600;
const auth = createJwtStrategy({
  secret,
  lifetimeSeconds,
  findUser(id, claims) {
    const user = users.get(id);
    const issuedAt = claims.exp! - lifetimeSeconds;
    return user && issuedAt > user.tokensValidFrom ? user : null;
  },
});

afterEach(() => {
  jest.restoreAllMocks();
});

test("a token from before the user's cut is refused, one from after it accepted", async () => {
  const clock = jest.spyOn(Date, "now").mockReturnValue(1_800_000_000_000);
  const before = await auth.writeToken(ada);
  await expect(auth.readToken(before)).resolves.toBe(ada);

  clock.mockReturnValue(1_800_000_010_000);
  ada.tokensValidFrom = Math.floor(Date.now() / 1000); // "log out everywhere"
  await expect(auth.readToken(before)).resolves.toBeNull();

  clock.mockReturnValue(1_800_000_011_000);
  await expect(auth.readToken(await auth.writeToken(ada))).resolves.toBe(ada);
});
