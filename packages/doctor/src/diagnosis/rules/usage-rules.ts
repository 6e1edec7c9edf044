// Reports and acknowledgements, counts, and what only looks like a fault.

import type { Rule } from "../rule.ts";
import { advise, ask, send } from "../step.ts";

export const usageRules = {
  mandatory_acknowledgement_missing: {
    severity: "warning",
    title: "This controller must have an acknowledgement and has none",
    meaning: "On the 9800-CL an acknowledged usage report is mandatory from 17.7.1 on.",
    standsFor: ["FAIL-31", "GEN-10"],
    when: [{ fact: "last-acknowledgement", matches: /^none$/ }],
    and: [{ fact: "product-id", matches: /^C9800-CL/ }],
    unless: [{ fact: "release", atMost: 170_700 }],
    remedy: [
      send("license smart sync all", "c9800"),
      advise(
        "Without a way out: license smart save usage all file bootflash:usage.txt, and import the acknowledgement.",
      ),
    ],
    verify: [ask("show license status | section Usage Reporting", "ios-xe")],
  },
  acknowledgement_overdue: {
    severity: "fault",
    title: "An acknowledgement is overdue",
    meaning:
      "The policy wanted an acknowledged report before a date that is past. Usage is kept and can still be reported.",
    standsFor: ["FAIL-31", "GEN-9"],
    when: [{ fact: "acknowledgement-due-days", atMost: -0.000_001 }],
    unless: [{ fact: "acknowledgement-required", matches: /^no$/i }],
    remedy: [
      send("license smart sync all", "ios-xe"),
      advise("Without a way out: license smart save usage all file flash:usage.txt, and import the acknowledgement."),
    ],
    verify: [ask("show license status | section Usage Reporting", "ios-xe")],
  },
  acknowledgement_due: {
    severity: "warning",
    title: "An acknowledgement is due within 30 days",
    meaning: "Nothing is wrong yet. If the device reports by itself, it will do so in time; files must be carried.",
    standsFor: ["FAIL-31"],
    when: [{ fact: "acknowledgement-due-days", atLeast: 0, atMost: 30 }],
    unless: [{ fact: "acknowledgement-required", matches: /^no$/i }],
    remedy: [send("license smart sync all", "ios-xe")],
    verify: [ask("show license status | section Usage Reporting", "ios-xe")],
  },
  reports_missing: {
    severity: "warning",
    title: "Usage reports are listed and not in storage, or were thrown away unacknowledged",
    meaning:
      "The store was full or was damaged: that usage can no longer be reported. It happens where acknowledgements never come.",
    standsFor: ["BET-22", "GEN-9"],
    when: [
      { fact: "reports-missing", atLeast: 1 },
      { fact: "reports-purged", atLeast: 1 },
    ],
    remedy: [
      advise("Get acknowledgements going again, by the other findings or by files."),
      ask("show license rum id all", "ios-xe"),
    ],
    verify: [ask("show license tech support | section Usage Report Summary", "ios-xe")],
  },
  reservation_left_over: {
    severity: "warning",
    title: "A reservation of the old model is still installed",
    meaning:
      "Reservations (SLR) do not exist in the policy model. After an upgrade they go on holding licences of the account, and they do not exempt from reporting.",
    standsFor: ["FAIL-29", "GEN-7", "BET-41"],
    when: [{ fact: "reservation" }],
    and: [{ fact: "model", matches: /^policy$/ }],
    remedy: [
      ask("show license tech support | section Reservation", "ios-xe"),
      advise(
        "Report once by file: license smart save usage all file flash:usage.txt, upload it, import the acknowledgement.",
      ),
      advise("Then have the reservation removed in the manager, which frees its licences."),
    ],
    verify: [ask("show license tech support | section Reservation", "ios-xe")],
  },
  access_points_wait: {
    severity: "note",
    title: "Access points that joined lately are counted with the next report",
    meaning:
      "A controller reports its access points every eight hours, whatever interval is configured. Until then a new one is missing in the manager, and nothing is wrong.",
    standsFor: ["FAIL-27", "BET-23"],
    when: [{ fact: "access-point-report" }],
    remedy: [send("license smart sync all", "c9800")],
    verify: [ask("show license air entities summary", "c9800")],
  },
  push_interval_zero: {
    severity: "note",
    title: "“Reporting push interval: 0 (no reporting)” is no fault here",
    meaning: "Only perpetual licences are in use, and the policy asks for no further reports of those.",
    standsFor: ["GEN-9"],
    when: [{ fact: "push-interval-days", atLeast: 0, atMost: 0 }],
    remedy: [],
    verify: [],
  },
  boot_lines_harmless: {
    severity: "note",
    title: "Lines of the start that look bad and are not",
    meaning:
      "While a device starts, its cryptography is not ready yet and members that are not active say so. They pass.",
    standsFor: ["FAIL-30", "BET-21"],
    when: [
      { fact: "event", matches: /crypto initialization has not been completed|not the active switch/i },
      { fact: "event", matches: /SAEVT_LICENSE_USAGE count="0" type="destroy"/ },
    ],
    remedy: [],
    verify: [],
  },
} as const satisfies Record<string, Rule>;
