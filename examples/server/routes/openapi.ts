// The OpenAPI document: the handlers of the strategy, and the server's own routes.
import type { JwtStrategy } from "express-jwt-strategy";
import { describeStrategy } from "express-jwt-strategy/openapi";
import type { User } from "../users/user-store.ts";

const GUARDED_RESPONSES = {
  "401": { $ref: "#/components/responses/Unauthorized" },
  "400": { $ref: "#/components/responses/BadRequest" },
};
const FORBIDDEN = { "403": { $ref: "#/components/responses/Forbidden" } };

/** The additional responses of the login throttle. */
const THROTTLE_RESPONSES = {
  "429": {
    description: "There were too many attempts from this address or for this account.",
    headers: {
      "Retry-After": {
        description: "After how many seconds to try again.",
        schema: { type: "integer" },
      },
    },
    content: { "application/json": { schema: { $ref: "#/components/schemas/AuthErrorBody" } } },
  },
  "503": {
    description: "Attempts cannot be counted at the moment, so nobody can log in.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/AuthErrorBody" } } },
  },
};

interface Operation {
  readonly summary: string;
  readonly success: string;
  readonly status?: string;
  readonly more?: object;
}

export function describeServer(auth: JwtStrategy<User>): object {
  const { components, paths, security } = describeStrategy(auth, {
    loginPath: "/auth/login",
    logoutPath: "/auth/logout",
    refreshPath: "/auth/refresh",
  });
  const login = paths["/auth/login"]?.post;
  if (login !== undefined) Object.assign(login.responses, THROTTLE_RESPONSES);

  function guarded({ summary, success, status = "200", more }: Operation): object {
    const responses = {
      [status]: { description: success, content: { "application/json": {} } },
      ...GUARDED_RESPONSES,
      ...more,
    };
    return { tags: ["resources"], summary, security, responses };
  }

  return {
    openapi: "3.1.1",
    info: {
      title: "express-jwt-strategy demo",
      version: "1.0.0",
      description:
        "Press **Authorize**, log in with an e-mail and a password, then try the routes.",
    },
    components,
    paths: {
      ...paths,
      "/me": { get: guarded({ summary: "Who am I?", success: "The user of the token." }) },
      "/admin": {
        get: guarded({ summary: "For superusers", success: "A welcome.", more: FORBIDDEN }),
      },
      "/notes": {
        get: guarded({
          summary: "Needs the scope notes:read",
          success: "The notes.",
          more: FORBIDDEN,
        }),
        post: guarded({
          summary: "Needs the scope notes:write",
          success: "Written.",
          status: "201",
          more: FORBIDDEN,
        }),
      },
    },
  };
}
