import { randomBytes } from "node:crypto";
import { afterEach, expect, jest, test } from "@jest/globals";
import express from "express";
import request from "supertest";
import { cookieTransport, createJwtStrategy } from "express-jwt-strategy";

const ada = { id: "1", name: "Ada Lovelace" };
const users = {
  checkPassword: (username: string, password: string) =>
    username === "ada" && password === "a password" ? ada : null,
  findById: (id: string) => (id === ada.id ? ada : null),
};
const secret = randomBytes(64);

const auth = createJwtStrategy({
  secret,
  lifetimeSeconds: 15 * 60,
  maxSessionSeconds: 12 * 60 * 60, // after half a day users log in again
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();
app.post("/auth/login", auth.login);
app.post("/auth/refresh", auth.refresh);

const pages = createJwtStrategy({
  secret,
  lifetimeSeconds: 15 * 60,
  maxSessionSeconds: 12 * 60 * 60,
  renewAfterFraction: 0.5, // authenticate() renews in the second half of a token's life
  transport: cookieTransport({ cookieName: "__Host-session" }),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const site = express();
site.post("/login", pages.login);
site.use(pages.authenticate());
site.get("/", (req, res) => {
  res.send(pages.currentUser(req).name);
});

const MINUTE = 60_000;
const credentials = { username: "ada", password: "a password" };

afterEach(() => {
  jest.restoreAllMocks();
});

test("a client that renews its token stays logged in for at most half a day", async () => {
  const login = await request(app).post("/auth/login").send(credentials).expect(200);
  let { access_token: token } = login.body as { access_token: string };
  const start = Date.now();
  const clock = jest.spyOn(Date, "now");
  for (let minutes = 10; minutes < 12 * 60; minutes += 10) {
    clock.mockReturnValue(start + minutes * MINUTE);
    const refreshed = await request(app).post("/auth/refresh").auth(token, { type: "bearer" });
    expect(refreshed.status).toBe(200);
    ({ access_token: token } = refreshed.body as { access_token: string });
  }
  clock.mockReturnValue(start + 12 * 60 * MINUTE);
  await request(app).post("/auth/refresh").auth(token, { type: "bearer" }).expect(401);
});

test("a browser stays logged in as long as it is used", async () => {
  const login = await request(site).post("/login").send(credentials).expect(204);
  const [cookie = ""] = login.get("Set-Cookie") ?? [];
  const start = Date.now();
  const clock = jest.spyOn(Date, "now").mockReturnValue(start + 5 * MINUTE);
  const early = await request(site).get("/").set("Cookie", cookie).expect(200, ada.name);
  expect(early.get("Set-Cookie")).toBeUndefined();

  clock.mockReturnValue(start + 10 * MINUTE);
  const late = await request(site).get("/").set("Cookie", cookie).expect(200, ada.name);
  const [renewed = ""] = late.get("Set-Cookie") ?? [];
  clock.mockReturnValue(start + 20 * MINUTE);
  await request(site).get("/").set("Cookie", cookie).expect(401);
  await request(site).get("/").set("Cookie", renewed).expect(200, ada.name);
});
