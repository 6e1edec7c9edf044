// show call-home, its profiles and what it does for licensing: captions and order of the field (SHO-12). What the field sends
// home beside licensing does not exist here, and is said not to (SHO-13).

import {
  type CallHomeProfile,
  callHomeMessageBytesMax,
  licensingProfile,
  profileUrl,
} from "../call-home-configuration.ts";
import type { RunningConfiguration } from "../device-configuration.ts";
import { oneLine } from "./show-text.ts";

const notSetUp = "Not yet set up";
const onOff = (isOn: boolean): string => (isOn ? "enable" : "disable");
const statusOf = ({ isActive }: CallHomeProfile): string => (isActive ? "ACTIVE" : "INACTIVE");
const shownUrl = (profile: CallHomeProfile): string => oneLine(profileUrl(profile) ?? notSetUp);

export function renderCallHome(configuration: RunningConfiguration): string {
  const { callHome } = configuration;
  const { httpProxy } = callHome;
  const proxy = httpProxy && `${httpProxy.host}:${httpProxy.port}`;
  const value = (caption: string, shown: string | null): string => `    ${caption}: ${oneLine(shown ?? notSetUp)}`;
  const profile = licensingProfile(callHome);
  return [
    "Current call home settings:",
    `    call home feature : ${onOff(callHome.isOn)}`,
    "",
    value("vrf for call-home messages", callHome.vrf),
    "",
    value("contact person's email address", callHome.contactEmail),
    "",
    value("source interface", callHome.sourceInterface),
    value("http proxy", proxy),
    "    http secure:",
    `        server identity check: ${callHome.checksServerIdentity ? "enabled" : "disabled"}`,
    "",
    `    Smart licensing messages: ${profile === null ? "disabled" : "enabled"}`,
    ...(profile === null ? [] : [`    Profile: ${oneLine(profile.name)} (status: ${statusOf(profile)})`]),
    ...(configuration.transport === "callhome"
      ? []
      : [`    Licensing does not go this way: license smart transport is ${configuration.transport}`]),
    "",
    "Available alert groups:",
    "    None: a simulated platform has no events to send home",
    "",
    "Profiles:",
    ...callHome.profiles.map(({ name }) => `    Profile Name: ${oneLine(name)}`),
  ].join("\n");
}

export function renderProfiles(profiles: readonly CallHomeProfile[]): string {
  return profiles.map((profile) => profileLines(profile).join("\n")).join("\n\n");
}

function profileLines(profile: CallHomeProfile): readonly string[] {
  return [
    `Profile Name: ${oneLine(profile.name)}`,
    `    Profile status: ${statusOf(profile)}`,
    "    Profile mode: Full Reporting",
    `    Reporting Data: ${profile.carriesLicensing ? "Smart Licensing" : "None"}`,
    "    Preferred Message Format: xml",
    `    Message Size Limit: ${callHomeMessageBytesMax} Bytes`,
    "    Transport Method: http",
    `    HTTP address(es): ${shownUrl(profile)}`,
    "    Other address(es): default",
    "",
    "    Periodic configuration info message is not sent by a simulated platform",
    "    Periodic inventory info message is not sent by a simulated platform",
    "",
    "    Alert-group               Severity",
    "    ------------------------  ------------",
    "    none",
    "",
    "    Syslog-Pattern            Severity",
    "    ------------------------  ------------",
    "    none",
  ];
}

export function renderCallHomeLicensing({ callHome, transport }: RunningConfiguration): string {
  const profile = licensingProfile(callHome);
  const head = `Smart-license messages: ${profile === null ? "disabled" : "enabled"}`;
  if (profile === null) return `${head}\n${whyNoProfile(callHome.isOn)}`;
  return [
    head,
    `Profile: ${oneLine(profile.name)} (status: ${statusOf(profile)})`,
    `Destination  URL(s): ${shownUrl(profile)}`,
    ...(transport === "callhome" ? [] : [`Not used: license smart transport is ${transport}`]),
  ].join("\n");
}

function whyNoProfile(isOn: boolean): string {
  return isOn
    ? "No active profile carries licensing data: enter `active` and `reporting smart-licensing-data` in one."
    : "Call Home is off: enter `service call-home`.";
}

export function callHomeJson({ callHome, transport }: RunningConfiguration) {
  const { profiles, ...rest } = callHome;
  return {
    ...rest,
    licensingProfile: licensingProfile(callHome)?.name ?? null,
    isUsedByLicensing: transport === "callhome",
    profiles: profiles.map((profile) => ({ ...profile, url: profileUrl(profile) })),
  };
}
