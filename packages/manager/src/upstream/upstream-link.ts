// The way to the manager above: HTTPS, whom it believes is the licensing root that an operator named, and nobody else.

import { type RequestOptions, request } from "node:https";
import { syncDocumentBytesMax } from "@countersign/protocol";
import { UpstreamFailure } from "../errors.ts";
import type { UpstreamLink } from "../ports.ts";

const answerMsMax = 120_000;

export function createUpstreamLink(): UpstreamLink {
  return {
    post: (where, path, body) =>
      new Promise((resolve, reject) => {
        const options: RequestOptions = {
          method: "POST",
          ca: where.rootPem,
          agent: false,
          timeout: answerMsMax,
          headers: { "content-type": "application/json", "content-length": body.byteLength },
        };
        const fail = (cause: Error) => reject(new UpstreamFailure(codeOf(cause), { cause }));
        const outgoing = request(new URL(path, where.url), options, (answer) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on("error", fail);
          answer.on("data", (chunk: Buffer) => {
            bytes += chunk.byteLength;
            if (bytes > syncDocumentBytesMax) outgoing.destroy(new Error("the answer is too large"));
            else chunks.push(chunk);
          });
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
        });
        outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in time")));
        outgoing.on("error", fail);
        outgoing.end(body);
      }),
  };
}

/** What kind of failure it was; the whole of it stands in the log. */
function codeOf(cause: Error & { readonly code?: string }): string {
  return cause.code ?? cause.message;
}
