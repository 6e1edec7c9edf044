// Sessions as a person sees them. The transcripts are golden files: UPDATE_GOLDEN=1 rewrites them; look at the difference.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { platformProfiles } from "../../platform/platform-table.ts";
import { startTestDevice, temporaryFolder } from "../../test-support/test-device.ts";
import { openTestSession } from "../../test-support/test-session.ts";
import { type CommandLine, commandLineOf, commandLines } from "../command-lines.ts";
import { enclosingModes } from "../command-node.ts";
import { consoleTree } from "../console-tree.ts";
import { withoutDo } from "../execute-line.ts";
import { splitFilter } from "../output-filter.ts";
import { lineCharactersMax } from "../parse-command.ts";
import { modeOfPrompt, transcripts } from "./transcripts.test-support.ts";

const file = (title: string) => `${title.replace(/^(\[[^\]]*\] )*/, "").replaceAll(" ", "-")}.txt`;
const golden = (title: string) => join(import.meta.dirname, "golden", file(title));

/** What is another in each run. */
function withoutChance(screen: string): string {
  return `${screen}\n`
    .replace(
      /^ *\d+ {2}([-drwx]{4}) ( *)\d+ {2}\w{3} \d\d \d{4} [\d:]+ \+00:00/gm,
      "<index>  $1 <bytes>  <date> +00:00",
    )
    .replace(/^ +\d+ +\d+ \w{3} \d\d \d{4} [\d:.]+ \+00:00/gm, "  <#> <bytes> <date> +00:00")
    .replace(/\d+ bytes (total|available) \(\d+ bytes (free|used)\)/g, "<n> bytes $1 (<n> bytes $2)")
    .replace(/^\* *\d+ *\d+( +disk)/gm, "*  <n>  <n>$1")
    .replace(/"(index|bytes|bytesTotal|bytesFree)": \d+/g, '"$1": <n>')
    .replace(/"modifiedAt": "[^"]+"/g, '"modifiedAt": "<date>"')
    .replace(/Engine ID: [0-9a-f]{10,}/g, "Engine ID: <engine id>")
    .replace(/(Serial Number \(hex\)): [0-9A-F]+/g, "$1: <serial number>")
    .replace(/(Fingerprint (?:MD5|SHA1)): [0-9A-F ]+/g, "$1: <fingerprint> ");
}

for (const { title, platform = "c9300-stack", hasFlash = false, steps } of transcripts) {
  test(`${title}: the session is what its golden file holds`, async (t) => {
    const stateDirectory = hasFlash ? temporaryFolder(t) : null;
    const { device } = await startTestDevice(t, { platform, stateDirectory, opensControlSocket: false });
    const session = openTestSession(device, { columns: 0 });
    for (const step of steps) await (typeof step === "string" ? session.type(step) : session.type(...step));
    const screen = withoutChance(session.screen());
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden(title), screen);
    assert.equal(screen, readFileSync(golden(title), "utf8"));
  });
}

