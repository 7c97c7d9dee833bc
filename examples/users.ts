// A user table in memory, in place of your database.
import { randomUUID } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

export interface User {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  isActive: boolean;
  isVerified: boolean;
  isSuperuser: boolean;
}

/** Checked when the user is unknown: a login takes as long, and tells nobody who has an account. */
const hashOfNobody = hash(randomUUID());

// A Map, and no plain object: an id may be "__proto__".
const usersById = new Map<string, User>();

export const users = {
  async add(email: string, name: string, password: string, isSuperuser = false): Promise<User> {
    const user: User = {
      id: randomUUID(),
      email,
      name,
      passwordHash: await hash(password), // argon2id
      isActive: true,
      isVerified: true,
      isSuperuser,
    };
    usersById.set(user.id, user);
    return user;
  },

  findById(id: string): User | null {
    return usersById.get(id) ?? null;
  },

  async checkPassword(email: string, password: string): Promise<User | null> {
    const user = [...usersById.values()].find((one) => one.email === email);
    const matches = await verify(user?.passwordHash ?? (await hashOfNobody), password);
    return matches && user !== undefined ? user : null;
  },
};

await users.add("ada@example.com", "Ada Lovelace", "analytical-engine");
await users.add("grace@example.com", "Grace Hopper", "nanosecond-wire", true);
