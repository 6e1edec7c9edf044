// What is configured about a device's clock: the time zone it shows, whether its calendar is trusted, who tells it the time.

import * as v from "valibot";

export const ntpServersMax = 8;
export const zoneLabelCharactersMax = 8;

const zoneSchema = v.strictObject({ label: v.string(), offsetMinutes: v.pipe(v.number(), v.safeInteger()) });

export const clockSchema = v.strictObject({
  zone: zoneSchema,
  /** `clock calendar-valid`: somebody vouches for the clock of the machine and for what was set by hand (SEC-14). */
  calendarValid: v.boolean(),
  ntpServers: v.pipe(v.array(v.string()), v.maxLength(ntpServersMax)),
});

export type ClockConfiguration = v.InferOutput<typeof clockSchema>;

export const defaultClock: ClockConfiguration = {
  zone: { label: "UTC", offsetMinutes: 0 },
  calendarValid: false,
  ntpServers: [],
};

/** The time of the device beside that of its machine: what was set by hand or by NTP. */
export const clockOffsetSchema = v.strictObject({
  offsetMs: v.pipe(v.number(), v.safeInteger()),
  isSetByHand: v.boolean(),
});

export const ownClock = { offsetMs: 0, isSetByHand: false };

/** The commands that make it, without what is at its default. */
export function clockLines({ zone, calendarValid }: ClockConfiguration): readonly string[] {
  const { label, offsetMinutes } = zone;
  const [hours, minutes] = [Math.trunc(offsetMinutes / 60), Math.abs(offsetMinutes % 60)];
  const isDefault = label === defaultClock.zone.label && offsetMinutes === 0;
  return [
    ...(isDefault ? [] : [`clock timezone ${label} ${hours} ${minutes}`]),
    ...(calendarValid ? ["clock calendar-valid"] : []),
  ];
}

export function ntpLines({ ntpServers }: ClockConfiguration): readonly string[] {
  return ntpServers.map((host) => `ntp server ${host}`);
}
