import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { bearer, shuffle, strategyOnDemand, type User } from "../support/users-on-demand.ts";

test.each([
  ["the default cache", undefined],
  ["no cache", 0],
  ["a cache of 100 tokens", 100],
])("each of 2,000 interleaved requests gets its own user, with %s", async (_cache, cacheSize) => {
  const { auth, finds } = strategyOnDemand(cacheSize);
  const middleware = auth.authenticate();
  const ids = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
  const socket = new Socket(); // without data

  const seen = ids.map((id) => {
    const req = new IncomingMessage(socket);
    req.headers.authorization = bearer(id);
    return new Promise<string>((resolve) => {
      middleware(req, new ServerResponse(req), (error) =>
        resolve(
          [String(error), auth.currentUser(req).id, (req as { user?: User }).user?.id].join(),
        ),
      );
    });
  });
  expect(finds.size).toBe(ids.length);
  for (const find of shuffle([...finds.values()])) {
    find();
    await Promise.resolve();
  }

  expect(await Promise.all(seen)).toEqual(ids.map((id) => `undefined,${id},${id}`));
});
