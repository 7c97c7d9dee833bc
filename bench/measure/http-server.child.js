// An Express app with one route behind a contender and the same route without.
import express from "express";
import { contenderById, loadContender } from "../contenders/index.js";
import { answerWith } from "../harness/child.js";
import { listen } from "../harness/listen.js";

const questions = {
  async start({ id, setup }) {
    const make = await loadContender(contenderById(id));
    const app = express();
    const answer = (req, res) => res.json({ hello: "world" });
    // First the one without authentication: the router tries its routes in turn, which must not
    // count in favour of the other.
    app.get("/open", answer);
    app.get("/guarded", make(setup), answer);
    return listen(app);
  },
  cpu: () => process.cpuUsage(),
};

answerWith(({ type, ...question }) => questions[type](question));
