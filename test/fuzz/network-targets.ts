// What strangers on the network send to open ports: whole HTTP requests to a manager and to a device.

import { connect } from "node:tls";
import type { FuzzTarget } from "./fuzz-target.ts";

type HttpServer = {
  readonly name: string;
  readonly port: number;
  /** Goes along where the input names none: without it little is reached. */
  readonly authorization: string;
  readonly seeds: readonly string[];
};

/** An input is a request line, header lines, an empty line and a body; what frames the request is put right, so that it comes to an end. */
export function httpTarget({ name, port, authorization, seeds }: HttpServer): FuzzTarget {
  return {
    ...{ name, grammar: "words", seeds: seeds.map((seed) => Buffer.from(seed)) },
    feed: (input) => exchange(port, framed(input, authorization)),
  };
}

const framing = /^(content-length|transfer-encoding|connection|upgrade)\s*:/i;

function framed(input: Buffer, authorization: string): Buffer {
  const text = input.toString("latin1");
  const end = text.indexOf("\n\n");
  const [first = "", ...lines] = (end === -1 ? text : text.slice(0, end))
    .split("\n")
    .map((line) => line.replace(/\r/g, ""));
  const body = end === -1 ? "" : text.slice(end + 2);
  const [, method = "GET", target = "/"] = /^([A-Z]{1,20}) (\S{1,16000})/.exec(first) ?? [];
  const named = lines.filter((line) => line !== "" && !framing.test(line));
  const isAuthorized = named.some((line) => /^authorization\s*:/i.test(line));
  const headers = [
    ...["Host: localhost", ...named, ...(isAuthorized ? [] : [`Authorization: ${authorization}`])],
    ...["Connection: close", `Content-Length: ${body.length}`],
  ];
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

/** Ends with the status line, or with the connection; a status that says that the server failed is a finding. */
function exchange(port: number, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => socket.write(request));
    let answer = "";
    const end = () => {
      socket.destroy();
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
      if (status >= 500 && status !== 503) reject(new Error(`the server failed: ${answer.slice(0, 200)}`));
      else resolve();
    };
    socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNREFUSED" ? reject(error) : end()));
    socket.on("close", end);
    socket.setEncoding("latin1").on("data", (chunk) => {
      answer += chunk;
      if (answer.includes("\r\n")) end();
    });
  });
}

export const managerRequests = [
  "GET /api/v1/licenses?smartAccount=Fuzz&virtualAccount=Default\nAccept: application/json",
  "GET /api/v1/audit?limit=5&operator=ada&from=2031-01-01&after=7\nCookie: a=b; c=d",
  "GET /api/v1/ledger/inclusion?leafIndex=0&size=1",
  "GET /api/v1/instances/PID%3AC9300%2CSN%3AA1/reports?limit=2",
  'POST /api/v1/tokens\nContent-Type: application/json\n\n{"description":"a","usesMax":2}',
  "POST /api/v1/usage-files?smartAccount=Fuzz\nContent-Type: application/octet-stream\n\n<smartLicense></smartLicense>",
  'POST /cslu/v1/pi/Fuzz%20Corp-1\nContent-Type: application/json\n\n{"request":"{}"}',
  "DELETE /api/v1/tokens/1?reason=old\nAuthorization: Bearer abcdef",
  "GET /metrics\nAccept: text/plain",
];

export const deviceRequests = [
  "GET /restconf/data/countersign-license:license?depth=2&content=config\nAccept: application/yang-data+json",
  "GET /smartlic-service/list\nCookie: session=abc; other=1",
  'PATCH /restconf/data/countersign-license:license\nContent-Type: application/yang-data+json\n\n{"countersign-license:license":{}}',
  'POST /session\nContent-Type: application/json\nOrigin: https://localhost\n\n{"name":"fuzz","password":"no"}',
  "GET /restconf/data/ietf-restconf-monitoring:restconf-state/streams\nAuthorization: Basic Zm9vOmJhcg==",
  "OPTIONS /restconf",
];
