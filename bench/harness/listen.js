import { once } from "node:events";

/** Listens on a free port of this machine and says which. */
export async function listen(app) {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}
