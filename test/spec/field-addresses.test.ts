// The page of the field's addresses names what the guides name, each with what it is.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startDevice } from "@countersign/device";
import { ManualTime } from "@countersign/simulation";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "reference", "field-addresses.md"), "utf8");
const rows = rowsOf(page);

function rowsOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^\| `?([^|`\s]+)`? \| (.+) \|$/gm)].map(([, name = "", what = ""]) => [name, what]),
  );
}

function section(title: string): Map<string, string> {
  const [, text = ""] = page.split(`\n## ${title}\n`);
  const rowsThere = rowsOf(text.split("\n## ")[0] ?? "");
  for (const head of ["address", "---"]) rowsThere.delete(head);
  return rowsThere;
}

const guidesName = [
  "https://software.cisco.com/",
  "http://tools.cisco.com/SWIFT/LicensingUI/Home",
  "http://www.cisco.com/go/smartcallhome",
  "https://www.cisco.com/c/en/us/td/docs/switches/lan/catalyst_9000/b_smart-licensing-using-policy-cat9k-switches.html",
  "https://www.cisco.com/c/en/us/td/docs/switches/lan/catalyst_9000/b_smart-licensing-using-policy-cat9k-switches/cat9k-task-library-smart-licensing-using-policy.html#task_tpj_z2m_gcc",
  "https://www.cisco.com/c/en/us/support/docs/switches/catalyst-9300-series-switches/216545-smart-licensing-using-policy-on-catalyst.html",
  "https://www.ciscolive.com/c/dam/r/ciscolive/emea/docs/2024/pdf/LTROPS-1007.pdf",
  "https://www.cisco.com/c/en/us/support/index.html",
  "CSCvy84684",
  "CSCvp30661",
  "CSCvt01955",
  "CSCvr41393",
];

test("[GEN-24] every address and defect number that the guides name stands in the reference, with what it is", () => {
  for (const name of guidesName) assert.match(rows.get(name) ?? "", /^[A-Z].{20,}\.$/, name);
  for (const name of rows.keys()) if (name.includes("://")) assert.ok(URL.canParse(name), name);
});

test("[GEN-24] the addresses that a device has by default are those of the reference", async (t) => {
  const time = new ManualTime(Date.UTC(2031, 0, 1));
  const device = await startDevice({
    ...{ stateDirectory: null, platform: "c8000v", keyType: "p-256", trustAnchors: [], clock: time, timers: time },
    exchange: () => Promise.reject(new Error("nobody is asked")),
  });
  t.after(() => device.stop());
  const defaults = section("What a device has by default");
  assert.equal(defaults.size, 2);
  for (const lines of [
    ["license smart transport smart", "license smart url default"],
    ["license smart transport callhome"],
  ]) {
    for (const line of lines) assert.equal((await device.execute(line)).outcome, "done", line);
    const shown = (await device.execute("show license status | include URL:")).output.replace(/^\s*URL: /, "");
    assert.ok(defaults.delete(shown), shown);
  }
});
