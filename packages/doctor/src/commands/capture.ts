// countersign doctor capture: what a packet capture says about licensing connections.

import { open } from "node:fs/promises";
import { type Column, type Command, type CommandInput, renderTable } from "@countersign/terminal";
import { captureBytesMax } from "../capturing/capture-limits.ts";
import { type CapturedConnection, readCapture } from "../capturing/read-capture.ts";
import { columnsMax } from "../output/render-findings.ts";
import { refuse, report } from "../output/report.ts";

export const capture: Command = {
  name: "capture",
  summary: "Say from a packet capture (pcap, pcapng) how far licensing connections came and who ended them",
  usage: "FILE   (exit code 0: nothing to do, 1: someone must act, 2: no capture)",
  options: {
    host: {
      type: "string",
      multiple: true,
      description: "only connections to this address or name; may be given again",
    },
  },
  run: async (input) => {
    const [file, ...more] = input.positionals;
    if (file === undefined || more.length > 0) return refuse("exactly one FILE is needed", input);
    try {
      return conclude(await bytesOf(file), file, input);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      return refuse(`${file} cannot be read (${String(error.code)})`, input);
    }
  },
};

function conclude(bytes: Uint8Array, file: string, input: CommandInput): number {
  const { host } = input.values;
  const hosts = (Array.isArray(host) ? host : []).map(String);
  const { isCapture, connections, facts, leftOut } = readCapture(bytes, file, hosts);
  if (!isCapture) return refuse(`${file} is no capture in the form of pcap or pcapng`, input);
  const none = "No connection that can be licensing is in this capture.\n";
  const text = connections.length === 0 ? `${none}\n` : `${renderTable(columns, connections, columnsMax)}\n`;
  return report({ facts, leftOut, preface: { text, members: { connections } } }, input);
}

const columns: readonly Column<CapturedConnection>[] = [
  { title: "Frame", value: ({ firstFrame }) => String(firstFrame), align: "right" },
  { title: "Server", value: ({ server }) => server },
  { title: "Name", value: ({ serverName }) => serverName ?? "–" },
  { title: "Reached", value: ({ reached }) => reached },
  { title: "Issuer", value: ({ chain, tlsVersion }) => chain[0]?.issuer ?? tlsVersion ?? "–" },
];

/** One byte more than is read, so that it is seen that there is more. */
async function bytesOf(file: string): Promise<Uint8Array> {
  await using handle = await open(file);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of handle.createReadStream({ autoClose: false, end: captureBytesMax })) {
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks, size);
}
