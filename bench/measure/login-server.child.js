import express from "express";
import { answerWith } from "../harness/child.js";
import { listen } from "../harness/listen.js";
import "../harness/load-express.js";
import { logins } from "./logins.js";

/** The port, and what it took to get ready to sign: milliseconds, and bytes of the process. */
answerWith(async ({ id, setup }) => {
  const { make } = logins.find((login) => login.id === id);
  const app = express();
  app.get("/bystander", (req, res) => res.json({ hello: "world" }));
  const bytesBefore = process.memoryUsage.rss();
  const begun = performance.now();
  app.post("/login", ...(await make(setup)));
  const milliseconds = performance.now() - begun;
  const bytes = process.memoryUsage.rss() - bytesBefore;
  return { port: await listen(app), ready: { milliseconds, bytes } };
});
