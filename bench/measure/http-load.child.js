// A closed loop: each connection sends its next request when it has its answer.
import { answerWith } from "../harness/child.js";
import { openConnection } from "../harness/connection.js";

const CONNECTIONS = 16;
let connections;

const questions = {
  async connect({ port }) {
    connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => openConnection(port)),
    );
  },
  async load({ path, token, requests }) {
    const text =
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n` +
      `Authorization: Bearer ${token}\r\n\r\n`;
    let left = requests;
    await Promise.all(
      connections.map(async (send) => {
        while (left-- > 0) {
          const status = await send(text);
          if (status !== 200) throw new Error(`${path} answers ${status}`);
        }
      }),
    );
  },
};

answerWith(({ type, ...question }) => questions[type](question));
