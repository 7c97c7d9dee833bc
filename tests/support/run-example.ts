import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export interface RunningExample {
  readonly url: string;
  /** Waits until the example has printed this text. Returns its whole output. */
  printed(text: string): Promise<string>;
  /** Sends a signal, waits until the process exits, and returns the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

const running: (() => Promise<void>)[] = [];

/** Runs an example in its own process, and waits until it listens on its ports. */
export async function runExample(
  name: string,
  ports: Readonly<Record<string, number>>,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<RunningExample> {
  const program = spawn(process.execPath, ["--import", "tsx", `examples/${name}.ts`], {
    env: {
      ...process.env,
      ...env,
      ...Object.fromEntries(Object.entries(ports).map(([key, port]) => [key, String(port)])),
    },
  });
  const exited = once(program, "exit");
  running.push(async () => {
    program.kill("SIGKILL");
    await exited;
  });

  let output = "";
  for (const stream of [program.stdout, program.stderr]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (program.exitCode !== null) throw new Error(`${name} stopped: ${output}`);
      await delay(20);
    }
  }

  await waitFor(async () => {
    const listening = await Promise.all(Object.values(ports).map(isListening));
    return listening.every(Boolean);
  });
  return {
    url: `http://localhost:${String(ports.PORT)}`,
    async printed(text) {
      await waitFor(() => output.includes(text));
      return output;
    },
    async stop(signal) {
      program.kill(signal);
      await exited;
      return program.exitCode;
    },
  };
}

/** For `afterEach`. */
export async function stopExamples(): Promise<void> {
  await Promise.all(running.splice(0).map((stop) => stop()));
}

/** Finds a free port. */
export async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_768); // below the ephemeral ports
  const server = createServer().listen(port);
  try {
    await once(server, "listening");
  } catch {
    return freePort();
  }
  server.close();
  await once(server, "close");
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "localhost");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
