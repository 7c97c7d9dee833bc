// The output of `npm start`: the URL to open, and commands for another terminal.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { KeySource } from "./auth/keys.ts";
import type { NewUser } from "./users/user-store.ts";

export interface StartMessageParts {
  readonly server: Server;
  readonly keys: Pick<KeySource, "origin">;
  readonly demoUsers: readonly NewUser[];
}

const KEY_ORIGINS = {
  JWT_SECRET: "Tokens are signed with JWT_SECRET.",
  JWT_KEYS_FILE: "Tokens are signed with the first key of JWT_KEYS_FILE.",
  random:
    "JWT_SECRET is not set: a random secret was made, and tokens are invalid after a restart.",
};

export function describeStart({ server, keys, demoUsers }: StartMessageParts): string {
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const [user] = demoUsers;
  const users = demoUsers.map(
    ({ email, password, isSuperuser }) =>
      `  ${email} / ${password}${isSuperuser ? "  (superuser)" : ""}`,
  );
  return `
Page              ${url}
API documentation ${url}/docs

${KEY_ORIGINS[keys.origin]}
${user === undefined ? "There are no demo users: the database has users of its own." : ["Users:", ...users].join("\n")}
${user === undefined ? "" : describeCommands(url, user)}
Ctrl+C stops the server.
`;
}

function describeCommands(url: string, { email, password }: NewUser): string {
  return `
Paste into another terminal:

  # log in, with a form or with JSON
  TOKEN=$(curl -s ${url}/auth/login -d username=${email} -d password=${password} | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl -i ${url}/auth/login -H 'Content-Type: application/json' -d '{"username":"${email}","password":"${password}"}'

  # who am I
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"
  curl -i ${url}/me

  # not for this user
  curl -i ${url}/admin -H "Authorization: Bearer $TOKEN"

  # a new token before this one expires
  curl -i -X POST ${url}/auth/refresh -H "Authorization: Bearer $TOKEN"

  # log out: 204, and the token stays valid until it expires, as every JWT does
  curl -i -X POST ${url}/auth/logout -H "Authorization: Bearer $TOKEN"
  curl -i ${url}/me -H "Authorization: Bearer $TOKEN"
`;
}
