import { runSeed } from "./run-seed.ts";
import { makeAuthority } from "./simulated-manager.ts";
import { startAtMs } from "./world.ts";

const [from = 1, to = 1] = process.argv.slice(2).map(Number);
const a = await makeAuthority(startAtMs);
const t1 = process.cpuUsage();
for (let s = from; s <= to; s++) {
  const t0 = process.cpuUsage();
  try {
    const r = await runSeed(s, a);
    const c = process.cpuUsage(t0);
    console.log(
      s,
      Math.round((c.user + c.system) / 1000),
      "ms",
      Math.round(r.deviceDays),
      r.reports,
      JSON.stringify(r.counters),
      r.violations.slice(0, 4).join(" | "),
    );
    if (process.argv[4]) console.log(r.acts.join("\n"), r.violations);
  } catch (e) {
    console.log(s, "THROWN", e);
  }
}
const c = process.cpuUsage(t1);
console.log("total", Math.round((c.user + c.system) / 1000));
