// The device's clock and who sets it: clock, ntp, show clock, show ntp (CLI-20, SEC-14, SHO-29).

import {
  type ClockConfiguration,
  defaultClock,
  ntpServersMax,
  zoneLabelCharactersMax,
} from "../../clock-configuration.ts";
import { renderClock, renderNtpAssociations, renderNtpStatus } from "../../render/show-clock.ts";
import { type CommandHandler, type ConsoleNode, changing, shown } from "../command-context.ts";
import { cleared, keyword, number, word } from "../command-node.ts";
import type { Arguments } from "../parse-command.ts";
import { mistakenTime, timeOf } from "./clock-time.ts";

type Edit = (now: ClockConfiguration, given: Arguments) => ClockConfiguration | string;

function editing(edit: Edit): { readonly action: CommandHandler } {
  return {
    action: changing((control, given) => control.change({ setting: "clock", edit: (now) => edit(now, given) })),
  };
}

const set: CommandHandler = (context, given) => {
  const atMs = timeOf(given, context.options.zone);
  return changing(async (control) => (atMs === null ? mistakenTime : control.setClock(atMs, context.user)))(
    context,
    given,
  );
};

const year: ConsoleNode = number("year", [1993, 2099], "Year", { action: set });

/** At the root of the tree, in EXEC. */
export const clockExecCommands: readonly ConsoleNode[] = [
  keyword("clock", "The clock of the device", {
    modes: ["exec"],
    next: [
      keyword("set", "Set it", {
        next: [
          word("time", "hh:mm:ss", {
            next: [
              number("day", [1, 31], "Day of the month", { next: [word("month", "Month", { next: [year] })] }),
              word("month", "Month", { next: [number("day", [1, 31], "Day of the month", { next: [year] })] }),
            ],
          }),
        ],
      }),
    ],
  }),
];

function zoneOf({ label = "", hours = "0", minutes = "0" }: Arguments): ClockConfiguration["zone"] {
  const sign = hours.startsWith("-") ? -1 : 1;
  return { label, offsetMinutes: Number(hours) * 60 + sign * Number(minutes) };
}

const zoned: Edit = (now, given) => {
  if ((given.label ?? "").length > zoneLabelCharactersMax)
    return `The name of a time zone has at most ${zoneLabelCharactersMax} characters.`;
  if (!/^-?\d{1,2}$/.test(given.hours ?? "") || Math.abs(Number(given.hours)) > 23)
    return "The hours of a time zone are -23 to 23.";
  return { ...now, zone: zoneOf(given) };
};

const added: Edit = (now, { server = "" }) => {
  const others = now.ntpServers.filter((one) => one !== server);
  if (others.length >= ntpServersMax) return `A device asks at most ${ntpServersMax} time servers.`;
  return { ...now, ntpServers: [...others, server] };
};

const removed: Edit = (now, { server = "" }) => {
  if (!now.ntpServers.includes(server)) return "There is no such time server.";
  return { ...now, ntpServers: now.ntpServers.filter((one) => one !== server) };
};

/** At the root of the tree, in global configuration. */
export const clockConfigCommands: readonly ConsoleNode[] = [
  keyword("clock", "The clock of the device", {
    modes: ["config"],
    next: [
      keyword(
        "calendar-valid",
        "Somebody vouches for it",
        editing((now) => ({ ...now, calendarValid: true })),
      ),
      keyword("timezone", "How times are shown", {
        next: [
          word("label", "Name of the time zone", {
            next: [
              word("hours", "Hours from UTC, -23 to 23", {
                ...editing(zoned),
                next: [number("minutes", [0, 59], "Minutes from UTC", editing(zoned))],
              }),
            ],
          }),
        ],
      }),
    ],
  }),
  keyword("ntp", "Who tells the time", {
    modes: ["config"],
    next: [keyword("server", "A time server", { next: [word("server", "Host name or address", editing(added))] })],
  }),
];

/** Below `no` of global configuration. */
export const noClock: readonly ConsoleNode[] = [
  keyword("clock", "The clock of the device", {
    next: [
      keyword(
        "calendar-valid",
        "Nobody vouches for it",
        editing((now) => ({ ...now, calendarValid: false })),
      ),
      cleared("timezone", "UTC", editing((now) => ({ ...now, zone: defaultClock.zone })).action),
    ],
  }),
  keyword("ntp", "Who tells the time", {
    next: [keyword("server", "A time server", { next: [word("server", "Host name or address", editing(removed))] })],
  }),
];

function showing(isDetailed: boolean): CommandHandler {
  return async ({ reader, options }) => {
    const { isAuthoritative, source, offsetMs } = reader.clock();
    const json = { at: new Date(options.nowMs).toISOString(), isAuthoritative, source, offsetMs };
    return shown(renderClock(reader.clock(), options, isDetailed), json);
  };
}

const status: CommandHandler = async ({ reader, options }) =>
  shown(renderNtpStatus(reader.clock(), options.nowMs), reader.clock());

const associations: CommandHandler = async ({ reader, options }) =>
  shown(renderNtpAssociations(reader.clock(), options.nowMs), { servers: reader.clock().servers });

/** Below `show`. */
export const showClockCommands: readonly ConsoleNode[] = [
  keyword("clock", "Time of the device", {
    action: showing(false),
    next: [keyword("detail", "And where it comes from", { action: showing(true) })],
  }),
  keyword("ntp", "Who tells the time", {
    next: [
      keyword("associations", "Time servers", { action: associations }),
      keyword("status", "Whether the clock is synchronized", { action: status }),
    ],
  }),
];
