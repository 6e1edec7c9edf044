// All rules. Their codes are interface: never renamed, never used for something else. The order is that of the way of a message.

import type { Rule } from "./rule.ts";
import { certificateRules } from "./rules/certificate-rules.ts";
import { configurationRules } from "./rules/configuration-rules.ts";
import { identityRules } from "./rules/identity-rules.ts";
import { pathRules } from "./rules/path-rules.ts";
import { relayRules } from "./rules/relay-rules.ts";
import { usageRules } from "./rules/usage-rules.ts";

export const rules = {
  ...pathRules,
  ...certificateRules,
  ...configurationRules,
  ...identityRules,
  ...usageRules,
  ...relayRules,
} as const satisfies Record<string, Rule>;

export type FindingCode = keyof typeof rules;

export const findingCodes = Object.keys(rules) as readonly FindingCode[];
