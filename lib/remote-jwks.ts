import { createRemoteJWKSet, customFetch, errors } from "jose";
import { importPublishedKeys, type KeySet } from "./keys/key-set.ts";
import { createRemoteKeySet, type RemoteKeySet } from "./keys/remote-key-set.ts";
import {
  KeysUnavailableError,
  type KeysUnavailableReason,
} from "./errors/keys-unavailable-error.ts";
import { getMember } from "./util/own-property.ts";
import { check, checkBoolean, checkNumber, readOptions } from "./util/option-checks.ts";

/** The options of `remoteJwks()`. Times are in seconds. */
export interface RemoteJwksOptions {
  /** How long fetched keys are used before they are fetched again, 1 to 86,400. Default 600. */
  readonly cacheMaxAgeSeconds?: number | undefined;
  /**
   * How long after a fetch tokens that name an unknown key are refused (401) without another fetch, 1 to
   * 3,600. If fetches fail, there is at most one a second, and such tokens are a 503. Default 30.
   */
  readonly cooldownSeconds?: number | undefined;
  /** How long a fetch may take, from the connection to the end of the body, 0.1 to 60. Default 5. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * `true` allows `http:` URLs of other machines: anyone who can change the response can then log in as any
   * user. Default `false`.
   */
  readonly dangerouslyAllowHttp?: boolean | undefined;
}

const OPTION_NAMES = [
  "cacheMaxAgeSeconds",
  "cooldownSeconds",
  "timeoutSeconds",
  "dangerouslyAllowHttp",
] as const;

/** How long an issuer is not requested again after a failure. */
const RETRY_AFTER_SECONDS = 1;

/** Large issuers publish ten keys in 20 KB: more than this would block the event loop or fill the memory. */
const MAX_KEYS = 100;
const MAX_BYTES = 1024 * 1024;

/**
 * The public keys that an issuer publishes as a JWK Set (RFC 7517 section 5), for `publicKey`. They are
 * fetched when the first token arrives, when they are too old, and when a token names an unknown key.
 * Keys that fit the algorithm are used, with the same checks as a key that is passed as `publicKey`; the
 * others are ignored. A set may have 100 keys and 1 MiB. Requires the package `jose`.
 *
 * If the keys cannot be fetched and those of the last fetch are too old, requests with a token fail with a
 * {@link KeysUnavailableError} (503) through `next`. Throws a TypeError that names the option and the fix.
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
        const verificationKeys = importPublishedKeys(JSON.parse(keys) as unknown[], algorithm);
        latest = { keys, keySet: { algorithm, signingKey: undefined, verificationKeys } };
      }
      return latest.keySet;
    }

    return {
      cached: () => (isWithin(cacheMaxAgeSeconds, fetched) ? toKeySet(fetched) : undefined),
      fetch: async () => toKeySet(await fetchKeys()),
      // After a failed fetch it is unknown whether there are new keys.
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
 * Content-Encoding says. Each request has its own key set, because jose shares a pending request.
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
  const { keys = [] } = { ...set.jwks() };
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

/** The keys that an issuer has published, and the time of the request. */
interface Fetched {
  /** As JSON, which shows whether they have changed. */
  readonly keys: string;
  readonly at: number;
}

interface Failure {
  readonly reason: KeysUnavailableReason;
  readonly at: number;
}

/** Compares the distance in both directions, so that nothing lasts longer if the clock is set back. */
function isWithin<Event extends Fetched | Failure>(
  seconds: number,
  event: Event | undefined,
): event is Event {
  return event !== undefined && Math.abs(Date.now() - event.at) < seconds * 1000;
}

function readUrl(value: unknown, allowHttp: boolean): URL {
  // A URL of any realm: jsdom has its own class.
  const text = typeof value === "object" && value !== null ? getMember(value, "href") : value;
  const isUrl = typeof text === "string" && URL.canParse(text);
  check(isUrl, "url", 'a URL such as "https://issuer.example/jwks"');
  const url = new URL(text);
  check(
    url.username === "" && url.password === "",
    "url",
    "a URL without a username and a password",
  );
  const isHttp = url.protocol === "http:" && (allowHttp || isThisMachine(url.hostname));
  check(
    url.protocol === "https:" || isHttp,
    "url",
    "an https: URL (http: only for this machine, or with dangerouslyAllowHttp): the keys decide which tokens are valid",
  );
  return url;
}

function isThisMachine(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function getReason(error: unknown): KeysUnavailableReason {
  if (error instanceof errors.JWKSTimeout) return "timeout";
  // fetch rejects with a TypeError if there is no response. Its class may be of another realm.
  return (error as Error).name === "TypeError" ? "unreachable" : "answer_invalid";
}
