// nginx in front of the processes: round robin, and a retry with another process if one is unreachable.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface NginxOptions {
  readonly folder: string;
  readonly port: number;
  readonly upstreamPorts: readonly number[];
}

/** Writes the configuration, and returns the arguments to start nginx with. */
export function configureNginx({ folder, port, upstreamPorts }: NginxOptions): string[] {
  const path = (name: string): string => join(folder, name);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${path(name)};`,
  );
  // max_fails=0: all processes receive requests, even those that have just refused a connection. A load
  // balancer with health checks would request /readyz.
  const servers = upstreamPorts.map((upstream) => `server 127.0.0.1:${upstream} max_fails=0;`);
  const configuration = `
daemon off;
worker_processes 1;
pid ${path("nginx.pid")};
error_log ${path("nginx-error.log")};
events {}
http {
  ${temporary.join("\n  ")}
  log_format fleet '$request_method $uri $status $upstream_addr';
  access_log ${path("access.log")} fleet;

  upstream fleet {
    ${servers.join("\n    ")}
    keepalive 32;
  }

  server {
    listen 127.0.0.1:${port};

    location / {
      proxy_pass http://fleet;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      # What the client says of itself is not passed on: logins are counted by this address.
      proxy_set_header X-Forwarded-For $remote_addr;
      # Never a POST that a process may have seen: it could be done twice.
      proxy_next_upstream error timeout;
      proxy_connect_timeout 1s;
    }

    # For the operators alone.
    location ~ ^/(healthz|readyz|metrics)$ {
      return 404;
    }
  }
}
`;
  writeFileSync(path("nginx.conf"), configuration);
  return ["-p", folder, "-e", path("nginx-error.log"), "-c", path("nginx.conf")];
}

export interface AccessLog {
  /** Requests that were sent to more than one process. */
  readonly retried: number;
  /** The number of requests for each process. */
  readonly byProcess: ReadonlyMap<string, number>;
}

/** Reads the log of nginx from a line on, and returns the number of lines. */
export function readAccessLog(folder: string, fromLine: number): AccessLog & { lines: number } {
  const text = readFileSync(join(folder, "access.log"), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  const upstreams = lines.slice(fromLine).map((line) => line.split(" ").slice(3).join(" "));
  const byProcess = new Map<string, number>();
  for (const address of upstreams.flatMap((list) => list.split(", "))) {
    byProcess.set(address, (byProcess.get(address) ?? 0) + 1);
  }
  return {
    lines: lines.length,
    retried: upstreams.filter((list) => list.includes(", ")).length,
    byProcess,
  };
}
