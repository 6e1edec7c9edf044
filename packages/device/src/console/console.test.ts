import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unknownClock } from "../clock-view.ts";
import { nothingWatched } from "../debug/watch-view.ts";
import type { DeviceControl } from "../device-control.ts";
import type { LicenseReader, LicenseView } from "../license-view.ts";
import { defaultLogging } from "../logging-configuration.ts";
import type { PlatformProfile } from "../platform/platform-profile.ts";
import { c9300Stack } from "../platform/profiles/c9300-stack.ts";
import { c9800Cl } from "../platform/profiles/c9800.ts";
import {
  configuration,
  freshStack,
  history,
  network,
  options,
  probe,
  reportDetail,
  reportRows,
  trustedRouter,
  wireless,
} from "../test-support/fixture-views.ts";
import type { CommandContext, CommandResult, ConsoleNode } from "./command-context.ts";
import { completionOf, helpFor } from "./command-help.ts";
import { type CommandNode, enclosingModes, subModes } from "./command-node.ts";
import { consoleTree } from "./console-tree.ts";
import { executeLine } from "./execute-line.ts";
import { applyFilter, splitFilter } from "./output-filter.ts";
import { parseCommand } from "./parse-command.ts";

const bothModes = ["exec", "config"] as const;
const everyMode = [...bothModes, ...subModes] as const;
const treeOf = (profile: PlatformProfile) => consoleTree(profile, profile.softwareVersion);
const tree = treeOf(c9300Stack);

function readerOf(view: LicenseView): LicenseReader {
  return {
    view: () => view,
    reports: async () => reportRows,
    report: async (id) => (id === reportDetail.reportId ? reportDetail : null),
    history: async () => history,
    factoryResetPreview: () => ({ removes: ["trust"], keeps: ["usage"], reloadRequired: false }),
    events: async () => [],
    runningConfiguration: () => configuration,
    startupConfiguration: () => configuration,
    startedAtMs: () => options.nowMs - 3_723_000,
    network: async () => network,
    watch: () => nothingWatched,
    clock: () => ({ ...unknownClock, isAuthoritative: view.clockIsAuthoritative }),
    logging: () => ({
      configuration: defaultLogging,
      lines: ["*Jan 24 23:19:05.417: %SMART_LIC-6-AGENT_READY: ready"],
      total: 1,
      buffered: 1,
      receivers: [],
    }),
    snmp: () => {
      throw new Error("not asked for here");
    },
  };
}

const atConsole = { loggedIn: [], location: { mode: "exec", name: null }, user: "ada", history: [] } as const;

const notHere = async () => {
  throw new Error("not asked for here");
};

/** Notes every change that is asked for. */
function recordingControl(asked: unknown[][]): DeviceControl {
  const note =
    (name: string) =>
    async (...given: unknown[]) => {
      asked.push([name, ...given]);
      return { outcome: "done" } as const;
    };
  return {
    trust: note("trust"),
    sync: note("sync"),
    register: note("register"),
    deregister: note("deregister"),
    renew: note("renew"),
    convert: note("convert"),
    change: note("change"),
    factoryReset: note("factoryReset"),
    saveTrustRequest: note("saveTrustRequest"),
    requestAuthorization: note("requestAuthorization"),
    saveAuthorizationRequest: note("saveAuthorizationRequest"),
    returnAuthorization: async (wish) => {
      asked.push(["returnAuthorization", wish]);
      return { outcome: "done", returned: [{ udi: "PID:C9300-24UX,SN:EXA1", returnCode: "abcdef-ghi" }] };
    },
    importFile: async (path) => {
      asked.push(["importFile", path]);
      return { outcome: "done", objects: [{ kind: "POLICY", outcome: "installed", detail: "one" }] };
    },
    importBytes: async () => ({ outcome: "done", objects: [] }),
    changeAll: note("changeAll"),
    closeReports: note("closeReports"),
    pullReports: async function* () {},
    reload: note("reload"),
    changeInstallation: note("changeInstallation"),
    moveAccessPoints: note("moveAccessPoints"),
    saveUsage: note("saveUsage"),
    clearEventLog: note("clearEventLog"),
    clearLogging: note("clearLogging"),
    saveConfiguration: note("saveConfiguration"),
    setClock: note("setClock"),
    debug: note("debug"),
    capture: note("capture"),
    exportCapture: note("exportCapture"),
    writeFile: note("writeFile"),
    appendToFile: note("appendToFile"),
    readerNow: notHere,
    log: (line) => void asked.push(["log", line.mnemonic]),
    probe,
    files: {
      list: notHere,
      read: notHere,
      find: notHere,
      remove: notHere,
      copy: notHere,
      all: notHere,
      space: notHere,
    },
  };
}

