// An open loop: requests leave when it is their time, whether or not earlier ones are answered. A
// server that stalls cannot slow the load down, and so cannot hide the stall.
import { setTimeout as sleep } from "node:timers/promises";
import { answerWith } from "../harness/child.js";
import { createClient } from "../harness/client.js";
import { createRandom } from "../harness/random.js";

const BYSTANDER_EVERY_MS = 4;
const WARM_UP = 100;
const LOGIN = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ username: "ada", password: "correct horse" }),
};

answerWith(async ({ port, seconds, loginsPerSecond }) => {
  const send = createClient(port, 128);
  const end = seconds * 1000;
  const answered = [];
  const track = (promise) => answered.push(promise);

  // Logins come as people do, at random: the gaps of a Poisson process.
  const random = createRandom(1);
  const gap = () => (-Math.log(1 - random()) * 1000) / loginsPerSecond;

  const delays = { bystander: [], login: [] };
  async function sendTimed(kind, path, options) {
    const sent = performance.now();
    const status = await send(path, options);
    if (status !== 200) throw new Error(`${path} answers ${status}`);
    delays[kind].push(performance.now() - sent);
  }

  for (let count = 0; count < WARM_UP; count++) {
    await sendTimed("bystander", "/bystander");
    await sendTimed("login", "/login", LOGIN);
  }
  delays.bystander.length = delays.login.length = 0;
  const begun = performance.now();

  async function sendLogins() {
    for (let due = gap(); due < end; due += gap()) {
      await until(due);
      track(sendTimed("login", "/login", LOGIN));
    }
  }
  async function sendBystanders() {
    for (let due = 0; due < end; due += BYSTANDER_EVERY_MS) {
      await until(due);
      track(sendTimed("bystander", "/bystander"));
    }
  }
  async function until(due) {
    const wait = due - (performance.now() - begun);
    if (wait > 0) await sleep(wait);
  }

  await Promise.all([sendLogins(), sendBystanders()]);
  await Promise.all(answered);
  return { bystanderDelays: delays.bystander, loginDelays: delays.login };
});
