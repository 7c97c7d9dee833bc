import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "../harness/child.js";
import { openConnection } from "../harness/connection.js";
import { mapValues, quantile, summarize } from "../harness/statistics.js";

const serverModule = import.meta.resolve("./server.child.js");
const LOGIN_MS = 10;
const BYSTANDER_MS = 4;
const WARM_UP = 100;
const BODY = JSON.stringify({ username: "ada", password: "correct horse" });
const BODY_HEADERS = `Content-Type: application/json\r\nContent-Length: ${BODY.length}`;

/**
 * Milliseconds that a request which has nothing to do with logins takes while others log in: the 99th
 * percentile of each round.
 */
export async function measureLogins(setups, { rounds, seconds }) {
  const p99s = mapValues(setups, () => ({ "express-jwt-strategy": [], jsonwebtoken: [] }));
  for (let turn = 0; turn < rounds; turn++) {
    for (const [key, setup] of Object.entries(setups)) {
      for (const [name, list] of Object.entries(p99s[key])) {
        const server = startChild(serverModule);
        try {
          const port = await server.call("startLogin", { name, setup });
          list.push(quantile(await sendLoad(port, seconds), 0.99));
        } finally {
          await server.stop();
        }
      }
    }
  }
  return mapValues(p99s, (byName) => mapValues(byName, summarize));
}

/**
 * Sends 100 logins a second at random times, and returns how long each bystander waited. Requests
 * leave when they are due, whether or not earlier ones are answered: a server that stalls cannot slow
 * the load down and so hide the stall.
 */
async function sendLoad(port, seconds) {
  const idle = [];
  async function send(...request) {
    const connection = idle.pop() ?? (await openConnection(port));
    await connection(...request);
    idle.push(connection);
  }
  const logIn = () => send("POST", "/login", BODY_HEADERS, BODY);
  const delays = [];
  async function standBy() {
    const sent = performance.now();
    await send("GET", "/bystander", "Accept: */*");
    delays.push(performance.now() - sent);
  }

  for (let count = 0; count < WARM_UP; count++) await Promise.all([logIn(), standBy()]);
  delays.length = 0;

  const begin = performance.now();
  async function sendAll(request, nextGap) {
    const sent = [];
    for (let due = nextGap(); due < seconds * 1000; due += nextGap()) {
      await sleep(Math.max(0, begin + due - performance.now()));
      sent.push(request());
    }
    await Promise.all(sent);
  }
  await Promise.all([
    sendAll(logIn, () => -Math.log(1 - Math.random()) * LOGIN_MS), // a Poisson process
    sendAll(standBy, () => BYSTANDER_MS),
  ]);
  return delays;
}
