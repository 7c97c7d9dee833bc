// An Express app in a process of its own. The first two functions return the port.
import { once } from "node:events";
import express from "express";
import { logins } from "../contenders/logins.js";
import { contenders } from "../contenders/middleware.js";

const sendHello = (req, res) => res.json({ hello: "world" });

export async function startGuarded({ name, setup }) {
  const app = express();
  // The open route comes first: the router tries its routes in order.
  app.get("/open", sendHello);
  app.get("/guarded", await contenders[name](setup), sendHello);
  return listen(app);
}

export function startLogin({ name, setup }) {
  const app = express();
  app.get("/bystander", sendHello);
  app.post("/login", ...logins[name](setup));
  return listen(app);
}

export function readCpu() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function listen(app) {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}