function run(line: string, view = trustedRouter, asked: unknown[][] = []): Promise<CommandResult> {
  const context: CommandContext = {
    reader: readerOf(view),
    control: recordingControl(asked),
    options,
    tree,
    ...atConsole,
  };
  const console = {
    tree: treeOf(view.airEntities === null ? c9300Stack : c9800Cl),
    modes: bothModes,
    promptWidth: 0,
  };
  return executeLine(line, context, { ...console, repeatsLine: true });
}

async function asked(line: string): Promise<readonly unknown[][]> {
  const calls: unknown[][] = [];
  const result = await run(line, trustedRouter, calls);
  assert.equal(result.outcome, "done", result.text);
  return calls;
}

test("[CLI-7] [TRU-2] the trust command takes token, scope and force", async () => {
  assert.deepEqual(await asked("license smart trust idtoken Zm9v%3D all force"), [["trust", "Zm9v%3D", "all", true]]);
  assert.deepEqual(await asked("lic sm tr idt Zm9v local"), [["trust", "Zm9v", "local", false]]);
});

test("[TRU-11] the trust command answers [OK]", async () => {
  assert.equal((await run("license smart trust idtoken abc all")).text, "[OK]");
});

test("authorization codes are asked for, saved and given back in the documented words", async () => {
  const hseck9 = { mode: "add", scope: "local", feature: "hseck9" };
  assert.deepEqual(await asked("license smart authorization request add hseck9 local"), [
    ["requestAuthorization", hseck9],
  ]);
  assert.deepEqual(await asked("license smart authorization request replace hseck9 all"), [
    ["requestAuthorization", { ...hseck9, mode: "replace", scope: "all" }],
  ]);
  assert.deepEqual(await asked("license smart authorization request save flash:slac.xml"), [
    ["saveAuthorizationRequest", "flash:slac.xml"],
  ]);
  assert.deepEqual(await asked("license smart authorization return local online"), [
    ["returnAuthorization", { scope: "local", way: "online", path: null }],
  ]);
  assert.deepEqual(await asked("license smart authorization return all offline flash:return.xml"), [
    ["returnAuthorization", { scope: "all", way: "offline", path: "flash:return.xml" }],
  ]);
  assert.equal((await run("license smart authorization return local online")).text, "");
  assert.match(
    (await run("license smart authorization return local offline")).text,
    /^Enter this return code in Cisco Smart Software Manager portal:\nUDI: PID:\S+,SN:\S+\nReturn code: abcdef-ghi$/,
  );
});

test("[CLI-8] sync works with and without its scope", async () => {
  assert.deepEqual(await asked("license smart sync"), [["sync", "all"]]);
  assert.deepEqual(await asked("license smart sync local"), [["sync", "local"]]);
});

test("[CLI-9] [HW-2] factory reset says that a reload is required", async () => {
  const result = await run("license smart factory reset");
  assert.equal(result.text, '%Warning: reload required after "license smart factory reset" command');
});

