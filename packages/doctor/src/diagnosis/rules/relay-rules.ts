// What a running relay of ours says of itself: its own certificate, its way to the manager, its storage.

import type { Rule } from "../rule.ts";
import { advise } from "../step.ts";

const askAgain = [advise("countersign doctor relay URL")];
const renewNow = advise(
  "On the relay's machine: countersign relay renew --state-directory DIRECTORY. A relay that serves uses what it brings within a minute.",
);
const seeManager = advise("From there, with the relay's proxy: countersign doctor probe <MANAGER-URL> --root FILE");

export const relayRules = {
  relay_certificate_ended: {
    severity: "fault",
    title: "The relay's own certificate has ended",
    meaning:
      "Devices no longer believe what it says, and the manager refuses what it brings. Devices keep their reports until it has a new one.",
    standsFor: ["RLY-2"],
    when: [{ fact: "relay-certificate", matches: /^ended$/ }],
    remedy: [renewNow, seeManager],
    verify: askAgain,
  },
  relay_certificate_ends: {
    severity: "warning",
    title: "The relay's own certificate ends within 90 days",
    meaning:
      "It has been asking for a new one for three quarters of a year: the manager gives none, or is not reached. When it ends nothing gets through this relay.",
    standsFor: ["RLY-2"],
    when: [{ fact: "relay-certificate", matches: /^ends_soon$/ }],
    remedy: [
      renewNow,
      advise("Where it says that the manager gives none yet: raise renewCertificateBeforeDays of the manager."),
      seeManager,
    ],
    verify: askAgain,
  },
  relay_renewal_fails: {
    severity: "warning",
    title: "The relay's certificate has not been renewed for a week",
    meaning: "It asks daily at least, and fails for the reason that is shown. It works until its certificate ends.",
    standsFor: ["RLY-2"],
    when: [{ fact: "relay-renewal-failing-days", atLeast: 7 }],
    remedy: [
      advise("A code of the system, such as ENOSPC: make room on the disk of the relay's state directory."),
      advise("A refusal of the manager: see the relay's entry there, countersign manager instance list."),
      seeManager,
      renewNow,
    ],
    verify: askAgain,
  },
  relay_manager_away: {
    severity: "warning",
    title: "The relay has not reached its manager for an hour",
    meaning:
      "It holds the usage that it is given. Trust and authorization codes have to wait, and devices get no acknowledgement meanwhile.",
    standsFor: ["RLY-2"],
    when: [{ fact: "relay-manager-away-minutes", atLeast: 60 }],
    remedy: [
      seeManager,
      advise("On the relay's machine: countersign relay send --state-directory DIRECTORY. It names the reason."),
      advise("Where the manager stays away: countersign relay export FILE, and carry it there by hand."),
    ],
    verify: askAgain,
  },
  relay_cannot_keep: {
    severity: "fault",
    title: "The relay cannot keep what it is given",
    meaning: "Its database cannot be read or written. Devices keep their reports and send them again.",
    standsFor: ["RLY-3"],
    when: [{ fact: "relay-storage", matches: /^failing$/ }],
    remedy: [
      advise("Make room on the disk of its state directory, and see that its user may write there."),
      advise("A file that is damaged: restore the state directory from a backup, and start the relay again."),
    ],
    verify: askAgain,
  },
} as const satisfies Record<string, Rule>;
