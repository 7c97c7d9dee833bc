import express from "express";
import { answerWith } from "../harness/child.js";
import { listen } from "../harness/listen.js";
import { logins } from "./logins.js";

answerWith(async ({ id, setup }) => {
  const { make } = logins.find((login) => login.id === id);
  const app = express();
  app.get("/bystander", (req, res) => res.json({ hello: "world" }));
  app.post("/login", ...(await make(setup)));
  return listen(app);
});
