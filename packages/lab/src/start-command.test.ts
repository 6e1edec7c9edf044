import assert from "node:assert/strict";
import { test } from "node:test";
import { loginLines, portalLines } from "./start-command.ts";

function login(number: number) {
  const ssh = { host: "127.0.0.1", port: 40_000 + number };
  const https = { host: "127.0.0.1", port: 41_000 + number };
  return { instance: { name: `edge-${number}` }, device: { ssh, https } };
}

test("every device of a lab is shown with its console and its page, a line each that fits a terminal of 80 columns", () => {
  const lines = loginLines([login(1), login(22)], "a-password");
  assert.deepEqual(lines, [
    "Or log in to a console, or to a web page, as lab; the password is a-password",
    "  edge-1   ssh -p 40001 lab@127.0.0.1   # or https://127.0.0.1:41001/",
    "  edge-22  ssh -p 40022 lab@127.0.0.1   # or https://127.0.0.1:41022/",
  ]);
  assert.ok(lines.every((line) => line.length < 80));
});

test("of a large lab twelve devices are shown and the rest is counted; without a password nobody is shown a login", () => {
  const logins = (count: number) =>
    loginLines(
      Array.from({ length: count }, (_, index) => login(index)),
      "a-password",
    );
  assert.equal(logins(12).length, 13);
  assert.deepEqual(logins(13).slice(-1), ["  and 1 more"]);
  assert.deepEqual(loginLines([login(1)], null), []);
});

test("the portal is shown with its address and the file of the token, and not at all without one", () => {
  const [where, file] = portalLines("https://127.0.0.1:40001", "/lab/portal-token");
  assert.equal(where, "Or open the portal, https://127.0.0.1:40001/portal/, and sign in with what stands in");
  assert.equal(file, "  /lab/portal-token");
  assert.deepEqual(portalLines("https://127.0.0.1:40001", null), []);
});
