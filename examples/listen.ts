// Listens on a port, or prints an error with a fix. Express 5 passes errors to the callback of app.listen(),
// where they are easily overlooked.
import type { Server } from "node:http";

interface Listenable {
  listen(port: number): Server;
}

export interface ListenOptions {
  /** The environment variable with the port. Default `PORT`. */
  readonly variable?: string;
  /** The port if the variable is not set. Default 3000. */
  readonly defaultPort?: number;
  /** Called when the server accepts connections. */
  readonly onListening?: () => void;
}

/** @param app an Express app, or a server of node:http */
export function listen(app: Listenable, options: ListenOptions = {}): void {
  const { variable = "PORT", defaultPort = 3000, onListening = () => undefined } = options;
  const port = process.env[variable] ?? String(defaultPort);
  // Node.js treats other strings as the name of a pipe.
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    stop(`${variable} must be a port, a number from 0 to 65535.`);
  }
  app
    .listen(Number(port))
    .once("listening", onListening)
    .once("error", (error: NodeJS.ErrnoException) => {
      stop(
        error.code === "EADDRINUSE"
          ? `Port ${port} is already in use: stop the program that uses it, or set ${variable} to another port.`
          : `Port ${port} cannot be used (${String(error.code)}): set ${variable} to another port.`,
      );
    });
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
