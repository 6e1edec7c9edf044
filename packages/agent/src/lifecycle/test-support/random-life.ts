// A random life of a machine: what people, platforms, managers, stores and clocks do to it, in any order. Each action fits
// the moment (an answer only while an exchange is under way), so that every sequence is one that could happen.

import type { HaRole, Udi } from "@countersign/protocol";
import fc from "fast-check";
import {
  advantageTag,
  contact,
  type DrivenAgent,
  essentialsTag,
  firstUdi,
  policyOf,
  received,
  secondUdi,
  trustedDevice,
} from "./driven-agent.ts";

const tags = [advantageTag, essentialsTag, advantageTag.replace("ADVANTAGE", "PREMIER")] as const;
const memberSets: readonly (readonly { readonly udi: Udi; readonly role: HaRole }[])[] = [
  [{ udi: firstUdi, role: "Active" }],
  [
    { udi: firstUdi, role: "Active" },
    { udi: secondUdi, role: "Standby" },
  ],
  [
    { udi: firstUdi, role: "Standby" },
    { udi: secondUdi, role: "Active" },
  ],
];

const classes = ["subscription", "perpetual", "export"] as const;

const small = fc.nat({ max: 5 });
/** Whole seconds, from none to some days. */
const pause = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 4000 }), fc.nat({ max: 4 * 86_400 }));

export const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("use" as const), tag: fc.nat({ max: 2 }), count: small }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: pause }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("answer" as const), share: fc.nat({ max: 3 }), policy: fc.nat({ max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), how: small }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("put-off" as const), seconds: pause, polls: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("trust" as const), force: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sync" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("authorize" as const), replaces: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("give-back" as const), online: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), file: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("import" as const), sequence: small, policy: fc.nat({ max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("members" as const), set: fc.nat({ max: 2 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("clock" as const), delta: fc.integer({ min: -4_000_000, max: 4_000_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("boot" as const), reload: fc.boolean(), downSeconds: pause }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("transport" as const),
      type: fc.constantFrom("smart", "cslu", "off", "smart"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("store" as const), merges: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("upgrade" as const), version: small }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("reset" as const), what: fc.constantFrom("all", "trust", "policy") }),
  },
);
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

const failures = [
  { stage: "tcp", code: "connection_timed_out" },
  { stage: "signature", code: "signature_mismatch" },
  { stage: "refused", code: "identity_not_valid" },
  { stage: "refused", code: "internal" },
  { stage: "refused", code: "token_unknown" },
  { stage: "refused", code: "key_revoked" },
] as const;

/** Does one action to the agent; what does not fit the moment does nothing. */
export function act(agent: DrivenAgent, what: Action): void {
  switch (what.do) {
    case "use":
      agent.use(tags[what.tag] as string, what.count, classes[what.tag]);
      break;
    case "wait":
      agent.advance(what.seconds * 1000);
      break;
    case "answer":
      answer(agent, what.share, what.policy);
      break;
    case "fail":
      if (agent.requestType !== null) agent.fail({ ...failures[what.how], message: "no" });
      break;
    case "put-off":
      putOff(agent, what.seconds, what.polls);
      break;
    case "trust":
      agent.send({ type: "trust-requested", token: "token", scope: "all", force: what.force });
      break;
    case "authorize":
      agent.send({
        type: "authorization-requested",
        mode: what.replaces ? "replace" : "add",
        scope: "all",
        licenses: [{ tag: tags[2], licenseClass: "export", count: 5 }],
      });
      break;
    case "give-back":
      agent.send({
        ...{ type: "authorization-return-requested", scope: "all" },
        way: what.online ? "online" : "offline",
      });
      break;
    case "sync":
      agent.send({ type: "sync-requested", scope: "all" });
      break;
    case "close":
      agent.send({ type: "reports-close-requested", reason: "CurrentUsageRequested" });
      if (what.file) agent.send({ type: "usage-file-written", reports: agent.held });
      break;
    case "import": {
      const waiting = agent.held.filter(({ status }) => status === "unacknowledged");
      agent.send({
        type: "acknowledgement-imported",
        ...received(waiting, { sequence: what.sequence, policy: policyOf(what.policy) }),
      });
      break;
    }
    case "members":
      agent.send({ type: "members-changed", members: memberSets[what.set] ?? [] });
      break;
    case "clock":
      jump(agent, what.delta);
      break;
    case "boot":
      agent.now += what.downSeconds * 1000;
      agent.send({ type: "booted", reason: what.reload ? "reload" : "restart" });
      break;
    case "transport":
      agent.send({ type: "configured", change: { transport: what.type as "smart" | "cslu" | "off" } });
      break;
    case "store":
      agent.disturbStore(what.merges);
      break;
    case "upgrade":
      agent.send({ type: "software-upgraded", softwareVersion: `1.${what.version}` });
      break;
    case "reset":
      agent.send({ type: "factory-reset-requested", what: what.what as "all" | "trust" | "policy" });
      break;
    default:
      what satisfies never;
  }
}

function jump(agent: DrivenAgent, deltaSeconds: number): void {
  if (deltaSeconds === 0) return;
  agent.now += deltaSeconds * 1000;
  agent.send({ type: "clock-changed", deltaSeconds });
}

/** `share` of what was sent is taken: all, half, none with a refusal, or nothing at all. */
function answer(agent: DrivenAgent, share: number, policyVersion: number): void {
  switch (agent.requestType) {
    case "ID_TOKEN_TRUST":
    case "TRUST_SYNC": {
      const wanted = agent.wantedDevices(String(1000 + agent.exchangeId));
      const half = share === 1 ? wanted.slice(0, 1) : wanted;
      const refused = wanted.slice(half.length).map(({ udi }) => udi);
      agent.answerTrust(
        half.map(({ udi, keyId, certificateSerial }) => trustedDevice(udi, keyId, certificateSerial)),
        { refused, policy: policyOf(policyVersion) },
      );
      break;
    }
    case "LICENSE_USAGE":
    case "POLL_REQ": {
      const sent =
        agent.requestType === "LICENSE_USAGE"
          ? agent.handOut()
          : agent.held.filter(({ status }) => status === "pending");
      const takenCount = [sent.length, Math.ceil(sent.length / 2), 0, 0][share] ?? 0;
      const refused = share === 3 ? [] : sent.slice(takenCount);
      const sequence = agent.state.reporting.lastAckSequence + 1;
      agent.acknowledge(sent.slice(0, takenCount), { sequence, refused, policy: policyOf(policyVersion) });
      break;
    }
    case "AUTHORIZATION_REQUEST":
      agent.answerAuthorization(share === 2 ? "authorization_not_purchased" : null);
      break;
    case "AUTHORIZATION_CONFIRM":
      agent.hearAuthorization(share === 2 ? "authorization_withdrawn" : null);
      break;
    case "AUTHORIZATION_RETURN":
      agent.hearAuthorization();
      break;
    default:
  }
}

function putOff(agent: DrivenAgent, afterSeconds: number, polls: boolean): void {
  const { exchangeId, requestType } = agent;
  if (requestType === null) return;
  if (polls && (requestType === "LICENSE_USAGE" || requestType === "POLL_REQ")) {
    if (requestType === "LICENSE_USAGE") agent.handOut();
    agent.send({ type: "poll-later", exchangeId, contact, pollId: "77", afterSeconds });
  } else {
    agent.send({ type: "try-again", exchangeId, contact, afterSeconds });
  }
}
