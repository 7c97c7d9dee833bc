import { expect } from "@jest/globals";
import type { AuthErrorReason, RequestStrategy } from "express-jwt-strategy";
import express from "express";
import request, { type Test } from "supertest";
import { expectRefusal } from "./expect-refusal.ts";
import { createRequest } from "./request.ts";

/** An app with one route behind a strategy that reads tokens from `Authorization: Bearer`. */
export interface GuardedApp {
  get(token: string): Test;
  /** Expects a 200 with the `sub` of the token as its body. */
  accepts(token: string, sub?: string): Promise<void>;
  /** Expects a 401 with this reason. */
  refuses(token: string, reason: AuthErrorReason): Promise<void>;
}

export function createGuardedApp(
  auth: RequestStrategy<unknown, { readonly sub: string }>,
): GuardedApp {
  const app = express().get("/", auth.authenticate(), (req, res) => {
    res.json(auth.currentClaims(req).sub);
  });
  const get = (token: string): Test => request(app).get("/").set("Authorization", bearer(token));
  return {
    get,
    async accepts(token, sub = "42") {
      await get(token).expect(200, JSON.stringify(sub));
    },
    async refuses(token, reason) {
      const description = reason === "token_expired" ? "The access token expired" : undefined;
      await expectRefusal(get(token), 401, "invalid_token", description);
      const req = createRequest("GET", { authorization: bearer(token) });
      await expect(auth.authenticateRequest(req)).rejects.toMatchObject({ reason });
    },
  };
}

function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Decodes a segment of an issued token. */
export function decodeSegment(token: string, index: 0 | 1): Record<string, unknown> {
  const segment = token.split(".")[index] ?? "";
  return JSON.parse(Buffer.from(segment, "base64url").toString()) as Record<string, unknown>;
}
