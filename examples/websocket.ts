// A WebSocket for users who are logged in. It sends the user's name, and then echoes messages.
import { randomBytes } from "node:crypto";
import { createServer, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import express from "express";
import { AuthError, cookieTransport, createJwtStrategy } from "express-jwt-strategy";
import { WebSocketServer } from "ws";
import { listen } from "./listen.ts";
import { users } from "./users.ts";

const auth = createJwtStrategy({
  secret: randomBytes(64), // in production: process.env.JWT_SECRET
  lifetimeSeconds: 3600,
  // A page cannot set an Authorization header for a WebSocket, but the browser sends the cookie. It also
  // sends it for a page of another site: such an upgrade is refused, although it is a GET.
  transport: cookieTransport(),
  verifyCredentials: ({ username, password }) => users.checkPassword(username, password),
  findUser: (id) => users.findById(id),
});

const app = express();
app.post("/login", auth.login);
app.get("/me", auth.authenticate({ active: true }), (req, res) => {
  res.json({ email: auth.currentUser(req).email });
});

const server = createServer(app);
const webSockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });

server.on("upgrade", (req, socket, head) => {
  socket.on("error", () => socket.destroy()); // a client that disconnects must not stop the server
  auth.authenticateRequest(req, { active: true }).then(
    (current) => {
      webSockets.handleUpgrade(req, socket, head, (webSocket) => {
        const { user, claims } = current!; // null only with { optional: true }
        // A WebSocket stays open after its token has expired, unless the server closes it.
        const expiry = setTimeout(
          () => webSocket.close(1008, "The token expired"),
          claims.exp! * 1000 - Date.now(),
        );
        webSocket.on("close", () => clearTimeout(expiry));
        webSocket.on("error", () => webSocket.terminate());
        webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
        webSocket.send(JSON.stringify({ id: user.id, email: user.email }));
      });
    },
    (error: unknown) => refuseUpgrade(socket, error),
  );
});

/** Sends the status, the challenge and the body of a refusal, or a 500 if findUser failed. */
function refuseUpgrade(socket: Duplex, error: unknown): void {
  const refusal = error instanceof AuthError ? error : undefined;
  const status = refusal?.status ?? 500;
  const body = JSON.stringify(refusal ?? { detail: "Internal Server Error" });
  const headers = {
    ...refusal?.headers,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n"));
}

listen(server);