test("[CLI-3] [CLI-4] [CLI-5] [CLI-6] the configuration of the transport is taken", async () => {
  const lines: Readonly<Record<string, unknown>> = {
    "license smart transport smart": { setting: "transport", value: "smart" },
    "license smart transport off": { setting: "transport", value: "off" },
    "no license smart transport": { setting: "transport", value: null },
    "license smart url default": { setting: "url", of: "transport in force", value: null },
    "license smart url cslu http://10.0.0.1:8182/cslu/v1/pi": {
      setting: "url",
      of: "cslu",
      value: "http://10.0.0.1:8182/cslu/v1/pi",
    },
    "license smart url https://m.example/SmartTransport": {
      setting: "url",
      of: "transport in force",
      value: "https://m.example/SmartTransport",
    },
    "license smart proxy address proxy.example": { setting: "proxy address", value: "proxy.example" },
    "license smart proxy port 8080": { setting: "proxy port", value: 8080 },
    "license smart vrf Mgmt-vrf": { setting: "vrf", value: "Mgmt-vrf" },
    "license smart privacy all": { setting: "privacy", of: ["hostname", "version"], value: true },
    "no license smart privacy version": { setting: "privacy", of: ["version"], value: false },
    "license smart usage interval 20": { setting: "usage interval", value: 20 },
  };
  for (const [line, change] of Object.entries(lines)) assert.deepEqual(await asked(line), [["change", change]], line);
});

test("[CLI-28] [TRU-1] every line of the direct recipe is taken, in its order", async () => {
  const recipe = [
    "configure terminal",
    "ip http client source-interface Vlan10",
    "ip http client secure-trustpoint SLA-TrustPoint",
    "license smart transport smart",
    "license smart url default",
    "exit",
    "write memory",
    "terminal monitor",
    "license smart trust idtoken abc all force",
  ];
  const calls: unknown[][] = [];
  for (const line of recipe) assert.equal((await run(line, trustedRouter, calls)).outcome, "done", line);
  assert.deepEqual(
    calls.map(([name]) => name),
    ["change", "change", "change", "change", "saveConfiguration", "trust"],
  );
});

test("usage is saved by all, days, report and unreported", async () => {
  assert.deepEqual(await asked("license smart save usage all file flash:a b.txt"), [
    ["saveUsage", { select: "all" }, "flash:a b.txt"],
  ]);
  assert.deepEqual(await asked("license smart save usage days 15 file x"), [
    ["saveUsage", { select: "days", days: 15 }, "x"],
  ]);
  assert.deepEqual(await asked("license smart save usage rum-id 7 file x"), [
    ["saveUsage", { select: "report", reportId: 7 }, "x"],
  ]);
  assert.deepEqual(await asked("license smart save usage unreported file x"), [
    ["saveUsage", { select: "unreported" }, "x"],
  ]);
});

test("[CLI-23] the three spellings of tech support print the same", async () => {
  const texts = [
    "show license tech support",
    "show license tech-support",
    "show tech-support license",
    "sh lic te sup",
  ].map(run1);
  const [first, ...others] = await Promise.all(texts);
  assert(first !== undefined && first.length > 1000);
  for (const other of others) assert.equal(other, first);
});

async function run1(line: string): Promise<string> {
  return (await run(line)).text;
}

test("[CLI-22] filters work on every show command, shortened too", async () => {
  assert.equal(await run1("show license status | i Trust"), "Trust Code Installed: Jan 24 23:19:05 2031 UTC");
  assert.equal(await run1("show license status | count ENABLED$"), "Number of lines which match regexp = 1");
  assert.equal((await run1("show license status | begin Usage Rep")).split("\n").length, 10);
  assert.deepEqual((await run1("show license tech support | sec HA Info")).split("\n"), ["HA Info"]);
  assert.doesNotMatch(await run1("show license status | exclude Policy"), /Policy/);
  assert.equal(JSON.parse(await run1("show license udi | json")).udi, "PID:C8000V,SN:CSL2705E001");
});

test("a mistake is marked under the word that nothing accepts", async () => {
  assert.equal(
    await run1("show license stats"),
    "show license stats\n             ^\n% Invalid input detected at '^' marker.",
  );
  assert.equal(await run1("show license s"), '% Ambiguous command:  "show license s"');
  assert.equal(await run1("show license"), "% Incomplete command.");
  assert.equal(
    await run1("license smart usage interval 3651"),
    "license smart usage interval 3651\n                             ^\n% Invalid input detected at '^' marker.",
  );
  assert.equal(
    await run1("show license udi | grep x"),
    "show license udi | grep x\n                   ^\n% Invalid input detected at '^' marker.",
  );
  assert.match(await run1("show license udi | include ("), /^% Invalid regular expression/);
});

