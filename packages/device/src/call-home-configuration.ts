// What is configured about Call Home: whether it is on, its way, its profiles; and each line of configuration as a change of it.
// A profile says where licensing goes with `license smart transport callhome`; nothing else is sent home (spec/deviations.md).

import * as v from "valibot";

export const callHomeProfilesMax = 10;
const nameCharactersMax = 31;
const textCharactersMax = 200;
const urlCharactersMax = 2048;

/** The profile that every device has (TRN-23), and the address that it has unless another is configured (TRN-25). */
export const defaultProfileName = "CiscoTAC-1";
export const defaultProfileUrl = "https://tools.cisco.com/its/service/oddce/services/DDCEService";
/** The limit of Call Home (TRN-28), which is also that of our messages. */
export const callHomeMessageBytesMax = 3_145_728;

const text = v.nullable(v.pipe(v.string(), v.maxLength(textCharactersMax)));

const profileSchema = v.strictObject({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(nameCharactersMax)),
  isActive: v.boolean(),
  /** `reporting smart-licensing-data` */
  carriesLicensing: v.boolean(),
  /** Null: none, or the default of the profile that every device has. */
  url: v.nullable(v.pipe(v.string(), v.maxLength(urlCharactersMax))),
});

export const callHomeSchema = v.strictObject({
  isOn: v.boolean(),
  contactEmail: text,
  httpProxy: v.nullable(v.strictObject({ host: v.string(), port: v.number() })),
  sourceInterface: text,
  vrf: text,
  checksServerIdentity: v.boolean(),
  profiles: v.pipe(v.array(profileSchema), v.minLength(1), v.maxLength(callHomeProfilesMax)),
});

export type CallHomeConfiguration = v.InferOutput<typeof callHomeSchema>;
export type CallHomeProfile = v.InferOutput<typeof profileSchema>;

export const defaultCallHome: CallHomeConfiguration = {
  isOn: true,
  contactEmail: null,
  httpProxy: null,
  sourceInterface: null,
  vrf: null,
  checksServerIdentity: true,
  profiles: [{ name: defaultProfileName, isActive: true, carriesLicensing: true, url: null }],
};

/** Names are told apart as they are written, but found in any case. */
export function findProfile({ profiles }: CallHomeConfiguration, name: string): CallHomeProfile | undefined {
  return profiles.find((profile) => profile.name.toLowerCase() === name.toLowerCase());
}

export function profileUrl({ name, url }: CallHomeProfile): string | null {
  return url ?? (name === defaultProfileName ? defaultProfileUrl : null);
}

/** The profile that licensing goes by; null while Call Home is off, or no active profile carries licensing data. */
export function licensingProfile({ isOn, profiles }: CallHomeConfiguration): CallHomeProfile | null {
  return (isOn && profiles.find((profile) => profile.isActive && profile.carriesLicensing)) || null;
}

/** Where licensing goes with transport callhome. */
export function callHomeUrl(callHome: CallHomeConfiguration): string | null {
  const profile = licensingProfile(callHome);
  return profile && profileUrl(profile);
}

/** What a line makes of it; a text says why nothing. */
export type EditedCallHome = CallHomeConfiguration | string;

export function withProfile(callHome: CallHomeConfiguration, name: string): EditedCallHome {
  if (findProfile(callHome, name) !== undefined) return callHome;
  if (name.length > nameCharactersMax || !/^[\w.:-]+$/.test(name))
    return `${name.slice(0, 40)} is no name of a profile: 1 to ${nameCharactersMax} letters, digits, - and _.`;
  if (callHome.profiles.length >= callHomeProfilesMax)
    return `At most ${callHomeProfilesMax} profiles. Remove one with \`no profile\`.`;
  const made = { name, isActive: false, carriesLicensing: false, url: null };
  return { ...callHome, profiles: [...callHome.profiles, made] };
}

