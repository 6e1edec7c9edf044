// The SSH server with OpenSSH's client: one command, and a session in a real terminal. Needs openssh-client and python3.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import ssh2 from "ssh2";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { wrongAttemptsPerAddressMax } from "../wrong-attempts.ts";
import { addUser } from "./add-user.ts";
import type { SshOptions } from "./ssh-server.ts";

const password = "canary-password-2718";

async function startServer(t: TestContext, options: Partial<SshOptions> = {}) {
  const state = temporaryFolder(t);
  const publicKeys = [makeClientKey(join(state, "client-key"))];
  await addUser(state, { name: "ada", privilege: 15, password, publicKeys });
  await addUser(state, { name: "bob", privilege: 1, password: null, publicKeys });
  const started = await startTestDevice(t, { stateDirectory: state, ssh: { port: 0, ...options } });
  const common = [
    ...["-F", "/dev/null", "-p", String(started.device.ssh?.port), "-o", "StrictHostKeyChecking=no"],
    ...["-o", `UserKnownHostsFile=${join(state, "known")}`, "-o", "LogLevel=ERROR", "-o", "IdentityAgent=none"],
  ];
  return { ...started, state, common, withKey: [...common, "-i", join(state, "client-key"), "-o", "BatchMode=yes"] };
}

/** Writes the private key and answers the line of the public one. By OpenSSH, because ssh2 now and then makes an unreadable key. */
function makeClientKey(path: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
  return readFileSync(`${path}.pub`, "utf8");
}