test("wireless commands exist only where access points do", async () => {
  assert.equal((await run("show license air entities summary")).outcome, "mistake");
  assert.match((await run("show license air entities summary", wireless)).text, /^Last license report time/);
});

test("without a running device show commands answer and changes are refused", async () => {
  const context: CommandContext = { reader: readerOf(freshStack), control: null, options, tree, ...atConsole };
  const console = { tree, modes: bothModes, promptWidth: 0, repeatsLine: true };
  assert.equal((await executeLine("show license udi", context, console)).outcome, "done");
  const refused = await executeLine("license smart sync all", context, console);
  assert.equal(refused.outcome, "refused");
  assert.match(refused.text, /not running/);
});

test("an unknown report is answered in the field's words", async () => {
  assert.equal(await run1("show license rum id 5"), "The requested item was not found");
});

test("a question mark lists what may follow, and Tab completes what is unique", async () => {
  const help = helpFor(tree, bothModes, "license smart trust idtoken abc ");
  assert(help.outcome === "choices");
  assert.deepEqual(
    help.choices.map((choice) => choice.shown),
    ["all", "local"],
  );
  assert.match(
    await run1("show license eventlog ?"),
    /<1-3650> +Days to look back\n {2}severity +Leave out what is milder\n {2}\| +Filters of the output\n {2}<cr>$/,
  );
  assert.equal(completionOf(tree, bothModes, "show license eve"), "show license eventlog ");
  assert.equal(completionOf(tree, bothModes, "show license s"), null);
});

test("[GEN-5] [GEN-6] [GEN-7] a command of classic mode is answered with the one to type, and does nothing", async () => {
  const instead: Readonly<Record<string, RegExp>> = {
    "license smart register idtoken abc force": /`license smart trust idtoken <token> all`/,
    "license smart deregister": /`license smart factory reset`/,
    "license smart renew auth": /`license smart sync all`/,
    "license smart reservation request local": /`license smart save usage all file <path>`/,
  };
  for (const [line, pointer] of Object.entries(instead)) {
    const calls: unknown[][] = [];
    const result = await run(line, trustedRouter, calls);
    assert.equal(result.outcome, "refused");
    assert.match(result.text, /policy mode/);
    assert.match(result.text, pointer);
    assert.deepEqual(calls, []);
  }
});

test("[SHO-29] the clock has a star when nobody vouches for it", async () => {
  assert.equal(await run1("show clock"), "*23:36:17.000 UTC Fri Jan 24 2031");
  assert.equal(
    (await run("show clock", { ...trustedRouter, clockIsAuthoritative: true })).text,
    "23:36:17.000 UTC Fri Jan 24 2031",
  );
});

test("[LOG-8] show logging prints the lines that were logged", async () => {
  assert.equal(await run1("show logging | i AGENT_READY"), "*Jan 24 23:19:05.417: %SMART_LIC-6-AGENT_READY: ready");
});

test("[CLI-29] [CLI-31] every line of the recipes for a relay and for a proxy is taken, in its order", async () => {
  const relay = ["license smart transport cslu", "license smart url cslu http://10.0.0.1:8182/cslu/v1/pi", "exit"];
  const proxy = ["license smart proxy address proxy.example", "license smart proxy port 8080", "exit"];
  const direct = ["conf t", "license smart transport smart", "license smart url default"];
  const lines = [
    "conf t",
    ...relay,
    "copy running-config startup-config",
    ...direct,
    ...proxy,
    "write memory",
    "term mon",
  ];
  const calls: unknown[][] = [];
  for (const line of [...lines, "license smart trust idtoken abc all force"]) {
    assert.equal((await run(line, trustedRouter, calls)).outcome, "done", line);
  }
  assert.deepEqual(
    calls.map(([name]) => name),
    [...Array(6).fill("change"), "saveConfiguration", "trust"],
  );
});