export function withoutProfile(callHome: CallHomeConfiguration, name: string): EditedCallHome {
  const found = findProfile(callHome, name);
  if (found === undefined) return unknownProfile(name);
  if (found.name === defaultProfileName) return `${defaultProfileName} is part of the device. Use \`no active\` in it.`;
  return { ...callHome, profiles: callHome.profiles.filter((profile) => profile !== found) };
}

export function unknownProfile(name: string): string {
  return `There is no profile ${name.slice(0, 40)}. See \`show call-home profile all\`.`;
}

/** Only one active profile carries licensing data (TRN-24): a second one is refused, and the first is named. */
export function editProfile(
  callHome: CallHomeConfiguration,
  name: string,
  change: Partial<Omit<CallHomeProfile, "name">>,
): EditedCallHome {
  const found = findProfile(callHome, name);
  if (found === undefined) return unknownProfile(name);
  const wanted = { ...found, ...change };
  if (wanted.url !== null && !isProfileUrl(wanted.url))
    return "This is no address that licensing can use. Enter a URL that begins with https:// or http://.";
  const carries = (profile: CallHomeProfile): boolean => profile.isActive && profile.carriesLicensing;
  const other = callHome.profiles.find((profile) => profile !== found && carries(profile));
  if (carries(wanted) && other !== undefined)
    return (
      `Profile ${other.name} is active and carries licensing data; only one can. ` +
      `Enter \`no active\` or \`no reporting smart-licensing-data\` in profile ${other.name} first.`
    );
  return { ...callHome, profiles: callHome.profiles.map((profile) => (profile === found ? wanted : profile)) };
}

/** Credentials do not belong into an address: it is shown and logged. */
function isProfileUrl(address: string): boolean {
  if (address.length > urlCharactersMax || !URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  return ["https:", "http:"].includes(protocol) && username === "" && password === "";
}

/** Kept and shown; whether anybody reads mail there is not ours to know. */
export function withContact(callHome: CallHomeConfiguration, address: string | null): EditedCallHome {
  if (address !== null && (address.length > textCharactersMax || !/^[^\s@]+@[^\s@]+$/.test(address)))
    return `An e-mail address of at most ${textCharactersMax} characters was expected.`;
  return { ...callHome, contactEmail: address };
}

/** Lines of the running configuration; with `withDefaults` also what is at its default. */
export function callHomeLines(callHome: CallHomeConfiguration, withDefaults: boolean): readonly string[] {
  const { contactEmail, httpProxy, sourceInterface, vrf, checksServerIdentity, profiles } = callHome;
  return [
    "call-home",
    ...(contactEmail === null ? [] : [` contact-email-addr ${contactEmail}`]),
    ...(httpProxy === null ? [] : [` http-proxy ${httpProxy.host} port ${httpProxy.port}`]),
    ...(checksServerIdentity
      ? withDefaults
        ? [" http secure server-identity-check"]
        : []
      : [" no http secure server-identity-check"]),
    ...(sourceInterface === null ? [] : [` source-interface ${sourceInterface}`]),
    ...(vrf === null ? [] : [` vrf ${vrf}`]),
    ...profiles.flatMap((profile) => profileLines(profile, withDefaults)),
  ];
}

function profileLines(profile: CallHomeProfile, withDefaults: boolean): readonly string[] {
  const { name, isActive, carriesLicensing, url } = profile;
  const shownUrl = withDefaults ? profileUrl(profile) : url;
  const isStandard = name === defaultProfileName;
  const switched = (words: string, isOn: boolean) =>
    isOn ? [`  ${words}`] : isStandard || withDefaults ? [`  no ${words}`] : [];
  return [
    ` profile "${name}"`,
    ...switched("active", isActive),
    ...switched("reporting smart-licensing-data", carriesLicensing),
    "  destination transport-method http",
    ...(shownUrl === null ? [] : [`  destination address http ${shownUrl}`]),
  ];
}
