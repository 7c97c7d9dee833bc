// Questions and answers between the run and a process of its own.
import { fork } from "node:child_process";

/** fast-jwt warns of the way its cache is set up "at best" (bench/README.md says why it is here all the same). */
const KNOWN_WARNINGS = ["--disable-warning=FAST_JWT_CACHE_KEY_BUILDER_SECURITY_RISK"];

/** Starts a script as a process. `ask(question)` gives its answer; `stop()` ends it. */
export function startChild(script, execArgv = []) {
  const child = fork(script, {
    execArgv: [...KNOWN_WARNINGS, ...execArgv],
    serialization: "advanced",
  });
  const waiting = [];
  const failAll = (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  child.on("message", ({ answer, failure }) => {
    const { resolve, reject } = waiting.shift();
    if (failure === undefined) resolve(answer);
    else reject(new Error(failure));
  });
  child.on("error", failAll);
  const ended = new Promise((resolve) => child.on("exit", resolve));
  ended.then((code) => failAll(new Error(`${script} ended with code ${code}`)));

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.send(question);
      }),
    stop() {
      child.kill();
      return ended;
    },
  };
}

/** One question to a fresh process. */
export async function askFresh(script, question, execArgv) {
  const child = startChild(script, execArgv);
  try {
    return await child.ask(question);
  } finally {
    await child.stop();
  }
}

/** The other side: answers each question, one after the other. Ends with the run. */
export function answerWith(answerQuestion) {
  let previous = Promise.resolve();
  process.on("message", (question) => {
    previous = previous
      .then(() => answerQuestion(question))
      .then(
        (answer) => process.send({ answer }),
        (error) => process.send({ failure: error.stack }),
      );
  });
  process.on("disconnect", () => process.exit());
}
