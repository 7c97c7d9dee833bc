// The users of the examples: the demo's user store, in memory.
import { openDatabase } from "./server/users/database.ts";
import { addDemoUsers } from "./server/users/demo-users.ts";
import { createUserStore, type UserStore } from "./server/users/user-store.ts";

export type { User } from "./server/users/user-store.ts";

export const users: UserStore = createUserStore(await openDatabase(":memory:"));

await addDemoUsers(users); // ada@example.com / analytical-engine, grace@example.com / nanosecond-wire
