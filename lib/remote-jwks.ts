import { createRemoteJWKSet, customFetch, errors } from "jose";
import { debug } from "./util/debug.ts";
import type { AsymmetricAlgorithm } from "./keys/algorithms.ts";
import { importPublicKey } from "./keys/key-pair.ts";
import type { KeySet } from "./keys/key-set.ts";
import { createRemoteKeySet, type RemoteKeySet } from "./keys/remote-key-set.ts";
import {
  KeysUnavailableError,
  type KeysUnavailableReason,
} from "./errors/keys-unavailable-error.ts";
import type { KeyEntry } from "./keys/key-entry.ts";
import type { Jwk } from "./keys/jwk.ts";
import { check, checkBoolean, checkNumber, readOptions } from "./util/option-checks.ts";

/** The options of `remoteJwks()`. Times are in seconds. */
export interface RemoteJwksOptions {
  /** How long keys are used before they are fetched again, 1 to 86,400. Default 600. */
  readonly cacheMaxAgeSeconds?: number | undefined;
  /**
   * How long after a fetch a token that names an unknown key is refused (401) without another fetch, 1 to
   * 3,600. While the issuer fails it is asked at most once a second, and such tokens are a 503. Default 30.
   */
  readonly cooldownSeconds?: number | undefined;
  /** How long the issuer may take to answer, 0.1 to 60. Default 5. */
  readonly timeoutSeconds?: number | undefined;
  /** `true` allows `http:` beyond this machine: whoever can change what travels there can be anyone. Default `false`. */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

const OPTION_NAMES = [
  "cacheMaxAgeSeconds",
  "cooldownSeconds",
  "timeoutSeconds",
  "dangerouslyAllowHttp",
] as const;

/** How long an issuer is not asked again after a failure. */
const RETRY_AFTER_SECONDS = 1;

/** Large issuers publish ten keys in 20 KB: more than this would block the event loop or fill the memory. */
const MAX_KEYS = 100;
const MAX_BYTES = 1024 * 1024;

/**
 * The public keys that an issuer publishes (RFC 7517 section 5), for `publicKey`: fetched when the first
 * token arrives, again when they are old, and when a token names a key that is not among them. What
 * fits the algorithm is used, under the same checks as a key of one's own. Needs the package `jose`.
 *
 * While the issuer cannot be reached and the known keys are too old, requests with a token fail with a
 * {@link KeysUnavailableError} (503), through `next`. Throws a TypeError that names the option and the fix.
 */
export function remoteJwks(url: string | URL, options: RemoteJwksOptions = {}): RemoteKeySet {
  const {
    cacheMaxAgeSeconds = 600,
    cooldownSeconds = 30,
    timeoutSeconds = 5,
    dangerouslyAllowHttp = false,
  } = readOptions("remoteJwks", options, OPTION_NAMES);
  checkNumber(cacheMaxAgeSeconds, "cacheMaxAgeSeconds", 1, 86_400);
  checkNumber(cooldownSeconds, "cooldownSeconds", 1, 3_600);
  checkNumber(timeoutSeconds, "timeoutSeconds", 0.1, 60);
  checkBoolean(dangerouslyAllowHttp, "dangerouslyAllowHttp");

  const issuerUrl = readUrl(url, dangerouslyAllowHttp);
  const request = (): Promise<string> => requestKeys(issuerUrl, timeoutSeconds);
  let fetching: Promise<Fetched> | undefined;
  let fetched: Fetched | undefined;
  let failure: Failure | undefined;

  function fetchKeys(): Promise<Fetched> {
    return (fetching ??= reload().finally(() => (fetching = undefined)));
  }

  async function reload(): Promise<Fetched> {
    if (isWithin(RETRY_AFTER_SECONDS, failure)) throw new KeysUnavailableError(failure.reason);
    try {
      fetched = { keys: await request(), at: Date.now() };
    } catch (error) {
      failure = { reason: getReason(error), at: Date.now() };
      throw new KeysUnavailableError(failure.reason);
    }
    failure = undefined;
    return fetched;
  }

  return createRemoteKeySet((algorithm) => {
    let latest: { readonly keys: string; readonly keySet: KeySet } | undefined;

    function toKeySet({ keys }: Fetched): KeySet {
      if (latest?.keys !== keys) {
        latest = { keys, keySet: createPublicKeySet(algorithm, JSON.parse(keys) as Jwk[]) };
      }
      return latest.keySet;
    }

    return {
      cached: () => (isWithin(cacheMaxAgeSeconds, fetched) ? toKeySet(fetched) : undefined),
      fetch: async () => toKeySet(await fetchKeys()),
      // After a failed fetch it is not known whether there are new keys.
      fetchUnknown: async () =>
        toKeySet(
          isWithin(cooldownSeconds, fetched) && failure === undefined ? fetched : await fetchKeys(),
        ),
    };
  });
}

/**
 * Sends one request for the keys and returns them as JSON. The timer is our own, because `fetch` may
 * never settle in Node.js 20 and 22, abort signal or not, if a body is not encoded as its
 * Content-Encoding says. Each request has a set of its own, because jose shares a pending request.
 */
async function requestKeys(url: URL, timeoutSeconds: number): Promise<string> {
  const controller = new AbortController();
  const set = createRemoteJWKSet(url, {
    [customFetch]: (href, init) => fetchLimited(href, { ...init, signal: controller.signal }),
  });
  let timer: NodeJS.Timeout | undefined;
  const timeLimit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new errors.JWKSTimeout()), timeoutSeconds * 1000).unref();
  });
  try {
    await Promise.race([set.reload(), timeLimit]);
  } finally {
    clearTimeout(timer);
    controller.abort(); // closes the connection of a response that was not read to its end
  }
  const keys = set.jwks()?.keys ?? [];
  if (keys.length > MAX_KEYS) throw new RangeError(`more than ${MAX_KEYS} keys`);
  return JSON.stringify(keys); // throws if the JSON is nested too deeply
}

