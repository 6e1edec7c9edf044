// crypto pki ...: trustpoints, the CA certificate that is pasted into one, and what is shown of them (SEC-11, SEC-12).

import type { ControlOutcome } from "../../device-control.ts";
import { unknownTrustpoint } from "../../network-change.ts";
import { findTrustpoint, licensingTrustpoint, type RevocationCheck } from "../../network-settings.ts";
import { readPastedCertificate, viewCertificate } from "../../pki/certificate-view.ts";
import {
  renderCertificates,
  renderPastedCertificate,
  renderTrustpointStatus,
  renderTrustpoints,
} from "../../render/show-pki.ts";
import {
  answerOf,
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  type ConsoleNode,
  shown,
} from "../command-context.ts";
import { keyword, word } from "../command-node.ts";
import { change, entering, setting } from "./network-setting.ts";

function refusal(code: string, message: string, remedy = ""): CommandResult {
  const outcome: ControlOutcome = { outcome: "refused", code, message, remedy };
  return answerOf(outcome, "");
}

/** Asks for the certificate, shows its fingerprints, and asks whether it is to be believed. */
const authenticate: CommandHandler = async (context, given) => {
  const name = given.name ?? "";
  const { settings } = await context.reader.network();
  const trustpoint = findTrustpoint(settings, name);
  if (trustpoint === undefined) return answerOf(unknownTrustpoint(name), "");
  if (name === licensingTrustpoint) return refusedForLicensing(name);
  if (trustpoint.certificate !== null)
    return refusal(
      "trustpoint_authenticated",
      "Please delete your existing CA certificate first.",
      `Enter \`no crypto pki trustpoint ${name}\`.`,
    );
  if (trustpoint.enrollment !== "terminal")
    return refusal("enrollment_missing", `Trustpoint ${name} has no enrollment.`, "Enter `enrollment terminal` in it.");
  const invitation =
    'Enter the base 64 encoded CA certificate.\nEnd with a blank line or the word "quit" on a line by itself';
  return {
    ...shown("", { outcome: "done" }),
    session: { type: "paste", invitation, finish: async (text) => pasted(context, name, text) },
  };
};

function pasted(context: CommandContext, name: string, text: string): CommandResult {
  const certificate = readPastedCertificate(text);
  if (certificate === null)
    return refusal(
      "certificate_unreadable",
      "Error in receiving Certificate Authority certificate: it cannot be read.",
    );
  const view = viewCertificate(certificate);
  const { nowMs } = context.options;
  if (nowMs < view.validFromMs || nowMs > view.validToMs)
    return refusal("certificate_not_valid", "CA Cert not yet valid or is expired.", "Compare with `show clock`.");
  return {
    ...shown(renderPastedCertificate(view), view),
    session: {
      type: "ask",
      question: "% Do you accept this certificate? [yes/no]: ",
      fallback: "no",
      answer: (wish) => answered(context, name, certificate, wish),
    },
  };
}

async function answered(
  context: CommandContext,
  name: string,
  certificate: string,
  text: string,
): Promise<CommandResult> {
  const wish = text.trim().toLowerCase();
  if (wish === "" || (!"yes".startsWith(wish) && !"no".startsWith(wish))) {
    return {
      ...shown("% Please answer 'yes' or 'no'.", { outcome: "done" }),
      session: {
        type: "ask",
        question: "% Do you accept this certificate? [yes/no]: ",
        fallback: "no",
        answer: (again) => answered(context, name, certificate, again),
      },
    };
  }
  if ("no".startsWith(wish)) return refusal("certificate_declined", "CA certificate not accepted.");
  const outcome = await change(context, { change: "trustpoint certificate", name, certificate });
  return answerOf(outcome, "Trustpoint CA certificate accepted.\n% Certificate successfully imported\n");
}

/** As `show running-config` prints it, in hexadecimal: what is saved is not asked for again. */
const toChain: CommandHandler = async ({ reader }, given) => {
  const name = given.name ?? "";
  const { settings } = await reader.network();
  if (findTrustpoint(settings, name) === undefined) return answerOf(unknownTrustpoint(name), "");
  const location = { mode: "config-cert-chain", name } as const;
  return { ...shown("", { outcome: "done" }), session: { type: "go to", location } };
};

const chained: CommandHandler = async (context) => ({
  ...shown("", { outcome: "done" }),
  session: {
    type: "paste",
    invitation: "Enter the certificate in hexadecimal representation....",
    finish: async (text) => {
      const name = context.location.name ?? "";
      if (name === licensingTrustpoint) return refusedForLicensing(name);
      const bytes = Buffer.from(text.replace(/\s/g, ""), "hex");
      const certificate = readPastedCertificate(bytes.toString("base64"));
      if (certificate === null)
        return refusal("certificate_unreadable", "Failed to parse or verify imported certificate");
      return answerOf(await change(context, { change: "trustpoint certificate", name, certificate }), "");
    },
  },
});

