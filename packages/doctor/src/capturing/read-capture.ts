// A capture of licensing connections to facts: how far each connection came, and who ended it. Packets that are repeated, window
// updates and whatever else real captures hold change nothing (DIA-21).

import { describeCertificate, type SeenCertificate } from "../certificate/describe-certificate.ts";
import { evidenceText, type Fact, type FactKind } from "../diagnosis/fact.ts";
import { captureBytesMax } from "./capture-limits.ts";
import { type Connection, findConnections } from "./connection.ts";
import { readPackets } from "./read-packets.ts";
import {
  certificatesOf,
  handshake,
  looksLikeTls,
  readTls,
  serverNameOf,
  type TlsMessage,
  type TlsSide,
  versionOf,
} from "./tls-records.ts";

/** The stages of DIA-18, and what is before the first and after a proxy. */
export type CapturedConnection = {
  readonly client: string;
  readonly server: string;
  readonly firstFrame: number;
  readonly reached: "SYN" | "TCP" | "proxy" | "TLS" | "data" | "end";
  readonly serverName: string | null;
  readonly tlsVersion: string | null;
  readonly chain: readonly SeenCertificate[];
  /** Null where TLS 1.3 hides it. */
  readonly clientCertificate: "not asked" | "asked" | "shown" | "empty" | null;
};

export type CaptureReading = {
  readonly isCapture: boolean;
  readonly connections: readonly CapturedConnection[];
  readonly facts: readonly Fact[];
  readonly leftOut: readonly string[];
};

const dayMs = 86_400_000;
/** So long must the other side have had time to answer for silence to mean something. */
const silenceMs = 3_000;

/** `hosts`: only connections with these addresses or names; all that can be licensing when there are none. */
export function readCapture(bytes: Uint8Array, source: string, hosts: readonly string[] = []): CaptureReading {
  const file = readPackets(bytes.subarray(0, captureBytesMax));
  if (file === null) return { isCapture: false, connections: [], facts: [], leftOut: [] };
  const { connections, hopsOf, leftOut } = findConnections(file.packets);
  const lastMs = file.packets.at(-1)?.atMs ?? 0;
  const judged = connections
    .map((connection) => new Judgement(connection, evidenceText(source), hopsOf.get(connection.serverAddress), lastMs))
    .filter((judgement) => judgement.isWanted(hosts));
  return {
    isCapture: true,
    connections: judged.map(({ seen }) => seen),
    facts: judged.flatMap(({ facts }) => facts),
    leftOut: [
      ...(file.leftOut === null ? [] : [file.leftOut]),
      ...(bytes.byteLength > captureBytesMax ? [`what follows the first ${captureBytesMax} bytes`] : []),
      ...(leftOut === 0 ? [] : [`${leftOut} packets of more connections than a report holds`]),
    ],
  };
}

/** Ports of licensing servers, relays and proxies. */
const likelyPorts: readonly number[] = [80, 443, 3128, 8000, 8080, 8182, 8443];

class Judgement {
  readonly facts: Fact[] = [];
  readonly seen: CapturedConnection;
  readonly #connection: Connection;
  readonly #source: string;
  #isLicensing = false;
  #target: string | null = null;