/** `fetch` whose body fails after `MAX_BYTES`, counted after decompression. */
async function fetchLimited(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  let bytes = 0;
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BYTES) throw new RangeError(`more than ${MAX_BYTES} bytes`);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(limit) ?? null, response);
}

/** The keys that an issuer has published, and when it was asked. */
interface Fetched {
  /** As text, which shows whether any have changed. */
  readonly keys: string;
  readonly at: number;
}

interface Failure {
  readonly reason: KeysUnavailableReason;
  readonly at: number;
}

/** Either way from it: nothing lasts longer because a clock is set back. */
function isWithin<Event extends Fetched | Failure>(
  seconds: number,
  event: Event | undefined,
): event is Event {
  return event !== undefined && Math.abs(Date.now() - event.at) < seconds * 1000;
}

function readUrl(value: unknown, allowHttp: boolean): URL {
  const isUrl = typeof value === "string" || value instanceof URL;
  check(isUrl && URL.canParse(String(value)), "url", 'a URL such as "https://issuer.example/jwks"');
  const url = new URL(String(value));
  check(url.username === "" && url.password === "", "url", "without a username and a password");
  const isHttp = url.protocol === "http:" && (allowHttp || isThisMachine(url.hostname));
  check(
    url.protocol === "https:" || isHttp,
    "url",
    "https: (or http: on this machine, or with dangerouslyAllowHttp): the keys decide whose tokens are good",
  );
  return url;
}

function isThisMachine(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function getReason(error: unknown): KeysUnavailableReason {
  if (error instanceof errors.JWKSTimeout) return "timeout";
  // With a TypeError fetch says that there is no answer. By its name: it may be of another realm.
  return (error as Error).name === "TypeError" ? "unreachable" : "answer_invalid";
}

/** The keys of a set that fit the algorithm. Sets hold others, too, for other algorithms and for encryption. */
function createPublicKeySet(algorithm: AsymmetricAlgorithm, jwks: readonly Jwk[]): KeySet {
  const verificationKeys: KeyEntry[] = [];
  const taken = new Set<string | undefined>();
  for (const jwk of jwks) {
    try {
      const one = importPublicKey("a published key", jwk, algorithm);
      // The first of a kid counts. A key may have two kids.
      check(one.kid === undefined || !taken.has(one.kid), "the kid of a published key", "its own");
      taken.add(one.kid);
      verificationKeys.push(one);
    } catch (error) {
      debug("%s: not used with %s", (error as TypeError).message, algorithm);
    }
  }
  return { algorithm, signingKey: undefined, verificationKeys };
}
