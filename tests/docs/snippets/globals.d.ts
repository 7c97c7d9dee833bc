// Declarations that the snippets of the guides use but do not contain.
import type { Express } from "express";
import type { JwtStrategy } from "express-jwt-strategy";

declare global {
  interface User {
    id: string;
    email: string;
    tenantId: string;
    passwordHash: string;
    passwordChangedAt: Date;
    tokenVersion: number;
    isActive: boolean;
    isVerified: boolean;
    isSuperuser: boolean;
  }
  /** The app's database. */
  const users: {
    checkPassword(email: string, password: string): Promise<User | null>;
    findById(id: string): Promise<User | null>;
  };
  const app: Express;
  const secret: string;
  const privateKey: string;
  const publicKey: string;
  const auth: JwtStrategy<User>;
}
