// Two users for the demo. main.ts does not call this with NODE_ENV=production.
import type { NewUser, UserStore } from "./user-store.ts";

export const DEMO_USERS: readonly NewUser[] = [
  { email: "ada@example.com", password: "analytical-engine" },
  { email: "grace@example.com", password: "nanosecond-wire", isSuperuser: true },
];

/** Adds the demo users if there are no users. Returns the demo users that exist. */
export async function addDemoUsers(users: UserStore): Promise<readonly NewUser[]> {
  if (await users.isEmpty()) await Promise.all(DEMO_USERS.map((user) => users.add(user)));
  const found = await Promise.all(DEMO_USERS.map(({ email }) => users.findByEmail(email)));
  return DEMO_USERS.filter((_user, index) => found[index] !== null);
}
