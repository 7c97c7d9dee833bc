import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("./child-main.js", import.meta.url));

/** Starts a process that loads a module (a URL); `call(name, argument)` runs one of its functions there. */
export function startChild(module) {
  const child = fork(main, [module], { execArgv: ["--expose-gc"], serialization: "advanced" });
  const exited = once(child, "exit");
  return {
    async call(name, argument) {
      child.send({ name, argument });
      const [answer] = await Promise.race([once(child, "message"), exited]);
      if (typeof answer !== "object") throw new Error(`${module} exited with ${answer}`);
      if ("failure" in answer) throw new Error(answer.failure);
      return answer.result;
    },
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/** Runs one function in a new process. */
export async function callInChild(module, name, argument) {
  const child = startChild(module);
  try {
    return await child.call(name, argument);
  } finally {
    await child.stop();
  }
}