test("[CLI-21] [SHO-31] ping prints what came back in the field's words", async () => {
  const { text } = await run("ping 10.10.10.80 source vlan 10");
  assert.equal(
    text,
    [
      "Type escape sequence to abort.",
      "Sending 5, 100-byte ICMP Echos to 10.10.10.80, timeout is 2 seconds:",
      "Packet sent with a source address of 10.10.10.2 ",
      "!!.!!",
      "Success rate is 80 percent (4/5), round-trip min/avg/max = 1/2/2 ms",
    ].join("\n"),
  );
});

test("[CLI-21] [SHO-32] telnet tries every address, and Open is the sign of success", async () => {
  const open = await run("telnet manager.example.com 443 /ipv4 /source-interface vlan 10 /vrf Blue");
  assert.equal(open.outcome, "done");
  assert.match(open.text, /^Trying manager\.example\.com \(10\.10\.10\.80, 443\)\.\.\.\n% Connection timed out;/);
  assert.match(open.text, /^Trying manager\.example\.com \(10\.10\.10\.81, 443\)\.\.\. Open\n\[Connection to /m);
  const closed = await run("telnet manager.example.com");
  assert.equal(closed.outcome, "failed");
  assert.match(closed.text, /81, 23\)\.\.\.\n% Connection refused by remote host$/);
  assert.equal((await run("telnet manager.example.com 443 /quiet")).outcome, "mistake");
});

test("[SHO-30] [CLI-25] the interfaces stand in the field's columns", async () => {
  assert.equal(
    (await run("show ip interface brief")).text,
    [
      "Interface              IP-Address      OK? Method Status                Protocol",
      "GigabitEthernet0/0     unassigned      YES unset  administratively down down",
      "Vlan10                 10.10.10.2      YES manual up                    up",
      "Vlan20                 10.10.20.2      YES DHCP   down                  down",
    ].join("\n"),
  );
});

test("[SEC-5] [CLI-25] trustpoints and certificates are shown with their names, fingerprints and dates", async () => {
  assert.match(
    (await run("show crypto pki trustpoints")).text,
    /^Trustpoint SLA-TrustPoint:\n {4}Subject Name: \n {4}o=Example$/m,
  );
  assert.match(
    (await run("show crypto pki trustpoints status")).text,
    /Fingerprint MD5: 00112233 44556677 8899AABB CCDDEEFF $/m,
  );
  assert.match((await run("show crypto pki certificates")).text, /^ {4}start date: 00:00:00 UTC Jan 1 2031$/m);
  assert.equal((await run("show crypto pki certificates Nobody")).outcome, "refused");
});

test("[SHO-34] [SHO-35] what a simulated platform has no table of is said, not made up", async () => {
  for (const line of ["show ip arp 10.0.0.1", "show arp", "show mac address-table address 0011.2233.4455"]) {
    const { outcome, text } = await run(line);
    assert.deepEqual([outcome, /^% This platform is simulated/.test(text)], ["failed", true], line);
  }
  assert.match(
    (await run("show ip cef 10.9.9.9")).text,
    /^10\.9\.9\.9\/32\n {2}attached to Vlan10, leaves from 10\.10\.10\.2$/m,
  );
});

/** Every line of keywords that the tree accepts, with a value for each argument. */
function linesOf(nodes: readonly ConsoleNode[], before: readonly string[] = []): readonly (readonly string[])[] {
  return nodes.flatMap((node) => {
    const words = [...before, wordFor(node)];
    return [...(node.action === undefined ? [] : [words]), ...linesOf(node.next, words)];
  });
}

function wordFor({ part }: CommandNode<unknown>): string {
  if (part.type === "keyword") return part.word;
  if (part.kind === "address") return "10.0.0.1";
  if (part.kind === "remote") return "FLASH:VALUE";
  return part.kind === "number" ? `${part.min ?? 1}` : "VALUE";
}

