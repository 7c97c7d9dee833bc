import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { expectRefusal } from "../../support/expect-refusal.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const ada = { id: "1", name: "Ada Lovelace", passwordHash: "$argon2id$…1", isActive: true };
const credentials = { username: "ada", password: "a password" };
const secret = randomBytes(64);

const shared = {
  secret,
  findUser: (id: string) => (id === ada.id ? ada : null),
  securityStamp: (user: typeof ada) => user.passwordHash,
};

const session = createJwtStrategy({
  ...shared,
  tokenAudience: "session",
  lifetimeSeconds: 7 * 24 * 3600,
  maxSessionSeconds: 30 * 24 * 3600,
  renewAfterFraction: 0.5,
  transport: cookieTransport({ cookieName: "__Host-refresh", cookieSameSite: "strict" }),
  verifyCredentials: ({ username, password }) =>
    username === credentials.username && password === credentials.password ? ada : null,
});

const api = createJwtStrategy({ ...shared, tokenAudience: "api", lifetimeSeconds: 300 });

const app = express();
app.post("/auth/login", session.login);
app.post("/auth/token", session.authenticate(), async (req, res) => {
  const token = await api.writeToken(session.currentUser(req));
  res.set("Cache-Control", "no-store");
  res.json({ access_token: token, token_type: "bearer", expires_in: 300 });
});
app.get("/me", api.authenticate(), (req, res) => {
  res.send(api.currentUser(req).name);
});

let now: number;
let cookie: string;

beforeEach(async () => {
  now = Date.now();
  jest.spyOn(Date, "now").mockImplementation(() => now);
  const login = await request(app).post("/auth/login").send(credentials).expect(204);
  cookie = readCookie(login);
});

afterEach(() => {
  jest.restoreAllMocks();
  Object.assign(ada, { passwordHash: "$argon2id$…1", isActive: true });
});

function readCookie(response: request.Response): string {
  return response.get("Set-Cookie")?.[0]?.split(";", 1)[0] ?? "";
}

const expectExpired = (expired: request.Test): Promise<void> =>
  expectRefusal(expired, 401, "invalid_token", "The access token expired");

const requestToken = (): request.Test => request(app).post("/auth/token").set("Cookie", cookie);

async function getAccessToken(): Promise<string> {
  const response = await requestToken().expect(200);
  return (response.body as { access_token: string }).access_token;
}

const getMe = (token: string): request.Test =>
  request(app).get("/me").auth(token, { type: "bearer" });

test("a client with the cookie gets access tokens of five minutes", async () => {
  const response = await requestToken()
    .expect(200, /"token_type":"bearer","expires_in":300/)
    .expect("Cache-Control", "no-store");
  expect(response.get("Set-Cookie")).toBeUndefined();
  const { access_token: token } = response.body as { access_token: string };
  await getMe(token).expect(200, ada.name);

  now += 5 * MINUTE;
  await expectExpired(getMe(token));
  await getMe(await getAccessToken()).expect(200, ada.name);
});

test("neither token is accepted instead of the other", async () => {
  const access = await getAccessToken();
  const refresh = cookie.slice("__Host-refresh=".length);
  await expectRefusal(getMe(refresh), 401, "invalid_token");
  await expectRefusal(request(app).get("/me").set("Cookie", cookie), 401);
  cookie = `__Host-refresh=${access}`;
  await expectRefusal(requestToken(), 401, "invalid_token");
});

test("a client that returns each week stays logged in for at most 30 days", async () => {
  const start = now;
  for (let day = 6; day < 30; day += 6) {
    now = start + day * DAY;
    const response = await requestToken().expect(200).expect("Cache-Control", "no-store");
    cookie = readCookie(response);
    expect(cookie).toMatch(/^__Host-refresh=./);
  }
  now = start + 30 * DAY;
  await expectExpired(requestToken());
});

test("a replaced refresh token works until it expires: its reuse is not detected", async () => {
  now += 4 * DAY;
  const response = await requestToken().expect(200);
  expect(readCookie(response)).not.toBe(cookie);
  await requestToken().expect(200);
  now += 3 * DAY;
  await expectExpired(requestToken());
});

test("a new password ends the session and the access tokens", async () => {
  const token = await getAccessToken();
  ada.passwordHash = "$argon2id$…2";
  await expectRefusal(getMe(token), 401, "invalid_token");
  await expectRefusal(requestToken(), 401, "invalid_token");
});

test("a deactivated user is refused immediately, with either token", async () => {
  const token = await getAccessToken();
  ada.isActive = false;
  await expectRefusal(getMe(token), 401, "invalid_token");
  await expectRefusal(requestToken(), 401, "invalid_token");
});

test("a page of another site gets no access token", async () => {
  await requestToken().set("Sec-Fetch-Site", "cross-site").expect(403);
});
