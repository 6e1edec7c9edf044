// What a device tells of itself beyond its identity, as far as its privacy switches allow.

import type { AgentState } from "../lifecycle/state.ts";

/** "" when hostname privacy is enabled. */
export function hostnameOf(state: AgentState): string {
  return state.configuration.privacy.hostname ? "" : state.installation.hostname;
}

/** Left out when version privacy is enabled. */
export function versionEntry(state: AgentState): { readonly software_version?: string } {
  return state.configuration.privacy.version ? {} : { software_version: state.installation.softwareVersion };
}