test("every command of every platform stands in a transcript", () => {
  const keyOf = ({ words, modes }: CommandLine): string => `${words} (${modes.join(", ")})`;
  const all = platformProfiles.map((profile) => consoleTree(profile, profile.softwareVersion));
  // Most platforms have the same commands.
  const trees = [...new Map(all.map((tree) => [commandLines(tree).map(keyOf).join("\n"), tree])).values()];
  const missing = new Set(trees.flatMap((tree) => commandLines(tree).map(keyOf)));
  assert(missing.size > 400);
  for (const { title } of transcripts) {
    for (const [, prompt = "", typed = ""] of readFileSync(golden(title), "utf8").matchAll(/^([^\s>#]+[>#])(.+)$/gm)) {
      const mode = modeOfPrompt(prompt);
      if (mode === null) continue;
      const { modes, command } = withoutDo(typed, [mode, ...enclosingModes(mode)]);
      const split = splitFilter(command);
      if (split.outcome !== "split") continue;
      for (const tree of trees) {
        const line = commandLineOf(tree, modes, split.command);
        if (line !== null) missing.delete(keyOf(line));
      }
    }
  }
  assert.equal([...missing].join("\n"), "");
});

test("a long answer stops at --More--: a blank brings a screen, enter a line, any other key the prompt", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { rows: 6 });
  await session.type("show license status\r", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 5 + 1);
  await session.type("\r", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 6 + 1);
  await session.type(" ", /--More--$/);
  assert.equal(session.screen().split("\n").length, 1 + 11 + 1);
  await session.type("q");
  assert.doesNotMatch(session.screen(), /More/);
  await session.type("terminal length 0\r");
  await session.type("show license status\r");
  assert.match(session.screen(), /Trust Code Installed: <none>/);
});

test("at --More-- a pattern behind / goes on where it matches, + and - with what does or does not, n looks for the same again", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { rows: 4 });
  const since = async (keys: string, until = /(?:--More--|>)$/): Promise<readonly string[]> => {
    const before = session.screen().split("\n").length;
    await session.type(keys, until);
    return session
      .screen()
      .split("\n")
      .slice(before - 1);
  };
  await session.type("show license status\r", /--More--$/);
  assert.deepEqual(await since("/^Usage\r", /--More--$/), [
    "/^Usage",
    "...skipping",
    "Usage Reporting:",
    "  Last ACK received: <none>",
    "  Next ACK deadline: Apr 24 23:02:12 2031 UTC",
    " --More--",
  ]);
  assert.deepEqual((await since("/push\r", /--More--$/)).slice(1, 3), [
    "...skipping",
    "  Reporting push interval: 30  days",
  ]);
  // Not what is on the screen already.
  assert.deepEqual((await since("n", /--More--$/)).slice(0, 2), ["...skipping", "  Last report push: <none>"]);
  assert.deepEqual(await since("/nothing like this\r", /--More--$/), [
    "/nothing like this",
    "% Pattern not found",
    " --More--",
  ]);
  assert.deepEqual(await since("/(\r", /--More--$/), ["/(", "% Invalid regular expression: (", " --More--"]);
  assert.deepEqual(await since("/x\u0003"), ["/x", "c9300-stack>"]);
  await session.type("show license status\r", /--More--$/);
  assert.deepEqual(await since("+ENABLED\r"), ["+ENABLED", "filtering...", "  Status: ENABLED", "c9300-stack>"]);
  await session.type("show license status\r", /--More--$/);
  assert.deepEqual(await since("-[a-z]\r", /--More--$/), ["-[a-z]", "filtering...", "", "", "", " --More--"]);
  await session.type("q");
});

test("what is typed while a command runs is taken after it", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type(
    "enable\rconfigure terminal\rhostname one\rhostname two\rend\rshow running-config | i hostname\r",
    /^two#$/,
  );
  await session.type("");
  assert.match(
    session.screen(),
    /one\(config\)#hostname two\ntwo\(config\)#end\ntwo#show running-config \| i hostname\nhostname two\ntwo#$/,
  );
});

test("[CLI-10] log lines stand above the line that is being typed, after terminal monitor and not before", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  const change = () => device.execute("license smart trust idtoken abc all");
  await change();
  await device.agent.idle();
  assert.doesNotMatch(session.screen(), /SMART_LIC/);
  await session.type("terminal monitor\r");
  await session.type("show lic", /show lic$/);
  const other = openTestSession(device);
  await other.type("enable\r");
  await other.type("reload\r", /confirm\]$/);
  await other.type("\r");
  assert.match(
    session.screen(),
    /^\*\w{3} \d+ [\d:.]+: %SYS-5-RELOAD: Reload requested by ada\.\nc9300-stack>show lic\nThe device reloads\./m,
  );
  assert.deepEqual([session.isClosed(), other.isClosed()], [true, true]);
});

