// Two ratios, each against a peer in the same run: a remembered token against fast-jwt's cache, and
// a token seen for the first time against jsonwebtoken with a KeyObject.
import { createSecretKey, randomBytes } from "node:crypto";
import { createVerifier } from "fast-jwt";
import jsonwebtoken from "jsonwebtoken";
import { createJwtStrategy } from "express-jwt-strategy";

const ROUNDS = 15;
const CALLS = 20_000;

const secret = randomBytes(64);
const key = createSecretKey(secret);
const audience = "fastapi-users:auth";
const now = Math.floor(Date.now() / 1000);
let serial = 0;

function sign() {
  const claims = { sub: String(serial++), aud: [audience], exp: now + 3600 };
  return jsonwebtoken.sign(claims, key, { noTimestamp: true });
}

/** A middleware called as Express calls it, without a socket. */
function middlewareRunner(authenticate) {
  const res = {};
  let passed = 0;
  const next = () => passed++;
  return {
    run: (header) =>
      authenticate(
        { headers: { authorization: header }, rawHeaders: ["Authorization", header] },
        res,
        next,
      ),
    passed: () => passed,
  };
}

function fastJwtMiddleware(verify) {
  return (req, res, next) => {
    req.user = verify(req.headers.authorization.slice("Bearer ".length));
    next();
  };
}

const options = { secret, lifetimeSeconds: 3600 };
const fastJwtOptions = { key: secret, algorithms: ["HS256"], allowedAud: audience };
const verifyOptions = { algorithms: ["HS256"], audience };

const cases = {
  "remembered token": {
    ours: createJwtStrategy(options).authenticate(),
    "fast-jwt, cache": fastJwtMiddleware(createVerifier({ ...fastJwtOptions, cache: 10_000 })),
    tokens:
      (token = sign()) =>
      () =>
        token,
  },
  "new token": {
    ours: createJwtStrategy(options).authenticate(),
    "jsonwebtoken, KeyObject": fastJwtMiddleware((token) =>
      jsonwebtoken.verify(token, key, verifyOptions),
    ),
    tokens: () => sign,
  },
};

/** Microseconds of CPU a call; the header is a fresh string each time, as from a socket. */
function measure(runner, tokens) {
  const headers = Array.from({ length: CALLS }, () =>
    Buffer.from(`Bearer ${tokens()}`).toString("latin1"),
  );
  const before = runner.passed();
  const start = process.cpuUsage();
  for (const header of headers) runner.run(header);
  const { user, system } = process.cpuUsage(start);
  if (runner.passed() - before !== CALLS) throw new Error("a good token was refused");
  return (user + system) / CALLS;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

console.log(
  `Node ${process.version}, HS256, microseconds of CPU a call, median of ${ROUNDS} rounds`,
);
for (const [name, { tokens, ...contenders }] of Object.entries(cases)) {
  const runners = Object.entries(contenders).map(([who, middleware]) => ({
    who,
    runner: middlewareRunner(middleware),
    times: [],
  }));
  const source = tokens();
  for (let round = 0; round < ROUNDS + 3; round++) {
    for (const { runner, times } of runners) {
      const time = measure(runner, source);
      if (round >= 3) times.push(time);
    }
  }
  const [ours, peer] = runners.map(({ times }) => median(times));
  console.log(
    `${name}: ours ${ours.toFixed(2)}, ${runners[1].who} ${peer.toFixed(2)}, ratio ${(ours / peer).toFixed(2)}`,
  );
}
