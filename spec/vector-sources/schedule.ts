// The arithmetic of dates and samples (spec/protocol.md, sections 5 and 8).

import {
  ackDeadline,
  dayMs,
  defaultPolicy,
  governingDays,
  type LicenseClass,
  latestMeasurement,
  licenseClasses,
  mergePolicy,
  type Policy,
  policyDemands,
  pushInterval,
  sampleCount,
} from "@countersign/protocol";
import { rumReport } from "@countersign/protocol/test-support/samples";
import { custom, issue, sle } from "./policies.ts";
import { accepted, type Vector, type VectorFile } from "./vector.ts";

const policies: Readonly<Record<string, Policy>> = {
  default: defaultPolicy,
  sle: mergePolicy([sle], issue),
  custom: mergePolicy([custom], issue),
};
const both: readonly LicenseClass[] = ["perpetual", "subscription"];
const classSets: readonly (readonly LicenseClass[])[] = [
  [],
  ["perpetual"],
  ["subscription"],
  both,
  ["enforced"],
  [...both, "export"],
  licenseClasses,
];

function governing(): Vector[] {
  return Object.entries(policies).flatMap(([name, policy]) =>
    classSets.flatMap((classesInUse) =>
      policyDemands.map(
        (demand): Vector => ({
          name: `governing ${demand} of ${name} with ${classesInUse.join(", ") || "nothing"}`,
          kind: "governing",
          policy,
          classesInUse,
          demand,
          expected: accepted({ ...governingDays(policy, classesInUse, demand) }),
        }),
      ),
    ),
  );
}

type DeadlineRow = readonly [
  string,
  keyof typeof policies,
  readonly LicenseClass[],
  number | null,
  number | null,
  number | null,
  readonly LicenseClass[],
];
const firstUse = Date.parse("2023-01-01T00:00:00Z");
const ack = Date.parse("2023-01-30T23:57:03Z");
const deadlineRows: readonly DeadlineRow[] = [
  ["nothing ever used", "default", [], null, null, null, []],
  ["first use, perpetual only", "default", ["perpetual"], firstUse, null, null, []],
  ["first use with a subscription", "default", both, firstUse, null, null, []],
  ["after an ACK, perpetual only: none", "default", ["perpetual"], firstUse, ack, null, []],
  ["after an ACK on 30 January, 60 days: 31 March at the same second", "sle", both, firstUse, ack, null, []],
  ["with an export licence, 30 days", "sle", [...both, "export"], firstUse, ack, null, []],
  ["a change brings it forward", "sle", ["enforced"], firstUse, ack, ack + 10 * dayMs, ["enforced"]],
  ["a change that would be later moves nothing", "sle", ["enforced"], firstUse, ack, ack + 31 * dayMs, ["enforced"]],
  ["a change where nothing else demands", "default", ["perpetual"], firstUse, ack, ack + 5 * dayMs, ["perpetual"]],
  ["a change of a class that does not care", "default", ["perpetual"], firstUse, ack, ack + 5 * dayMs, ["export"]],
  ["over a leap day", "sle", both, firstUse, Date.parse("2024-01-30T23:57:03Z"), null, []],
];

function deadlines(): Vector[] {
  return deadlineRows.map(
    ([name, policyName, classesInUse, firstUseAtMs, lastAckAtMs, changedAtMs, classesChanged]): Vector => {
      const facts = {
        policy: policies[policyName] as Policy,
        classesInUse,
        firstUseAtMs,
        lastAckAtMs,
        changedAtMs,
        classesChanged,
      };
      return {
        name: `deadline: ${name}`,
        kind: "deadline",
        ...facts,
        expected: accepted({ deadline: ackDeadline(facts) }),
      };
    },
  );
}

function pushIntervals(): Vector[] {
  const weekly = mergePolicy([{ source: "account", classes: { perpetual: { reporting_frequency_days: 7 } } }], issue);
  return Object.entries({ ...policies, weekly }).flatMap(([name, policy]) =>
    [["perpetual"] as const, both, ["export"] as const].flatMap((classesInUse) =>
      [true, false].flatMap((hasAck) =>
        [null, 3, 365].map((configuredDays): Vector => {
          const facts = { policy, classesInUse, hasAck, configuredDays };
          return {
            name: `push interval of ${name} with ${classesInUse.join(", ")}, ${hasAck ? "after" : "before"} the first ACK, configured ${configuredDays}`,
            kind: "push-interval",
            ...facts,
            expected: accepted({ ...pushInterval(facts) }),
          };
        }),
      ),
    ),
  );
}

export function schedule(): VectorFile {
  const samples = [
    [0, 0],
    [449, 0],
    [450, 0],
    [900, 0],
    [36_000, 0],
    [36_000, 3_600],
    [36_000, -3_600],
    [36_450, 0],
    [900, 1_000_000],
  ].map(
    ([intervalSeconds = 0, clockChangeDeltaSeconds = 0]): Vector => ({
      name: `samples in ${intervalSeconds} s with the clock set by ${clockChangeDeltaSeconds} s`,
      kind: "sample-count",
      intervalSeconds,
      clockChangeDeltaSeconds,
      expected: accepted({ samples: sampleCount(intervalSeconds, clockChangeDeltaSeconds) }),
    }),
  );
  const [first] = rumReport.measurements;
  const ends = [
    [10, 1],
    [30, 3],
    [20, 2],
    [30, 4],
  ] as const;
  const report = {
    ...rumReport,
    measurements: ends.map(([end, count]) => ({
      ...first,
      start_time: 0,
      end_time: end,
      sample_interval: end,
      value: { type: "COUNT", value: `${count}` },
    })),
  } as typeof rumReport;
  const latest: Vector = {
    name: "of measurements in any order, the one that ends last; of two, the later one",
    kind: "latest-measurement",
    report,
    expected: accepted({ ...latestMeasurement(report) }),
  };
  return {
    file: "schedule.json",
    about: "Governing values, deadlines, push intervals, sample counts: sections 5 and 8.",
    vectors: [...governing(), ...deadlines(), ...pushIntervals(), ...samples, latest],
  };
}