async function run(child: ReturnType<typeof spawn>) {
  const out: string[] = [];
  const err: string[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(String(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => err.push(String(chunk)));
  const [exitCode] = (await once(child, "close")) as [number];
  return { exitCode, stdout: out.join(""), stderr: err.join("") };
}

const ssh = (words: readonly string[]) => run(spawn("ssh", words, { stdio: ["ignore", "pipe", "pipe"] }));

test("[LOG-8] one command over ssh prints its output alone, and its exit code tells how it went", async (t) => {
  const { withKey, say, log, state, device } = await startServer(t);
  const shown = await ssh([...withKey, "ada@127.0.0.1", "show license summary"]);
  assert.deepEqual(shown, { exitCode: 0, stdout: `${await say("show license summary")}\n`, stderr: "" });
  assert.equal((await ssh([...withKey, "ada@127.0.0.1", "show licence"])).exitCode, 2);
  const refused = await ssh([...withKey, "bob@127.0.0.1", "license smart sync all"]);
  assert.deepEqual([refused.exitCode, refused.stdout.includes("% Invalid input")], [2, true]);
  assert.match(log.at(-1) ?? "", /%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: bob\] \[Source: 127\.0\.0\.1\]$/);
  assert.equal(lstatSync(join(state, "ssh-host-key")).mode & 0o777, 0o600);
  const known = readFileSync(join(state, "known"), "utf8");
  await device.stop();
  const again = await startTestDevice(t, { stateDirectory: state, ssh: { port: device.ssh?.port ?? 0 } });
  const key = ssh2.utils.parseKey(readFileSync(join(state, "ssh-host-key")));
  assert(!(key instanceof Error) && known.includes(key.getPublicSSH().toString("base64")));
  assert.notEqual(again.device.ssh, null);
});

test("a command that breaks fails alone: the client hears why, and the device goes on", async (t) => {
  const { withKey, state } = await startServer(t);
  writeFileSync(join(state, "flash"), "a file where the folder should be");
  const broken = await ssh([...withKey, "ada@127.0.0.1", "show clock | redirect flash:clock.txt"]);
  assert.deepEqual([broken.exitCode, broken.stdout.startsWith("% ")], [1, true]);
  assert.equal((await ssh([...withKey, "ada@127.0.0.1", "show clock"])).exitCode, 0);
});

test("a client that says nothing is sent away, and is in nobody's way when the device stops", async (t) => {
  const { device } = await startServer(t, { loginSeconds: 1 });
  const silent = connect({ host: "127.0.0.1", port: device.ssh?.port ?? 0 });
  silent.on("error", () => undefined);
  // Without a limit it would never be closed.
  silent.resume();
  await once(silent, "close");
  const stopped = await startServer(t);
  const other = connect({ host: "127.0.0.1", port: stopped.device.ssh?.port ?? 0 });
  other.on("error", () => undefined);
  await once(other, "data");
  await stopped.device.stop();
});

test("nobody logs in without being added: no user, wrong key, wrong password, too many attempts", async (t) => {
  const { withKey, common, state, log } = await startServer(t, { attemptsMax: 2 });
  assert.equal((await ssh([...withKey, "root@127.0.0.1", "show clock"])).exitCode, 255);
  makeClientKey(join(state, "other"));
  const other = [...common, "-i", join(state, "other"), "-o", "BatchMode=yes", "bob@127.0.0.1", "show clock"];
  assert.equal((await ssh(other)).exitCode, 255);
  const steps = Array.from({ length: 3 }, () => ["assword: $", "wrong-password\n"] as const);
  const tried = await dialogue([...common, "-o", "PubkeyAuthentication=no", "ada@127.0.0.1"], steps);
  assert.equal(tried.match(/assword:/g)?.length, 2);
  assert.equal(log.filter((line) => line.includes("LOGIN_FAILED")).length, 2);
});

test("[CLI-10] [CLI-11] a session in a terminal: password, modes, Tab, help, paging by the size of the window", async (t) => {
  const { common, state, log } = await startServer(t);
  const seen = await dialogue(
    [...common, "-o", "PubkeyAuthentication=no", "ada@127.0.0.1"],
    [
      ["assword: $", `${password}\n`],
      ["stack>$", "enable\r"],
      ["stack#$", "conf\tt\t\r"],
      ["config\\)#$", "license smart ?"],
      ["license smart $", "\u0015hostname edge-1\r"],
      ["edge-1\\(config\\)#$", "end\r"],
      ["edge-1#$", "show license all\r"],
      ["--More-- $", "q"],
      ["edge-1#$", "show users\r"],
      ["edge-1#$", "write memory\r"],
      ["edge-1#$", "exit\r"],
    ],
  );
  assert.match(seen, /^\* +vty 0 +ada +idle +00:00:00 +127\.0\.0\.1\r?$/m);
  assert.match(seen, /configure terminal \r\nEnter configuration commands/);
  assert.match(seen, /\r\n {2}transport +How the manager is reached\r\n/);
  assert.equal(seen.split("show license all\r\n")[1]?.split("--More--")[0]?.split("\r\n").length, 20);
  assert.match(seen, /\[OK\]\r\nedge-1#exit/);
  assert.match(readFileSync(join(state, "device.json"), "utf8"), /"startupConfiguration":\{"hostname":"edge-1"/);
  const kept = readFileSync(join(state, "users.json"), "utf8") + log.join("\n");
  assert.equal(kept.includes(password), false);
});

test("after ten wrong passwords from an address no more is tried, not even the right one", async (t) => {
  const { common, log } = await startServer(t, { attemptsMax: wrongAttemptsPerAddressMax });
  const byPassword = [...common, "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=10", "ada@127.0.0.1"];
  const wrong = Array.from({ length: wrongAttemptsPerAddressMax }, () => ["assword: $", "wrong\n"] as const);
  await dialogue(byPassword, wrong);
  assert.equal(log.filter((line) => line.includes("LOGIN_FAILED")).length, wrongAttemptsPerAddressMax);
  const seen = await dialogue(byPassword, [["assword: $", `${password}\n`]]);
  assert.doesNotMatch(seen, /stack>/);
  assert.equal(log.filter((line) => line.includes("LOGIN_SUCCESS")).length, 0);
});

/** Types into ssh, which runs in a terminal of 20 rows; each step waits for what it answers. Answers all that was shown. */
async function dialogue(words: readonly string[], steps: readonly (readonly [string, string])[]): Promise<string> {
  const child = spawn("python3", ["-c", terminalProgram, JSON.stringify(steps), "ssh", ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout, stderr } = await run(child);
  assert.equal(stderr, "");
  return stdout;
}

const terminalProgram = `
import fcntl, json, os, pty, re, select, struct, sys, termios
steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 80, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
seen, start = "", 0
while True:
    if not select.select([terminal], [], [], 20)[0]:
        sys.exit("nothing came after " + repr(seen[-200:]))
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    seen += piece.decode()
    if steps and re.search(steps[0][0], seen[start:]):
        start = len(seen)
        os.write(terminal, steps.pop(0)[1].encode())
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen.encode())
`;
