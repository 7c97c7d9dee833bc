// The steps of the fleet. Each runs under load, so that failed requests are noticed.
import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createClient, Tally, type Client } from "./client.ts";
import { ATTEMPTS_PER_ACCOUNT, type Fleet } from "./fleet.ts";
import { generateKey, getUnverifiedKid } from "./keys-file.ts";
import { waitUntil } from "./processes.ts";

/** A row of the table. */
export interface Result {
  readonly step: string;
  readonly tally: Tally;
  /** The number of requests that nginx has retried with another process. */
  readonly retried: number;
  /** The reason if the step has failed. */
  readonly failure?: string | undefined;
}

const CLIENTS = 8;

/** The pause between the requests of a client, so that a starting process gets CPU time. */
const PAUSE_MS = 10;

export async function logIn(client: Client, fleet: Fleet): Promise<string> {
  const answer = await client.send("POST", "/auth/login", { form: fleet.user });
  if (answer?.status !== 200) throw new Error("The login of the fleet's user failed");
  return (JSON.parse(answer.body) as { access_token: string }).access_token;
}

function judge(step: string, tally: Tally, retried: number, failure?: string): Result {
  const lost = [...tally.lost].map(([what, count]) => `${what} ×${count}`).join(", ");
  return { step, tally, retried, failure: failure ?? (lost === "" ? undefined : lost) };
}

export async function acceptEverywhere(fleet: Fleet): Promise<Result> {
  const tally = new Tally();
  const client = createClient(fleet.port);
  const token = await logIn(client, fleet);
  client.close();
  for (const port of fleet.serverPorts) {
    const direct = createClient(port);
    for (let count = 0; count < 5; count += 1) {
      tally.count(await direct.send("GET", "/me", { token }), 200);
    }
    direct.close();
  }
  return judge("a token of one process, at each of the four", tally, 0);
}

export async function throttleTogether(fleet: Fleet): Promise<Result> {
  const watched = fleet.watchNginx();
  const tally = new Tally();
  // A new account and a new address, so that attempts of earlier runs do not count.
  const address = `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;
  const client = createClient(fleet.port, address);
  const form = { username: `${randomUUID()}@example.com`, password: "wrong" };
  for (let count = 0; count < 3 * ATTEMPTS_PER_ACCOUNT; count += 1) {
    const expected = count < ATTEMPTS_PER_ACCOUNT ? 400 : 429;
    tally.count(await client.send("POST", "/auth/login", { form }), expected);
  }
  client.close();
  const { byProcess, retried } = watched();
  const failure =
    byProcess.size === fleet.serverPorts.length
      ? undefined
      : `only ${byProcess.size} processes were asked`;
  const step = `wrong logins: ${ATTEMPTS_PER_ACCOUNT} tried, then 429, across the four`;
  return judge(step, tally, retried, failure);
}

/** Starts clients that read their user repeatedly, until the returned function is called. */
async function startReaders(fleet: Fleet, tally: Tally): Promise<() => Promise<void>> {
  const client = createClient(fleet.port);
  const token = await logIn(client, fleet);
  client.close();
  let isOver = false;
  const readers = Array.from({ length: CLIENTS }, async () => {
    const reader = createClient(fleet.port);
    while (!isOver) {
      tally.count(await reader.send("GET", "/me", { token }), 200);
      await delay(PAUSE_MS);
    }
    reader.close();
  });
  const finished = Promise.all(readers);
  return async () => {
    isOver = true;
    await finished;
  };
}

export async function surviveKill(fleet: Fleet): Promise<Result> {
  const watched = fleet.watchNginx();
  const tally = new Tally();
  const stopReaders = await startReaders(fleet, tally);
  await delay(1_000);
  await fleet.stopServer(0, "SIGKILL");
  await delay(2_000); // three processes serve the requests
  await fleet.startServer(0);
  await delay(500);
  await stopReaders();
  const { retried } = watched();
  const failure = retried === 0 ? "nginx had nothing to retry: nothing was proven" : undefined;
  return judge("reads, while a process is killed and started", tally, retried, failure);
}

export async function surviveRestart(fleet: Fleet): Promise<Result> {
  const watched = fleet.watchNginx();
  const tally = new Tally();
  const stopReaders = await startReaders(fleet, tally);
  await delay(500);
  await fleet.stopServer(1, "SIGTERM");
  await fleet.startServer(1);
  await stopReaders();
  return judge("reads, while a process is stopped and started", tally, watched().retried);
}

/** Publishes the new key, signs with it, and removes the old one. All processes complete a step before the next one. */
export async function rotateKeys(fleet: Fleet): Promise<readonly Result[]> {
  const watched = fleet.watchNginx();
  const [atFleet, elsewhere] = [new Tally(), new Tally()];
  const [first, second] = [fleet.firstKey, generateKey()];
  const signedBy = new Array<unknown>(CLIENTS);
  let isOver = false;

  /** Renews a token, and sends the new one to the fleet and to the other service. */
  async function work(index: number): Promise<void> {
    const [client, other] = [createClient(fleet.port), createClient(fleet.ordersPort)];
    let token = firstToken;
    while (!isOver) {
      const renewed = await client.send("POST", "/auth/refresh", { token });
      atFleet.count(renewed, 200);
      if (renewed?.status === 200) {
        token = (JSON.parse(renewed.body) as { access_token: string }).access_token;
      }
      signedBy[index] = getUnverifiedKid(token);
      atFleet.count(await client.send("GET", "/me", { token }), 200);
      elsewhere.count(await other.send("GET", "/orders", { token }), 200);
      await delay(PAUSE_MS);
    }
    client.close();
    other.close();
  }

  async function publish(...keys: (typeof first)[]): Promise<void> {
    fleet.writeKeys(...keys);
    const kids = JSON.stringify(keys.map(({ kid }) => kid));
    for (const port of fleet.serverPorts) {
      await waitUntil(async () => JSON.stringify(await readPublishedKids(port)) === kids);
    }
  }

  await publish(first, second); // the other service fetches both keys before the second one signs
  const client = createClient(fleet.port);
  const firstToken = await logIn(client, fleet); // only once, because simultaneous logins would be throttled
  client.close();
  const workers = Array.from({ length: CLIENTS }, (_unused, index) => work(index));
  const finished = Promise.all(workers);
  finished.catch(() => undefined); // handled where it is awaited
  const isSignedBy = (key: typeof first) => (): Promise<boolean> =>
    Promise.resolve(signedBy.every((kid) => kid === key.kid));
  await waitUntil(isSignedBy(first));
  await publish(second, first);
  await waitUntil(isSignedBy(second));
  await publish(second); // all tokens of the first key have been replaced
  await delay(500);
  isOver = true;
  await finished;

  return [
    judge("renewals and reads, while the keys rotate", atFleet, watched().retried),
    judge("the same tokens at another service, by the published keys", elsewhere, 0),
  ];
}

async function readPublishedKids(port: number): Promise<unknown[]> {
  const client = createClient(port);
  const answer = await client.send("GET", "/.well-known/jwks.json");
  client.close();
  const { keys } = JSON.parse(answer?.body ?? '{"keys":[]}') as { keys: { kid?: unknown }[] };
  return keys.map(({ kid }) => kid);
}
