// The live table: one line an instance, as wide as the terminal. On a terminal it is drawn over itself; elsewhere each
// change is a line of its own, so that a log stays readable.

import type { Writable } from "node:stream";
import { type Column, formatRelative, renderTable } from "@countersign/terminal";
import { describeInUse, describeNext, describeTrust, type InstanceStatus } from "./instance-status.ts";

function columns(now: number): readonly Column<InstanceStatus>[] {
  return [
    { title: "Instance", value: (row) => row.name, keep: true },
    { title: "Trust", value: describeTrust, keep: true },
    { title: "In use", value: describeInUse },
    { title: "Reported", value: (row) => formatRelative(row.lastPushAtMs, now), keep: true },
    { title: "ACK", value: (row) => formatRelative(row.lastAckAtMs, now), keep: true },
    { title: "Next", value: (row) => describeNext(row, now) },
  ];
}

export function renderFleet(statuses: readonly InstanceStatus[], now: number, width?: number): string {
  return renderTable(columns(now), statuses, width);
}

export type Screen = {
  /** Shows the newest state; on a terminal in place of what was shown before. */
  show(statuses: readonly InstanceStatus[], now: number): void;
  /** Prints a line above the table. */
  say(line: string): void;
};

type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export function createScreen(stream: TerminalStream): Screen {
  return stream.isTTY === true ? new LiveScreen(stream) : new LogScreen(stream);
}

const eraseLineAndBelow = "\u001b[J";
const upLines = (count: number) => (count === 0 ? "" : `\u001b[${count}F`);

class LiveScreen implements Screen {
  readonly #stream: TerminalStream;
  #shown = "";

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  show(statuses: readonly InstanceStatus[], now: number): void {
    const { columns = 0 } = this.#stream;
    const table = renderFleet(statuses, now, columns);
    // A line that the terminal wraps would be two, and the table be drawn in the wrong place.
    this.#replace(columns === 0 ? table : table.replace(/^.*$/gm, (line) => line.slice(0, columns)));
  }

  say(line: string): void {
    const table = this.#shown;
    this.#replace(`${line}\n`);
    this.#shown = "";
    this.#replace(table);
  }

  #replace(text: string): void {
    const lines = this.#shown.split("\n").length - 1;
    this.#stream.write(`${upLines(lines)}${eraseLineAndBelow}${text}`);
    this.#shown = text;
  }
}

class LogScreen implements Screen {
  readonly #stream: Writable;
  readonly #seen = new Map<string, string>();

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  show(statuses: readonly InstanceStatus[]): void {
    for (const status of statuses) {
      const ack = status.lastAckAtMs === null ? "no ACK yet" : `ACK ${new Date(status.lastAckAtMs).toISOString()}`;
      const line = `${status.name}: trust ${describeTrust(status)}; in use ${describeInUse(status)}; ${status.problem ?? ack}`;
      if (this.#seen.get(status.name) !== line) this.say(line);
      this.#seen.set(status.name, line);
    }
  }

  say(line: string): void {
    this.#stream.write(`${line}\n`);
  }
}
