// A device's own HTTPS server, `/smartlic-service`: Basic authentication, over TLS only, with the certificate that the list names or
// one that this machine's authorities issued. Credentials stand in no message of an error.

import { createHash, timingSafeEqual } from "node:crypto";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import { fileBytesMax } from "@countersign/protocol";
import type { CollectedDevice } from "../devices/collected-device.ts";
import type { DeviceClient } from "../ports.ts";
import { RelayError } from "../relay-error.ts";

/** Without a byte. */
const silenceMsMax = 60_000;
/** One question altogether: others wait behind a device that sends a byte now and then. */
const totalMsMax = 600_000;

/** `signal` ends what is under way and everything after it. */
export function smartlicClient(signal: AbortSignal): DeviceClient {
  return {
    closeReports: async (device) => void (await ask({ device, method: "POST", path: "/close-reports", signal })),
    allReports: (device) => ask({ device, method: "GET", path: "/all-reports", signal }),
    import: async (device, body) =>
      void (await ask({ device, method: "POST", path: "/import", body, signal, refusals: refusalsOfFile })),
  };
}

/** What a device answers of the file itself; its user, its path and its load are no fault of the file. */
const refusalsOfFile: ReadonlySet<number> = new Set([400, 409, 413, 422]);

type Question = {
  readonly device: CollectedDevice;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
  readonly refusals?: ReadonlySet<number>;
};

/** Throws `device_refuses_answer`, or `device_unreachable` with the status or with what the system calls it. */
function ask({ device, method, path, body, signal, refusals }: Question): Promise<Uint8Array> {
  const { hostname, port } = new URL(device.url);
  return new Promise((resolve, reject) => {
    const fail = (detail: string, cause?: unknown) => reject(new RelayError("device_unreachable", detail, { cause }));
    const sent = request(
      {
        ...{ host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 443 : Number(port), method },
        path: `/smartlic-service${path}`,
        auth: `${device.user}:${device.password}`,
        headers: { "FOXY-API-VERSION": "1", "content-length": body?.length ?? 0 },
        agent: false,
        timeout: silenceMsMax,
        signal: AbortSignal.any([signal, AbortSignal.timeout(totalMsMax)]),
        // A named certificate is compared below, before anything is sent.
        rejectUnauthorized: device.fingerprint === "",
      },
      async (response) => {
        try {
          const pieces: Buffer[] = [];
          let bytes = 0;
          for await (const piece of response as AsyncIterable<Buffer>) {
            bytes += piece.length;
            if (bytes > fileBytesMax) return fail(`more than ${fileBytesMax} bytes`);
            pieces.push(piece);
          }
          const { statusCode = 0 } = response;
          if (refusals?.has(statusCode)) return reject(new RelayError("device_refuses_answer", `HTTP ${statusCode}`));
          if (statusCode !== 200) return fail(`HTTP ${statusCode}`);
          resolve(Buffer.concat(pieces));
        } catch (error) {
          fail(codeOf(error), error);
        } finally {
          sent.destroy();
        }
      },
    );
    sent.on("error", (error) => fail(codeOf(error), error));
    sent.on("timeout", () => sent.destroy(new Error("timed out")));
    sent.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        if (device.fingerprint !== "" && !isNamed(socket as TLSSocket, device.fingerprint)) {
          sent.destroy(new Error("another certificate"));
          return;
        }
        sent.end(body);
      });
    });
  });
}

function isNamed(socket: TLSSocket, fingerprint: string): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return false;
  return timingSafeEqual(createHash("sha256").update(certificate.raw).digest(), Buffer.from(fingerprint, "hex"));
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
