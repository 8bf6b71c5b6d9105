import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { Server } from "../servers/server.ts";

const program = "/usr/sbin/nginx";

/** Installs Debian's nginx where it is missing; says why if that cannot be done. */
export function installNginx(): string | undefined {
  if (existsSync(program)) return undefined;
  for (const args of [
    ["update", "-q"],
    ["install", "-q", "-y", "--no-install-recommends", "nginx-light"],
  ]) {
    const { status, error, stderr } = spawnSync("/usr/bin/apt-get", args, {
      encoding: "utf8",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) return `nginx is missing: ${error?.message ?? stderr.trim()}`;
  }
  return existsSync(program) ? undefined : "nginx-light was installed without nginx";
}

/** As it says of itself. */
export function nginxVersion(): string {
  return /nginx\/(\S+)/.exec(spawnSync(program, ["-v"], { encoding: "utf8" }).stderr)?.[1] ?? "";
}

/**
 * The one worker is the only process. Bodies of requests are passed on as they come. Answers go through memory, as many
 * pieces at once as there is use for, and never through a file: without `proxy_buffering` nginx would read the upstream in
 * the smallest pieces, which costs it more.
 */
const configuration = (directory: string, port: number, upstream: Server): string => `
daemon off;
master_process off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
  upstream s3 {
    server 127.0.0.1:${upstream.port};
    keepalive 512;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    client_max_body_size 0;
    client_body_buffer_size 64k;
    location / {
      proxy_pass http://s3;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_request_buffering off;
      proxy_buffering on;
      proxy_buffers 8 64k;
      proxy_busy_buffers_size 128k;
      proxy_buffer_size 16k;
      proxy_max_temp_file_size 0;
    }
  }
}
`;

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  listener.close();
  await once(listener, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

/** Starts nginx as a plain reverse proxy of an upstream, with its files in the directory. */
export async function startNginx(directory: string, upstream: Server): Promise<Server> {
  await mkdir(directory);
  const port = await freePort();
  const file = join(directory, "nginx.conf");
  await writeFile(file, configuration(directory, port, upstream));
  const child = spawn(program, ["-p", directory, "-c", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error("nginx ended before it listened");
    await after(20);
  }
  if (child.pid === undefined) throw new Error("nginx has no process");
  return {
    name: "nginx",
    port,
    credential: upstream.credential,
    pids: [child.pid],
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