test("every command of the tree is parsed as itself, and never as another", () => {
  const lines = linesOf(tree);
  assert(lines.length > 50);
  for (const words of lines) {
    assert.equal(parseCommand(tree, everyMode, words.join(" ")).outcome, "command", words.join(" "));
  }
});

test("a shortened keyword means the same command or is ambiguous, never another, wherever it is typed", () => {
  // In each mode what belongs to it: a line of an enclosing mode, cut short, may well be one of the mode itself.
  const typed = everyMode.flatMap((mode) => {
    const modes = [mode, ...enclosingModes(mode)];
    return linesOf(tree).flatMap((words) => {
      const whole = parseCommand(tree, modes, words.join(" "));
      return whole.outcome === "command" && whole.mode === mode ? [{ modes, words, action: whole.action }] : [];
    });
  });
  assert(typed.length > 500);
  const keywords = new Set(typed.flatMap(({ words }) => words.filter(isKeyword)));
  const assertSameOrNone = ({ modes, words, action }: (typeof typed)[number], cut: readonly string[]): void => {
    const short = parseCommand(tree, modes, cut.join(" "));
    // `exit` is no shortened `exit-address-family` where it is a keyword itself.
    const isAnother = cut.some((word, index) => word !== words[index] && keywords.has(word));
    if (short.outcome !== "command") assert(["ambiguous", "invalid", "incomplete"].includes(short.outcome));
    else if (!isAnother) assert.equal(short.action, action, cut.join(" "));
  };
  for (const one of typed) {
    for (const [index, word] of one.words.entries()) {
      for (let length = 1; isKeyword(word) && length < word.length; length += 1) {
        assertSameOrNone(one, one.words.with(index, word.slice(0, length)));
      }
    }
  }
  fc.assert(
    fc.property(fc.constantFrom(...typed), fc.array(fc.nat(20), { minLength: 12, maxLength: 12 }), (one, cuts) => {
      const cutAt = (word: string, index: number): string => word.slice(0, 1 + ((cuts[index] ?? 0) % word.length));
      const cut = one.words.map((word, index) => (isKeyword(word) ? cutAt(word, index) : word));
      assertSameOrNone(one, cut);
    }),
    { numRuns: 2000 },
  );
});

/** The values that `wordFor` makes for arguments begin otherwise. */
function isKeyword(word: string): boolean {
  return !/^[A-Z\d]/.test(word);
}

test("no line whatever makes the console throw, and a marker points at a word of the line", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'show license | i"?^$.*(), \t%status'.split("")), maxLength: 60 }),
      (line) => {
        const split = splitFilter(line);
        if (split.outcome === "split") applyFilter("one\n two\n  three\n\nfour", split.filter);
        const parsed = parseCommand(tree, bothModes, line);
        if (parsed.outcome === "invalid") assert.match(line.slice(parsed.column), /^\S/);
        helpFor(tree, bothModes, line);
      },
    ),
  );
});

test("include and exclude part the lines, and a section keeps what is deeper", () => {
  const text = "A\n  a1\n    a2\nB\n  b1\n\nA2";
  const filtered = (filter: string): string => {
    const split = splitFilter(`x | ${filter}`);
    assert(split.outcome === "split");
    return applyFilter(text, split.filter);
  };
  assert.equal(filtered("section A"), "A\n  a1\n    a2\nA2");
  assert.equal(filtered("sec b1"), "  b1");
  fc.assert(
    fc.property(fc.constantFrom("A", "a", "1", "^ ", "$"), (pattern) => {
      const kept =
        filtered(`include ${pattern}`).split("\n").length + filtered(`exclude ${pattern}`).split("\n").length;
      assert(kept >= text.split("\n").length);
    }),
  );
});

