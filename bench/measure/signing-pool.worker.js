import jsonwebtoken from "jsonwebtoken";
import { parentPort, workerData } from "node:worker_threads";

const { key, algorithm } = workerData;

parentPort.on("message", ({ id, claims }) => {
  parentPort.postMessage({ id, token: jsonwebtoken.sign(claims, key, { algorithm }) });
});
