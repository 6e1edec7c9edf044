import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTag, parseUdi } from "./identity.ts";
import { tagCharactersMax } from "./limits.ts";
import { assertRefused } from "./test-support/expectations.ts";

const uuid = "727af1d9-6c39-4444-b301-863f81445b72";

describe("a UDI", () => {
  it("is read with blanks around it, whatever printable characters it has", () => {
    assert.deepEqual(parseUdi(" PID:C9300-48UN,SN:FOC1:2\n"), { pid: "C9300-48UN", serialNumber: "FOC1:2" });
    assert.deepEqual(parseUdi("P:A/B+C,S:1"), { pid: "A/B+C", serialNumber: "1" });
  });

  for (const text of [
    "",
    "PID:,SN:1",
    "PID:A,SN:",
    "PID:A",
    "SN:1,PID:A",
    "pid:A,sn:1",
    "PID:A B,SN:1",
    "PID:A,SN:1,",
    "PID:A,SN:1\u0000",
    `PID:${"A".repeat(65)},SN:1`,
    "PID:\u00c4,SN:1",
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => assertRefused("udi_malformed", () => parseUdi(text)));
  }
});

describe("a tag", () => {
  it("[MSG-14] has registration id, name, version and uuid, in product and entitlement form", () => {
    assert.deepEqual(parseTag(`regid.2017-05.com.example.C9300,v1_${uuid}`), {
      regid: "regid.2017-05.com.example",
      name: "C9300",
      version: "v1",
      uuid,
    });
    assert.deepEqual(parseTag(`regid.2019-03.com.example.EDGE_24_Advantage,1.0_${uuid}`).version, "1.0");
  });

  it("is as long as the limit says, and not longer", async () => {
    const exact = `regid.2017-05.org.${"A".repeat(tagCharactersMax - 59)},1.0_${uuid}`;
    assert.equal(exact.length, tagCharactersMax);
    parseTag(exact);
    await assertRefused("tag_malformed", () => parseTag(exact.replace("org.", "org.A")));
  });

  for (const text of [
    "",
    "BASE",
    `regid.2017-05.C9300,v1_${uuid}`,
    `regid.2017-5.org.C9300,v1_${uuid}`,
    `regid.2017-05..C9300,v1_${uuid}`,
    `regid.2017-05.org.,v1_${uuid}`,
    `regid.2017-05.org.C9300,_${uuid}`,
    `regid.2017-05.org.C9300,v1_${"-".repeat(36)}`,
    `regid.2017-05.org.C9300,v1_${uuid}0`,
    `regid.2017-05.org.C 9300,v1_${uuid}`,
    `regid.2017-05.org.C\u00a09300,v1_${uuid}`,
    `regid.2017-05.org.\u00d6,v1_${uuid}`,
    ` regid.2017-05.org.C9300,v1_${uuid}`,
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => assertRefused("tag_malformed", () => parseTag(text)));
  }
});
