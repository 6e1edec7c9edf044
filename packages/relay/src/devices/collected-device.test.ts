import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { deviceListBytesMax, deviceListRowsMax, parseDeviceList } from "./collected-device.ts";

const head = "name,url,user,password,fingerprint";
const problems = (...rows: readonly string[]) =>
  parseDeviceList([head, ...rows].join("\n")).map(({ row, problem }) => [row, problem]);

suite("a list of devices", () => {
  test("is read with columns in any order, quoted cells, empty lines and either line end", () => {
    const text = `\ufeffpassword,user,url,name\r\n"a,""b",ada,https://10.0.0.1:8443,edge-1\r\n\r\npw,bob,https://sw.example,edge-2\r\n`;
    assert.deepEqual(
      parseDeviceList(text).map(({ device }) => device),
      [
        { name: "edge-1", url: "https://10.0.0.1:8443", user: "ada", password: 'a,"b', fingerprint: "" },
        { name: "edge-2", url: "https://sw.example", user: "bob", password: "pw", fingerprint: "" },
      ],
    );
    const colons = `${"AB:".repeat(31)}AB`;
    assert.equal(parseDeviceList(`${head}\na,https://x,u,p,${colons}`)[0]?.device?.fingerprint, "ab".repeat(32));
  });

  test("has a verdict for each row, and no verdict tells a password", () => {
    const rows = [
      "a,https://x,u,canary",
      'a,https://x,u,"canary,',
      "a b,https://x,u,canary,",
      "a,http://x,u,canary,",
      "a,https://u:canary@x,u,canary,",
      "a,https://x/path,u,canary,",
      "a,https://x,,canary,",
      "a,https://x,u,,",
      "a,https://x,u,canary,abc",
      "b,https://x,u,canary,",
      "b,https://x,u,canary,",
    ];
    const found = problems(...rows);
    assert.deepEqual(found, [
      [2, "has not 5 cells"],
      [3, "has not 5 cells"],
      [4, "has no name of 1 to 64 letters, digits, '_', '.', ':' and '-'"],
      [5, "has no URL of the form https://host[:port]"],
      [6, "has no URL of the form https://host[:port]"],
      [7, "has no URL of the form https://host[:port]"],
      [8, "has no user"],
      [9, "has no password"],
      [10, "has a fingerprint that is no SHA-256"],
      [11, null],
      [12, "names a device twice"],
    ]);
    assert.doesNotMatch(JSON.stringify(found), /canary/);
  });

  test("has no quotes but around cells, wherever they stand", () => {
    for (const line of ['"', '""', '"",', ',""', '"a"b,,,,', 'a"b,,,,', '""""', ',"', '"a",""b,,,'])
      assert.notEqual(parseDeviceList(`${head}\n${line}`)[0]?.problem, null, line);
    assert.throws(() => parseDeviceList('name,"url'), { code: "device_list_invalid" });
  });

  test("is refused without its columns, and has as many rows and bytes as the limits say", () => {
    assert.throws(() => parseDeviceList("name,url\n"), { code: "device_list_invalid" });
    const rows = (count: number) =>
      `${head}\n${Array.from({ length: count }, (_, at) => `d${at},https://x,u,p,`).join("\n")}`;
    assert.equal(parseDeviceList(rows(deviceListRowsMax)).length, deviceListRowsMax);
    assert.throws(() => parseDeviceList(rows(deviceListRowsMax + 1)), { code: "device_list_invalid" });
    const padded = (bytes: number) => `${head}\n`.padEnd(bytes, " ");
    assert.deepEqual(parseDeviceList(padded(deviceListBytesMax)), []);
    assert.throws(() => parseDeviceList(padded(deviceListBytesMax + 1)), { code: "device_list_invalid" });
  });
});
