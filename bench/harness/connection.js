import { once } from "node:events";
import { connect } from "node:net";

/**
 * Opens a connection that stays open. The returned function sends a request and returns when all of
 * the response has arrived. node:http's client would take more CPU than the server.
 */
export async function openConnection(port) {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("latin1").setNoDelay(true);
  await once(socket, "connect");

  return async function send(method, path, headers, body = "") {
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`);
    let received = "";
    while (!isComplete(received)) received += (await once(socket, "data"))[0];
    if (!received.startsWith("HTTP/1.1 200 ")) {
      throw new Error(`${path} returns ${received.slice(0, received.indexOf("\r\n"))}`);
    }
  };
}

function isComplete(received) {
  const headEnd = received.indexOf("\r\n\r\n");
  const contentLength = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
  return headEnd !== -1 && received.length >= headEnd + 4 + Number(contentLength);
}