  constructor(connection: Connection, source: string, serverHops: ReadonlySet<number> | undefined, lastMs: number) {
    this.#connection = connection;
    this.#source = source;
    const [client, server] = [connection.fromClient.assembled(), connection.fromServer.assembled()];
    const skipped = this.#clearText(client, server);
    const tls = {
      client: readTls(client.bytes.subarray(skipped.client)),
      server: readTls(server.bytes.subarray(skipped.server)),
    };
    const frames = {
      client: (at: number) => client.frameAt(at + skipped.client),
      server: (at: number) => server.frameAt(at + skipped.server),
    };
    this.#alerts(tls, frames);
    const seen = this.#handshake(tls, frames);
    const hasData = tls.client.dataAt !== null && tls.server.dataAt !== null;
    const reached = this.#reached(hasData || skipped.isAnswered, tls.client.messages.length > 0, skipped.isTunnelAsked);
    this.seen = {
      client: connection.client,
      server: connection.server,
      firstFrame: connection.first.frame,
      reached,
      ...seen,
    };
    this.#resets(serverHops, hasData, reached);
    this.#silence(lastMs, tls);
    this.#add(
      "capture-connection",
      reached,
      connection.first.frame,
      `${connection.client} to ${connection.server}: ${reached}`,
    );
    if (seen.serverName !== null) this.#add("server-host", seen.serverName, connection.first.frame, seen.serverName);
  }

  isWanted(hosts: readonly string[]): boolean {
    const { serverAddress, serverPort } = this.#connection;
    if (hosts.length === 0) return this.#isLicensing || likelyPorts.includes(serverPort);
    const names = [serverAddress, this.seen.serverName, this.#target].map((name) => name?.toLowerCase());
    return hosts.some((host) => names.includes(host.toLowerCase()));
  }

  /** CONNECT and its answer, or a message without TLS; how many bytes of each side come before TLS. */
  #clearText(client: Assembled, server: Assembled) {
    const none = { client: 0, server: 0, isTunnelAsked: false, isAnswered: false };
    if (looksLikeTls(client.bytes)) {
      this.#isLicensing = true;
      return none;
    }
    const asked = textOf(client.bytes);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(textOf(server.bytes))?.[1] ?? null;
    const tunnel = /^CONNECT (\S{1,300}) HTTP/.exec(asked);
    if (tunnel === null) {
      const post =
        /^POST (\S{0,80}(?:licservice|SmartTransport|cslu|DDCEService|DeviceRequestHandler)\S{0,80}) HTTP/.exec(asked);
      if (post === null) return { ...none, isAnswered: status !== null };
      this.#isLicensing = true;
      if (!post[1]?.includes("/cslu/"))
        this.#add("capture-plain-http", post[1] ?? "", client.frameAt(0), `POST ${post[1]}`);
      return { ...none, isAnswered: status !== null };
    }
    this.#isLicensing = true;
    this.#target = tunnel[1]?.replace(/:\d{1,5}$/, "") ?? null;
    if (status !== null)
      this.#add(
        "capture-proxy-answer",
        status,
        server.frameAt(0),
        `the proxy answers HTTP ${status} to CONNECT ${tunnel[1]}`,
      );
    return { client: endOfHead(client.bytes), server: endOfHead(server.bytes), isTunnelAsked: true, isAnswered: false };
  }

  #alerts(tls: Sides, frames: Frames): void {
    for (const side of ["client", "server"] as const) {
      for (const { name, at } of tls[side].alerts) {
        const whose = side === "client" ? "the device" : "the server";
        this.#add("capture-alert", `${side}: ${name}`, frames[side](at), `${whose} sends the TLS alert ${name}`);
      }
    }
  }

  #handshake({ client, server }: Sides, frames: Frames) {
    const find = (side: TlsSide, type: number) => side.messages.find((message) => message.type === type);
    const [asked, answered] = [find(client, handshake.clientHello), find(server, handshake.serverHello)];
    const tlsVersion = answered === undefined ? null : versionOf(answered);
    const serverName = asked === undefined ? null : serverNameOf(asked);
    const shown = find(server, handshake.certificate);
    const chain = shown === undefined ? [] : readable(certificatesOf(shown));
    if (shown !== undefined) this.#describe(chain, frames.server(shown.at));
    const clientCertificate = this.#clientCertificate(
      find(server, handshake.certificateRequest),
      find(client, handshake.certificate),
      frames,
    );
    return {
      serverName,
      tlsVersion,
      chain,
      clientCertificate: tlsVersion === null || tlsVersion === "TLS 1.3" ? null : clientCertificate,
    };
  }

  #describe([leaf]: readonly SeenCertificate[], frame: number): void {
    if (leaf === undefined) return;
    const until = Number.isNaN(leaf.notAfterMs) ? "?" : new Date(leaf.notAfterMs).toISOString().slice(0, 10);
    const text = `${leaf.subject}, issued by ${leaf.issuer}, valid until ${until}`;
    this.#add("server-certificate-issuer", leaf.issuer, frame, text);
    this.#add("server-certificate-days", (leaf.notAfterMs - this.#connection.first.atMs) / dayMs, frame, text);
  }

  #clientCertificate(request: TlsMessage | undefined, answer: TlsMessage | undefined, frames: Frames) {
    if (request === undefined) return "not asked" as const;
    if (answer === undefined) return "asked" as const;
    const isEmpty = certificatesOf(answer).length === 0;
    const state = isEmpty ? ("empty" as const) : ("shown" as const);
    const text = isEmpty ? "the device shows no certificate" : "the device shows a certificate";
    this.#add("capture-client-certificate", state, frames.client(answer.at), text);
    return state;
  }

  #reached(hasData: boolean, hasTls: boolean, isTunnelAsked: boolean): CapturedConnection["reached"] {
    const { synAckFrame, finFrame, fromServer } = this.#connection;
    if (hasData) return finFrame === null ? "data" : "end";
    if (hasTls) return "TLS";
    if (isTunnelAsked) return "proxy";
    return synAckFrame !== null || fromServer.hasContent ? "TCP" : "SYN";
  }

  #resets(serverHops: ReadonlySet<number> | undefined, hasData: boolean, reached: CapturedConnection["reached"]): void {
    const { resets, finFrame, synAckFrame, client, server } = this.#connection;
    for (const { isFromServer, segment } of resets) {
      const stage =
        finFrame !== null && finFrame < segment.frame
          ? "end"
          : hasData
            ? "data"
            : synAckFrame === null && reached === "SYN"
              ? "SYN"
              : reached === "SYN"
                ? "TCP"
                : reached;
      const text = `a reset in the name of ${isFromServer ? server : client}, at stage ${stage}`;
      // Whoever closes a connection may reset it; what counts is a reset that comes.
      if (isFromServer) this.#add("capture-reset", stage === "proxy" ? "TCP" : stage, segment.frame, text);
      const known = isFromServer ? [...(serverHops ?? [])] : [];
      const isForeign = known.length > 0 && known.every((hops) => Math.abs(hops - segment.hops) >= 2);
      if (!isForeign) continue;
      const hops = `over ${segment.hops} routers, where the server's packets come over ${known.join(" or ")}`;
      this.#add("capture-forged-reset", hops, segment.frame, `${text}: it comes ${hops}`);
    }
  }

  #silence(lastMs: number, { client }: Sides): void {
    const { synFrames, synAckFrame, resets, fromServer, fromClient, finFrame, last, first, server } = this.#connection;
    const hadTime = lastMs - last.atMs >= silenceMs || last.atMs - first.atMs >= silenceMs;
    if (synFrames.length > 0 && synAckFrame === null && !fromServer.hasContent && resets.length === 0) {
      if (synFrames.length > 1 || hadTime)
        this.#add(
          "capture-silence",
          "no answer to SYN",
          synFrames.at(-1) ?? first.frame,
          `${synFrames.length} SYN to ${server}, no answer`,
        );
      return;
    }
    if (fromServer.hasContent || !fromClient.hasContent || resets.length > 0 || finFrame !== null) return;
    if (!hadTime && fromClient.repeated < 2) return;
    const after = client.messages.length > 0 ? "ClientHello" : "the request";
    this.#add("capture-silence", `fell silent after ${after}`, last.frame, `${server} says nothing after ${after}`);
  }

  #add(kind: FactKind, value: string | number, frame: number, text: string): void {
    const evidence = { source: this.#source, place: `frame ${frame}`, text: evidenceText(text) };
    const { client, server } = this.#connection;
    this.facts.push({
      kind,
      value: typeof value === "string" ? evidenceText(value) : value,
      about: `${client} ${server}`,
      evidence,
    });
  }
}

type Assembled = ReturnType<Connection["fromClient"]["assembled"]>;
type Sides = { readonly client: TlsSide; readonly server: TlsSide };
type Frames = { readonly client: (at: number) => number; readonly server: (at: number) => number };

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 2_000)).toString("latin1");
}

/** Where the head of an HTTP message ends; all of it when it does not. */
function endOfHead(bytes: Uint8Array): number {
  const at = Buffer.from(bytes).indexOf("\r\n\r\n");
  return at === -1 ? bytes.byteLength : at + 4;
}

/** What OpenSSL can read of them; a firewall's mutilated one tells nothing. */
function readable(certificates: readonly Uint8Array[]): readonly SeenCertificate[] {
  return certificates.flatMap((der) => {
    try {
      return [describeCertificate(der)];
    } catch {
      return [];
    }
  });
}
