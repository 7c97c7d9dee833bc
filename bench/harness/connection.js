import { once } from "node:events";
import { connect } from "node:net";

/**
 * A connection that sends the same request again and again, each when the one before is answered.
 * A whole HTTP client would take more CPU than the server, and the server would wait for it.
 */
export async function openConnection(port) {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("latin1").setNoDelay(true);
  await once(socket, "connect");

  /** The status of the answer, once all of it has arrived. */
  return async function send(requestText) {
    socket.write(requestText);
    let received = "";
    for (;;) {
      const [chunk] = await once(socket, "data");
      received += chunk;
      if (isComplete(received)) return Number(received.slice("HTTP/1.1 ".length, 12));
    }
  };
}

function isComplete(received) {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return false;
  const contentLength = /\r\ncontent-length: (\d+)/i.exec(received)?.[1];
  if (contentLength === undefined) throw new Error("an answer without Content-Length");
  return received.length >= headEnd + 4 + Number(contentLength);
}
