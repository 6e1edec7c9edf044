// `show users`: the lines on which somebody is logged in, the asking one with an asterisk, in the field's columns.

import type { LoggedInUser } from "../license-view.ts";
import { oneLine } from "./show-text.ts";

export function renderUsers(users: readonly LoggedInUser[]): string {
  const rows = users.map(({ line, user, location, idleSeconds, isAsking }) =>
    row(isAsking ? "*" : " ", line, oneLine(user), "idle", idleTime(idleSeconds), location ?? ""),
  );
  return [row(" ", "Line", "User", "Host(s)", "Idle", "Location"), ...rows].join("\n");
}

function row(mark: string, ...[line = "", user = "", hosts = "", idle = "", location = ""]: readonly string[]): string {
  const cells = [line.padEnd(10), user.padEnd(10), hosts.padEnd(20), idle.padEnd(10), location];
  return `${mark}   ${cells.join(" ")}`.trimEnd();
}

/** 00:05:12; days where there are any: 1d02h. */
function idleTime(seconds: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const days = Math.floor(seconds / 86_400);
  if (days > 0) return `${days}d${two((seconds % 86_400) / 3600)}h`;
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(two).join(":");
}