test("whoever leaves configuration mode is in the log, with the line and where it is used from", async (t) => {
  const { device, log } = await startTestDevice(t);
  const noted = () => log.filter((line) => line.includes("CONFIG_I")).map((line) => line.replace(/^.*CONFIG_I: /, ""));
  const [one, other] = [openTestSession(device), openTestSession(device, { user: "bob", address: "203.0.113.9" })];
  await one.type("enable\rconfigure terminal\r", /\(config\)#$/);
  await one.type("interface Vlan10\r", /\(config-if\)#$/);
  await one.type("exit\r", /\(config\)#$/);
  assert.deepEqual(noted(), []);
  await one.type("exit\r", /stack#$/);
  await other.type("enable\rconfigure terminal\r", /\(config\)#$/);
  await other.type("terminal\u001a", /stack#$/);
  await other.type("show clock\r");
  assert.deepEqual(noted(), [
    "Configured from console by ada on console",
    "Configured from console by bob on vty0 (203.0.113.9)",
  ]);
});

test("[CLI-21] reload asks about what is not saved, then for confirmation; another key keeps the device running", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("enable\rconf t\rhostname edge\r", /^edge\(config\)#$/);
  await session.type("end\rreload\r", /\[yes\/no\]:$/);
  await session.type("maybe\r", /\[yes\/no\]:$/);
  await session.type("yes\r", /\[confirm\]$/);
  await session.type("n");
  assert.equal(session.isClosed(), false);
  const { agent } = device;
  await session.type("reload\r", /\[confirm\]$/);
  await session.type("y");
  assert.equal(session.isClosed(), true);
  await device.execute("show clock");
  assert.notEqual(device.agent, agent);
  assert.equal(device.hostname, "edge");
});

test("a user of low privilege sees, and changes nothing", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { privilege: 1 });
  await session.type("enable\r");
  for (const line of ["license smart sync all", "show running-config", "show license udi"]) {
    await session.type(`${line}\r`);
  }
  assert.match(session.screen(), /enable\n% Access denied\n/);
  assert.equal(session.screen().match(/% Invalid input detected/g)?.length, 2);
  assert.match(session.screen(), /UDI: PID:C9300-48P,SN:CSL2701A001/);
});

test("who may only read writes no file of the flash", async (t) => {
  const state = temporaryFolder(t);
  const { device } = await startTestDevice(t, { stateDirectory: state });
  const session = openTestSession(device, { privilege: 1 });
  for (const filter of ["redirect", "append", "tee"])
    await session.type(`show license udi | ${filter} flash:udi.txt\r`);
  assert.equal(session.screen().match(/% Only privileged EXEC writes files\./g)?.length, 3);
  assert.equal(existsSync(join(state, "flash")), false);
});

test("a bar filters an answer, and is a character of what is configured", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("enable\rconf t\r", /\(config\)#$/);
  await session.type("license smart custom_id a|b\r", /\(config\)#$/);
  await session.type("license smart custom_id |?", /custom_id \|$/);
  assert.match(session.screen(), /custom_id \|\?\n {2}WORD +Name\n/);
  await session.type("\x15do show license status | include Custom\r");
  assert.match(session.screen(), /\n {2}Custom Id: a\|b\n/);
  assert.equal((await device.execute("license smart custom_id c|d")).outcome, "done");
  assert.equal((await device.execute("show license status | count Custom Id: c.d")).output.at(-1), "1");
});

test("a filter leaves the reason of a refusal alone", async (t) => {
  const { device } = await startTestDevice(t);
  const { outcome, output } = await device.execute("show license rum id 5 | include nothing");
  assert.equal(outcome, "refused");
  assert.match(output, /not found/);
});

test("Ctrl-Z behind a line of configuration takes the line and leaves; Ctrl-C drops it", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("enable\rconf t\r", /\(config\)#$/);
  await session.type("hostname edge\x1a", /^edge#$/);
  assert.match(session.screen(), /\(config\)#hostname edge\^Z\nedge#$/);
  await session.type("conf t\rinterface Vlan10\x1a", /^edge#$/);
  await session.type("conf t\rhostname core\x03", /^edge#$/);
  await session.type("conf t\rnonsense\x1a", /^edge#$/);
  assert.equal(device.hostname, "edge");
});

test("a line that lost its end is not taken", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  const longest = `hostname ${"x".repeat(lineCharactersMax - 9)}`;
  await session.type(`enable\rconf t\r${longest}\r`, /\(config\)#$/);
  assert.match(session.screen(), /% This is no host name\./);
  await session.type(`${longest}x\r`, /\(config\)#$/);
  assert.match(session.screen(), /% Line of more than 8192 characters\.\nc9300-stack\(config\)#$/);
});

test("a screen of one line shows one line at a time", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { rows: 0 });
  await session.type("terminal length 1\r");
  await session.type("show license udi\r", /--More--$/);
  assert.match(session.screen(), /show license udi\nUDI: [^\n]+\n --More--/);
});

test("a host name has at most 63 characters that names have", async (t) => {
  const { device } = await startTestDevice(t);
  const longest = "x".repeat(63);
  for (const name of [`${longest}x`, "-x", "x-", "a b", "ä", '"a b"', "x;y"])
    assert.notEqual((await device.execute(`hostname ${name}`)).outcome, "done", name);
  for (const name of ["1", "edge-1.example", longest])
    assert.equal((await device.execute(`hostname ${name}`)).outcome, "done", name);
  assert.equal(device.hostname, longest);
});

test("exit leaves one mode after the other and at last the session; history and editing recall lines", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("show clok\x1b[Dc\r");
  await session.type("\x1b[A\x01\x0b\x1b[A\x1b[B\x10\x17history\r");
  assert.match(session.screen(), /\n {2}show clock\n {2}show history\nc9300-stack>$/);
  await session.type("show history | count show\r");
  assert.match(session.screen(), /\nNumber of lines which match regexp = 3\nc9300-stack>$/);
  await session.type("enable\rconf t\rexit\r", /^c9300-stack#$/);
  await session.type("exit\r");
  assert.equal(session.isClosed(), true);
});

test("redirect puts what a command prints into a file of the flash", async (t) => {
  const state = temporaryFolder(t);
  const { device } = await startTestDevice(t, { stateDirectory: state });
  const session = openTestSession(device);
  await session.type("enable\r");
  await session.type("show license udi | redirect flash:udi.txt\r");
  assert.match(readFileSync(join(state, "flash", "udi.txt"), "utf8"), /^UDI: PID:C9300-48P,SN:CSL2701A001\n/);
  await session.type("show clock | redirect ../x\r");
  assert.match(session.screen(), /% The path does not lie in the flash/);
});

test("Tab completes words of commands only: a word that a person must know is left as it was typed", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device);
  await session.type("enable\rconfigure terminal\r", /\(config\)#$/);
  await session.type("hostname w\t", /hostname w$/);
  await session.type("\u0015license smart url l\t", /url l$/);
  await session.type("\u0015do show running-config | inc\t", /include$/);
  await session.type("l\t", /include l$/);
});

test("[CLI-3] [CLI-4] [CLI-5] [CLI-6] no before any line of licensing that the configuration prints takes that line back", async (t) => {
  const { device } = await startTestDevice(t);
  const session = openTestSession(device, { columns: 0 });
  const written = [
    "license smart custom_id lab-7",
    "license smart privacy hostname",
    "license smart proxy address proxy.lab.test",
    "license smart proxy port 3128",
    "license smart url smart https://manager.lab.test/licservice/license",
    "license smart url cslu http://relay.lab.test:8182/cslu/v1/pi",
    "license smart usage interval 20",
    "license smart vrf Mgmt-vrf",
    "license smart transport cslu",
  ];
  await session.type("enable\rconf t\r", /\(config\)#$/);
  for (const line of written) await session.type(`${line}\r`);
  const printed = async () =>
    (await device.execute("show running-config")).output.split("\n").filter((line) => line.startsWith("license smart"));
  const lines = await printed();
  assert.deepEqual(
    written.filter((line) => !lines.includes(line)),
    [],
  );
  for (const line of lines) await session.type(`no ${line}\r`);
  assert.doesNotMatch(session.screen(), /Invalid input|Incomplete/);
  const left = await printed();
  assert.deepEqual(
    written.filter((line) => left.includes(line)),
    [],
  );
});
