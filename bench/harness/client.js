import { Agent, request } from "node:http";

/** Sends requests to a server on this machine over connections that stay open. */
export function createClient(port, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });

  /** The status of the answer, once all of it has arrived. */
  return function send(path, { method = "GET", headers = {}, body } = {}) {
    return new Promise((resolve, reject) => {
      const req = request({ host: "127.0.0.1", port, path, method, headers, agent }, (res) => {
        res.resume();
        res.on("end", () => resolve(res.statusCode));
      });
      req.on("error", reject);
      req.end(body);
    });
  };
}
