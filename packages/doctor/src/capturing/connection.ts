// The TCP connections of a capture, each with what its two sides sent, its resets, and the hops its packets came over.

import { connectionsMax } from "./capture-limits.ts";
import type { Packet } from "./read-packets.ts";
import { Stream } from "./stream.ts";
import { flag, readSegment, type Segment } from "./tcp-segment.ts";

export type Reset = { readonly isFromServer: boolean; readonly segment: Segment };

export class Connection {
  readonly client: string;
  readonly server: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly first: Segment;
  last: Segment;
  readonly fromClient = new Stream();
  readonly fromServer = new Stream();
  readonly resets: Reset[] = [];
  synFrames: number[] = [];
  synAckFrame: number | null = null;
  finFrame: number | null = null;

  constructor(first: Segment, isFromClient: boolean) {
    const [client, server] = [`${first.from}:${first.fromPort}`, `${first.to}:${first.toPort}`];
    [this.client, this.server] = isFromClient ? [client, server] : [server, client];
    this.serverAddress = isFromClient ? first.to : first.from;
    this.serverPort = isFromClient ? first.toPort : first.fromPort;
    [this.first, this.last] = [first, first];
  }

  add(segment: Segment): void {
    const isFromServer = `${segment.from}:${segment.fromPort}` === this.server;
    const { flags, frame, sequence } = segment;
    this.last = segment;
    if ((flags & flag.rst) !== 0) {
      this.resets.push({ isFromServer, segment });
      return;
    }
    const stream = isFromServer ? this.fromServer : this.fromClient;
    if ((flags & flag.syn) !== 0) {
      stream.begin(sequence + 1);
      if (isFromServer) this.synAckFrame ??= frame;
      else this.synFrames.push(frame);
    }
    stream.add(segment);
    if ((flags & flag.fin) !== 0) this.finFrame ??= frame;
  }
}

export type Connections = {
  readonly connections: readonly Connection[];
  /** By address, over how many routers packets that are no resets came. */
  readonly hopsOf: ReadonlyMap<string, ReadonlySet<number>>;
  readonly leftOut: number;
};

export function findConnections(packets: readonly Packet[]): Connections {
  const open = new Map<string, Connection>();
  const connections: Connection[] = [];
  const hopsOf = new Map<string, Set<number>>();
  let leftOut = 0;
  for (const packet of packets) {
    const segment = readSegment(packet);
    if (segment === null) continue;
    if ((segment.flags & flag.rst) === 0) {
      const hops = hopsOf.get(segment.from) ?? new Set<number>();
      hopsOf.set(segment.from, hops.add(segment.hops));
    }
    const key = keyOf(segment);
    const isSyn = (segment.flags & (flag.syn | flag.ack | flag.rst)) === flag.syn;
    const known = open.get(key);
    const isNew = known === undefined || (isSyn && (known.finFrame !== null || known.resets.length > 0));
    if (isNew && connections.length >= connectionsMax) {
      leftOut += 1;
      continue;
    }
    const connection = isNew ? new Connection(segment, isSyn || isClientSide(segment)) : known;
    if (isNew) {
      open.set(key, connection);
      connections.push(connection);
    }
    connection.add(segment);
  }
  return { connections, hopsOf, leftOut };
}

function keyOf({ from, fromPort, to, toPort }: Segment): string {
  const [a, b] = [`${from}:${fromPort}`, `${to}:${toPort}`];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Of a connection that began before the capture: servers have the lower port. */
function isClientSide({ flags, fromPort, toPort }: Segment): boolean {
  return (flags & flag.syn) === 0 ? fromPort > toPort : false;
}
