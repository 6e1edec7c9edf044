// A policy as a table and as a form.

import type { PolicyClass, PolicyClasses, PolicyLayer } from "../api/answers.ts";

export const licenseClasses = [
  { name: "perpetual", title: "Perpetual" },
  { name: "subscription", title: "Subscription" },
  { name: "enforced", title: "Enforced" },
  { name: "export", title: "Export-controlled" },
] as const satisfies readonly { readonly name: keyof PolicyClasses; readonly title: string }[];

export const policyDemands = [
  { name: "first_report_days", title: "First report within" },
  { name: "reporting_frequency_days", title: "Then every" },
  { name: "report_on_change_days", title: "After a change within" },
] as const satisfies readonly { readonly name: keyof PolicyClass; readonly title: string }[];

export function daysText(days: number): string {
  if (days === 0) return "not required";
  return days === 1 ? "1 day" : `${days} days`;
}

type Field = `${keyof PolicyClasses} ${keyof PolicyClass}`;

/** What stands in the form: texts, because a field may be empty. */
export type Draft = {
  readonly days: { readonly [Key in Field]?: string };
  readonly ackRequired: "" | "yes" | "no";
  readonly name: string | undefined;
};

export function draftOf({ classes = {}, ackRequired, name }: PolicyLayer): Draft {
  const days = licenseClasses.flatMap((one) =>
    policyDemands.flatMap((demand) => {
      const value = classes[one.name]?.[demand.name];
      return value === undefined ? [] : [[`${one.name} ${demand.name}`, `${value}`]];
    }),
  );
  return {
    days: Object.fromEntries(days),
    ackRequired: ackRequired === undefined ? "" : ackRequired ? "yes" : "no",
    name,
  };
}

/** A layer replaces the one before, so what the form does not show is kept. */
export function layerOf({ days, ackRequired, name }: Draft): PolicyLayer {
  const classes = licenseClasses.flatMap((one) => {
    const set = policyDemands.flatMap((demand) => {
      const text = days[`${one.name} ${demand.name}`] ?? "";
      return text === "" ? [] : [[demand.name, Number(text)]];
    });
    return set.length === 0 ? [] : [[one.name, Object.fromEntries(set)]];
  });
  return {
    ...(name === undefined ? {} : { name }),
    ...(ackRequired === "" ? {} : { ackRequired: ackRequired === "yes" }),
    ...(classes.length === 0 ? {} : { classes: Object.fromEntries(classes) }),
  };
}