function refusedForLicensing(name: string): CommandResult {
  return refusal(
    "trustpoint_of_device",
    `The certificates of ${name} come with the device.`,
    "Use another trustpoint.",
  );
}

const config = ["config"] as const;
const inTrustpoint = ["ca-trustpoint"] as const;

const toTrustpoint = entering("ca-trustpoint", (given) => ({ change: "add trustpoint", name: given.name ?? "" }));
const checking = (check: RevocationCheck | null) =>
  setting((_, name) => ({ change: "trustpoint revocation", name, check }));
const enrolling = (enrollment: "terminal" | null) =>
  setting((_, name) => ({ change: "trustpoint enrollment", name, enrollment }));

/** At the root of the tree. */
export const pkiCommands: readonly ConsoleNode[] = [
  keyword("crypto", "Keys and certificates", {
    modes: config,
    next: [
      keyword("pki", "Certificates", {
        next: [
          keyword("authenticate", "Import the CA certificate of a trustpoint", {
            next: [word("name", "Trustpoint", { action: authenticate })],
          }),
          keyword("certificate", "Certificates as the configuration holds them", {
            next: [
              keyword("chain", "Those of a trustpoint", {
                next: [word("name", "Trustpoint", { action: toChain })],
              }),
            ],
          }),
          keyword("trustpoint", "Configure a trustpoint", {
            next: [word("name", "Trustpoint", { action: toTrustpoint })],
          }),
        ],
      }),
    ],
  }),
  keyword("certificate", "A certificate of the chain", {
    modes: ["config-cert-chain"],
    next: [
      keyword("ca", "That of the certification authority", {
        action: chained,
        next: [word("serial", "Its serial number", { action: chained })],
      }),
    ],
  }),
  keyword("enrollment", "Where the certificate comes from", {
    modes: inTrustpoint,
    next: [keyword("terminal", "It is pasted", { action: enrolling("terminal") })],
  }),
  keyword("revocation-check", "Whether certificates are looked up in lists of revoked ones", {
    modes: inTrustpoint,
    next: [
      keyword("crl", "In the list that the certificate names; none, no connection", {
        action: checking("crl"),
        next: [keyword("none", "A list that cannot be had is passed over", { action: checking("crl none") })],
      }),
      keyword("none", "Not at all", { action: checking("none") }),
    ],
  }),
  keyword("no", "Set back to the default", {
    modes: inTrustpoint,
    next: [
      keyword("enrollment", "From nowhere", {
        action: enrolling(null),
        next: [keyword("terminal", "It was pasted", { action: enrolling(null) })],
      }),
      keyword("revocation-check", "As a new trustpoint has it", { action: checking(null) }),
    ],
  }),
];

/** Below `no` of global configuration. */
export const noPkiCommands: readonly ConsoleNode[] = [
  keyword("crypto", "Keys and certificates", {
    next: [
      keyword("pki", "Certificates", {
        next: [
          keyword("trustpoint", "Remove a trustpoint and its certificate", {
            next: [
              word("name", "Trustpoint", {
                action: setting((given) => ({ change: "remove trustpoint", name: given.name ?? "" })),
              }),
            ],
          }),
        ],
      }),
    ],
  }),
];

const trustpoints: CommandHandler = async ({ reader }) => {
  const { trustpoints: all } = await reader.network();
  return shown(renderTrustpoints(all), { trustpoints: all });
};

const trustpointStatus: CommandHandler = async ({ reader }) => {
  const { trustpoints: all } = await reader.network();
  return shown(renderTrustpointStatus(all), { trustpoints: all });
};

const certificates: CommandHandler = async ({ reader, options }, given) => {
  const { trustpoints: all } = await reader.network();
  const wanted = given.name === undefined ? all : all.filter(({ name }) => name === given.name);
  if (wanted.length === 0) return answerOf(unknownTrustpoint(given.name ?? ""), "");
  return shown(renderCertificates(wanted, options), { trustpoints: wanted });
};

/** Below `show`. */
export const showPkiCommands: readonly ConsoleNode[] = [
  keyword("crypto", "Keys and certificates", {
    next: [
      keyword("pki", "Certificates", {
        next: [
          keyword("certificates", "Certificates that are believed", {
            action: certificates,
            next: [word("name", "Of one trustpoint", { action: certificates })],
          }),
          keyword("trustpoints", "Trustpoints", {
            action: trustpoints,
            next: [keyword("status", "What each has", { action: trustpointStatus })],
          }),
        ],
      }),
    ],
  }),
];