test("[DIA-26] [DIA-27] each debug switches what its words say, and all of the HTTP client everything below it", async () => {
  const http = ["api", "error", "main", "msg", "socket"].map((part) => `ip http client ${part}`);
  assert.deepEqual(await asked("debug ip http client all"), [["debug", http, true]]);
  assert.deepEqual(await asked("debug license agent all"), [["debug", ["license agent all"], true]]);
  assert.deepEqual(await asked("no debug ssl openssl states"), [["debug", ["ssl openssl states"], false]]);
  assert.deepEqual(await asked("undebug crypto pki messages"), [["debug", ["crypto pki messages"], false]]);
  const [[, every, isOn] = []] = (await asked("u all")) as [string, string[], boolean][];
  assert.deepEqual([every?.length, isOn], [15, false]);
  assert.equal((await run("debug license events")).text, "License events debugging is on");
});

test("[BET-2] [DIA-29] a debug without a subject is refused with the reason", async () => {
  const { outcome, text } = await run("debug ip http client cache");
  assert.equal(outcome, "refused");
  assert.match(text, /^% .*\. Use `debug /);
});

test("[DIA-29] the debugs of Call Home are its trace, its errors, or both", async () => {
  const both = ["call-home smart-licensing error", "call-home smart-licensing trace"];
  assert.deepEqual(await asked("debug call-home smart-licensing"), [["debug", both, true]]);
  assert.deepEqual(await asked("debug call-home smart-licensing all"), [["debug", both, true]]);
  assert.deepEqual(await asked("no debug call-home smart-licensing trace"), [["debug", both.slice(1), false]]);
});

test("internal commands are offered by no question mark, and refused before `service internal`", async () => {
  const help = helpFor(treeOf(c9800Cl), bothModes, "test ");
  assert.deepEqual(help.outcome === "choices" && help.choices.map(({ shown }) => shown), ["platform"]);
  const { outcome, text } = await run("test license smart rum-report id");
  assert.deepEqual([outcome, text], ["refused", "% This command is internal. Enter `service internal` first."]);
});

test("[DIA-23] the words of a capture are the documented ones", async () => {
  const define = { interfaceName: "FastEthernet1/0/48", direction: "both", matchesAny: true };
  assert.deepEqual(await asked("monitor capture CSSM interface Fa1/0/48 both match any"), [
    ["capture", { change: "define", name: "CSSM", settings: define }],
  ]);
  assert.equal((await run("monitor capture CSSM start")).text, "Started capture point : CSSM");
  assert.equal((await run("monitor capture CSSM stop")).text, "Stopped capture point : CSSM");
  assert.deepEqual(await asked("monitor capture CSSM export location flash:a.pcap"), [
    ["exportCapture", "CSSM", "flash:a.pcap"],
  ]);
  assert.deepEqual(await asked("no monitor capture CSSM"), [["capture", { change: "remove", name: "CSSM" }]]);
  for (const [line, isTaken] of [
    ["monitor capture C buffer size 100", true],
    ["monitor capture C buffer size 101", false],
    ["monitor capture C limit duration 1000000", true],
    ["monitor capture C limit duration 1000001", false],
    ["monitor capture C limit packets 100000", true],
    ["monitor capture C limit packets 100001", false],
  ] as const)
    assert.equal((await run(line)).outcome === "done", isTaken, line);
});

test("[CLI-20] the clock is set with the day before or after the month", async () => {
  const atMs = Date.parse("2025-01-24T23:02:21Z");
  assert.deepEqual(await asked("clock set 23:02:21 24 January 2025"), [["setClock", atMs, "ada"]]);
  assert.deepEqual(await asked("clock set 23:02:21 Jan 24 2025"), [["setClock", atMs, "ada"]]);
  assert.equal((await run("clock set 25:00:00 24 January 2025")).outcome, "refused");
});

test("[BET-2] what no message could carry is refused, and what is always on says so", async () => {
  for (const line of [
    "license smart usage customer-tags tag1 blue",
    "license smart utility customer_info name Example",
  ]) {
    assert.equal((await run(line)).outcome, "refused", line);
  }
  assert.match((await run("license smart enable")).text, /always on/);
  assert.deepEqual(await asked("license smart custom_id lab-7"), [
    ["change", { setting: "custom id", value: "lab-7" }],
  ]);
});
