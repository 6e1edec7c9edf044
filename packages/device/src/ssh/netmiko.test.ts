// The console with Netmiko, the library that most scripts of the field log in with. Needs the Debian package
// python3-netmiko, which is /usr/lib/python3/dist-packages/netmiko/__init__.py for the interpreter of Debian.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { startTestDevice, temporaryFolder } from "../test-support/test-device.ts";
import { addUser } from "./add-user.ts";

const python = "/usr/bin/python3";
const password = "correct horse battery";

const script = `
import json, sys, warnings
warnings.filterwarnings("ignore")
from netmiko import ConnectHandler
device = ConnectHandler(device_type="cisco_ios", host="127.0.0.1", port=int(sys.argv[1]), username="ada",
                        password=sys.argv[2])
said = {"prompt": device.find_prompt()}
device.enable()
said["enabled"] = device.find_prompt()
said["all"] = device.send_command("show license all")
said["configured"] = device.send_config_set(["license smart transport smart", "license smart url https://m.example/licservice/license"])
said["inConfig"] = device.check_config_mode()
said["saved"] = device.save_config()
said["startup"] = device.send_command("show startup-config | include url")
said["negated"] = device.send_config_set(["no license smart url https://m.example/licservice/license"])
device.send_command("license smart save usage all file flash:usage.xml")
said["listed"] = device.send_command("dir flash:")
said["copied"] = device.send_command("copy running-config flash:saved.cfg", expect_string=r"\\[saved.cfg\\]\\? *$") + device.send_command("", expect_string=r"#$")
said["asked"] = device.send_command("delete flash:saved.cfg", expect_string=r"\\?") + device.send_command("", expect_string=r"\\[confirm\\]")
device.send_command("", expect_string=r"#")
said["left"] = device.send_command("dir flash: | include cfg|xml")
device.disconnect()
print(json.dumps(said))
`;

test("[CLI-3] [CLI-4] [CLI-11] Netmiko logs in, enables, shows, configures, saves, and handles files", async (t) => {
  const state = temporaryFolder(t);
  await addUser(state, { name: "ada", privilege: 15, password, publicKeys: [] });
  const { device, say } = await startTestDevice(t, { stateDirectory: state, ssh: { port: 0 } });
  const child = spawn(python, ["-W", "ignore", "-c", script, String(device.ssh?.port), password], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(String(chunk)));
  child.stderr.on("data", (chunk: Buffer) => err.push(String(chunk)));
  const [exitCode] = (await once(child, "close")) as [number];
  assert.equal(exitCode, 0, err.join(""));
  const said = JSON.parse(out.join("")) as Record<string, string>;
  assert.deepEqual([said.prompt, said.enabled, said.inConfig], ["c9300-stack>", "c9300-stack#", false]);
  assert.match(said.all ?? "", /^Smart Licensing Status\n=+\n[\s\S]*\nUsage Report Summary:/);
  assert.doesNotMatch(said.configured ?? "", /%/);
  assert.match(said.saved ?? "", /\[OK\]/);
  assert.equal(said.startup, "license smart url smart https://m.example/licservice/license");
  assert.doesNotMatch(said.negated ?? "", /%/);
  assert.equal(
    await say("show running-config | i url"),
    "license smart url smart https://smartreceiver.cisco.com/licservice/license",
  );
  assert.match(
    said.listed ?? "",
    /^Directory of flash:\/\n[\s\S]*-rw-.* usage\.xml\n\n\d+ bytes total \(\d+ bytes free\)$/,
  );
  assert.match(said.copied ?? "", /\d+ bytes copied/);
  assert.match(said.asked ?? "", /Delete flash:\/saved\.cfg\? \[confirm\]/);
  assert.match(said.left ?? "", /^.* usage\.xml$/);
});
