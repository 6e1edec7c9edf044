// The pages of the rail, by their addresses.

export const pages = [
  { to: "/", title: "Home", isBelow: false },
  { to: "/alerts", title: "Alerts", isBelow: false },
  { to: "/instances", title: "Product instances", isBelow: true },
  { to: "/licenses", title: "Licenses", isBelow: true },
  { to: "/tokens", title: "Tokens", isBelow: true },
  { to: "/reports", title: "Reports", isBelow: false },
  { to: "/policies", title: "Policies", isBelow: false },
  { to: "/activity", title: "Activity", isBelow: false },
] as const;

export type PageAddress = (typeof pages)[number]["to"];
