// What a person can do, with what it does to a network that carries traffic: told before the command, never after it (GEN-21).

/** From harmless to grave. */
export const impacts = {
  asks: "only asks; changes nothing",
  elsewhere: "done outside the device; the device goes on as it is",
  sends: "sends licensing messages; traffic goes on",
  saves: "writes the startup configuration; traffic goes on",
  debugs: "costs processor time while it is on: not on a device that is busy",
  configures: "changes the running configuration; traffic goes on",
  weakens: "changes the running configuration and takes a security check away; traffic goes on",
  replaces: "throws the device's licensing identity away and asks for a new one; traffic goes on",
  reloads: "RELOADS THE DEVICE: all its traffic stops until it is back",
} as const;

export type Impact = keyof typeof impacts;

/** `platform` null: the same everywhere, or not on the device. */
export type Step = {
  readonly platform: Platform | null;
  readonly impact: Impact;
} & ({ readonly command: string } | { readonly advice: string });

export const platforms = ["ios-xe", "c9800", "ios-xr", "nx-os", "asa"] as const;
export type Platform = (typeof platforms)[number];

const steps =
  (impact: Impact) =>
  (command: string, platform: Platform | null = null): Step => ({ platform, impact, command });

export const ask = steps("asks");
export const send = steps("sends");
export const save = steps("saves");
export const debug = steps("debugs");
export const configure = steps("configures");
export const weaken = steps("weakens");
export const replace = steps("replaces");
export const reload = steps("reloads");
/** Work for a person that is no command of the device. */
export const advise = (advice: string): Step => ({ platform: null, impact: "elsewhere", advice });

/** Shown on a device of `platform`: its own steps, and those that are the same everywhere. The 9800 runs IOS XE. */
export function stepsFor(all: readonly Step[], platform: Platform | null): readonly Step[] {
  if (platform === null) return all;
  return all.filter((step) => {
    if (step.platform === null || step.platform === platform) return true;
    return platform === "c9800" && step.platform === "ios-xe";
  });
}
