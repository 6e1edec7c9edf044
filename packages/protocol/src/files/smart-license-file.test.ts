import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fileBytesMax } from "../limits.ts";
import { encodeRumReport } from "../rum-report.ts";
import {
  managerObjectTypes,
  signManagerObject,
  signReport,
  verifyManagerObject,
  verifyReport,
} from "../signed-object.ts";
import * as arbitrary from "../test-support/arbitraries.ts";
import { testNow } from "../test-support/certificates.ts";
import { assertRefused } from "../test-support/expectations.ts";
import {
  anchors,
  builtinSigner,
  bytesOf,
  manager,
  managerObject,
  publicKeyOf,
  reportPayload,
  trustSigner,
} from "../test-support/parties.ts";
import { authorizationWish, trustRequest } from "../test-support/samples.ts";
import {
  decodeLicenseFile,
  decodeSmartLicense,
  encodeLicenseFile,
  encodeSmartLicense,
  type LicenseFile,
} from "./smart-license-file.ts";

const decode = (text: string) => decodeLicenseFile(bytesOf(text));
const report = await signReport(reportPayload, trustSigner());
const reportText = JSON.stringify(report);
const policy = await managerObject("policy");
const prolog = '<?xml version="1.0" encoding="UTF-8"?>';
const file = (inner: string) => `${prolog}<smartLicense>${inner}</smartLicense>`;
const reportElement = `<RUMReport><![CDATA[${reportText}]]></RUMReport>`;
const onlyReport: LicenseFile = { reports: [report], managerObjects: [], systemInfo: null };

describe("a licence file", () => {
  it("holds reports, objects of every kind and system information, each byte for byte", async () => {
    const content: LicenseFile = {
      reports: [report, await signReport(reportPayload, builtinSigner)],
      managerObjects: await Promise.all(managerObjectTypes.map((type) => managerObject(type))),
      systemInfo: '{"hostname":"edge-1"}',
    };
    assert.deepEqual(decode(encodeLicenseFile(content)), content);
    assert.match(
      encodeLicenseFile(content),
      /^<\?xml version="1\.0" encoding="UTF-8"\?><smartLicense><RUMReport><!\[CDATA\[\{/,
    );
  });

  it("holds a trust request, once, and never beside what a manager gives a device", async () => {
    const content: LicenseFile = { reports: [], managerObjects: [], systemInfo: null, trustRequest };
    assert.deepEqual(decode(encodeLicenseFile(content)), content);
    const twice = encodeLicenseFile(content).replace(/<smartLicense>(.*)<\/smartLicense>/, (_all, inner) =>
      file(`${inner}${inner}`).slice(prolog.length),
    );
    await assertRefused("file_malformed", () => decode(twice));
    const given = Buffer.from(encodeLicenseFile({ ...content, managerObjects: [policy] })).toString("base64");
    await assertRefused("file_malformed", () => decodeSmartLicense(given));
  });

  it("holds what is asked of authorization codes, once, and never beside what a manager gives a device", async () => {
    const authorizationRequest = [authorizationWish, { ...authorizationWish, keys: [], confirm_code: "0a1b2c3d" }];
    const content: LicenseFile = { reports: [], managerObjects: [], systemInfo: null, authorizationRequest };
    const text = encodeLicenseFile(content);
    assert.deepEqual(decode(text), content);
    assert.match(text, /<smartLicenseAuthRequest><data><!\[CDATA\[\[\{"sudi"/);
    const twice = text.replace(/<smartLicense>(.*)<\/smartLicense>/, "<smartLicense>$1$1</smartLicense>");
    await assertRefused("file_malformed", () => decode(twice));
    const given = Buffer.from(encodeLicenseFile({ ...content, managerObjects: [policy] })).toString("base64");
    await assertRefused("file_malformed", () => decodeSmartLicense(given));
    const silent = { ...content, authorizationRequest: [{ ...authorizationWish, keys: [] }] };
    await assertRefused("payload_invalid", () => decode(encodeLicenseFile(silent)));
  });

  it("is read back as it was written, whatever characters its payloads have", async () => {
    const texts = fc.oneof(
      arbitrary.nonEmptyName,
      fc.constantFrom("]]>", "a]]]>b", "]]", "\uffff\ufffe", "\r\n\u0085\u2028", "&amp;<x>", "\u0000"),
    );
    const property = fc.asyncProperty(arbitrary.rumReport, texts, texts, async (anyReport, payload, info) => {
      const content: LicenseFile = {
        reports: [await signReport(`${encodeRumReport(anyReport)}${info}`, trustSigner())],
        managerObjects: [await signManagerObject("ack", payload, manager)],
        systemInfo: JSON.stringify({ info }),
      };
      const found = decode(encodeLicenseFile(content));
      assert.deepEqual(
        { ...found, systemInfo: JSON.parse(found.systemInfo ?? "") },
        { ...content, systemInfo: { info } },
      );
      for (const each of found.reports) assert.equal(await verifyReport(each, publicKeyOf), "verified");
      for (const each of found.managerObjects) await verifyManagerObject(each, anchors, testNow);
    });
    await fc.assert(property);
  });

  it("is read in the shapes that other writers give it", () => {
    const split = reportText.replaceAll('"', ']]><![CDATA["');
    const escaped = reportText.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    for (const text of [
      file(`\n  <RUMReport>\n <![CDATA[${reportText}]]>\n</RUMReport>\n`),
      `<smartLicense>${reportElement}</smartLicense>\n`,
      file(`<RUMReport><![CDATA[${split}]]></RUMReport>`),
      file(`<RUMReport>${escaped}</RUMReport>`),
      file(`<RUMReport>${reportText.replaceAll("{", "&#123;")}</RUMReport>`),
      `<?xml version='1.0'?><smartLicense>${reportElement}</smartLicense>`,
    ]) {
      assert.deepEqual(decode(text), onlyReport, text.slice(0, 80));
    }
  });

  it("may be a policy alone, under its own root", () => {
    const text = `${prolog}<smartLicensePolicy><data><![CDATA[${JSON.stringify(policy)}]]></data></smartLicensePolicy>`;
    assert.deepEqual(decode(text).managerObjects, [policy]);
  });

  it("travels in messages as one line of base64", async () => {
    const text = encodeSmartLicense([policy]);
    assert.deepEqual(decodeSmartLicense(text), [policy]);
    const withReport = Buffer.from(encodeLicenseFile(onlyReport)).toString("base64");
    for (const wrong of ["", "%%%", text.slice(1), `${text}=`, withReport]) {
      await assertRefused("file_malformed", () => decodeSmartLicense(wrong), wrong.slice(0, 40));
    }
  });
});

describe("a licence file is refused", () => {
  const entityPrelude = (declaration: string) =>
    `${prolog}<!DOCTYPE smartLicense ${declaration}><smartLicense>${reportElement}</smartLicense>`;

  for (const [what, text] of [
    ["has a document type", entityPrelude("")],
    ["declares an entity", entityPrelude('[<!ENTITY a "b">]')],
    ["declares an external entity", entityPrelude('[<!ENTITY a SYSTEM "file:///etc/hostname">]')],
    ["names an external document type", entityPrelude('SYSTEM "http://127.0.0.1/x.dtd"')],
    ["uses an undeclared entity", file(`<RUMReport>&a;</RUMReport>`)],
    ["has an entity that is none", file(`<RUMReport>&#xZZ;</RUMReport>`)],
  ] as const) {
    it(`when it ${what}`, () => assertRefused("file_entity_refused", () => decode(text)));
  }

  for (const [what, text] of [
    ["an element that no licence file has", file("<other/>")],
    ["a known element in the wrong place", file(`<smartLicensePolicy>${reportElement}</smartLicensePolicy>`)],
    ["an element inside a report", file(`<RUMReport><data/></RUMReport>`)],
    ["another root", `<smartlicense>${reportElement}</smartlicense>`],
    ["a report as root", reportElement],
    ["a namespace prefix", file(`<x:RUMReport>${reportText}</x:RUMReport>`)],
    ["a name that every object inherits", file("<__proto__/><constructor/>")],
  ] as const) {
    it(`for ${what}`, () => assertRefused("file_element_unknown", () => decode(text)));
  }

  for (const [what, text] of [
    ["nothing", ""],
    ["text that is no XML", "hello"],
    ["an element left open", `<smartLicense>${reportElement}`],
    ["elements closed crosswise", "<smartLicense><RUMReport></smartLicense></RUMReport>"],
    ["an attribute", file(`<RUMReport id="1">${reportText}</RUMReport>`)],
    ["a namespace declaration", `<smartLicense xmlns="urn:x">${reportElement}</smartLicense>`],
    ["a comment", file(`<!-- note -->${reportElement}`)],
    ["a comment inside a report", file(`<RUMReport><!-- -->${reportText}</RUMReport>`)],
    ["a processing instruction", file(`<?php x?>${reportElement}`)],
    ["text between elements", file(`x${reportElement}`)],
    ["CDATA between elements", file(`<![CDATA[x]]>${reportElement}`)],
    ["bytes after the root", `${file(reportElement)}x`],
    ["a second root", file(reportElement) + file(reportElement)],
    ["another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><smartLicense>${reportElement}</smartLicense>`],
    ["another XML version", `<?xml version="1.1"?><smartLicense>${reportElement}</smartLicense>`],
    ["a character XML does not have", file(`<RUMReport>\u0001</RUMReport>`)],
    [
      "an object under another's element",
      file(`<smartLicenseRumAck><data><![CDATA[${JSON.stringify(policy)}]]></data></smartLicenseRumAck>`),
    ],
    ["system information twice", file("<smartLicenseSystemInfo><data>{}</data></smartLicenseSystemInfo>".repeat(2))],
    ['an unescaped "]]>"', file(`<RUMReport>]]>${reportText}</RUMReport>`)],
  ] as const) {
    it(`for ${what}`, () => assertRefused("file_malformed", () => decode(text)));
  }

  it("when it carries nothing", async () => {
    await assertRefused("file_empty", () => decode(file("")));
    await assertRefused("file_empty", () => decode(file("<smartLicenseRumAck></smartLicenseRumAck>")));
  });

  it("for what its JSON is refused for, as a whole: one bad object spoils the file", async () => {
    const element = (text: string) => file(`${reportElement}<RUMReport><![CDATA[${text}]]></RUMReport>`);
    await assertRefused("invalid_json", () => decode(element(reportText.slice(1))));
    await assertRefused("duplicate_member", () => decode(element(reportText.replace("{", '{"payload":"x",'))));
    await assertRefused("envelope_invalid", () => decode(element("{}")));
    await assertRefused("invalid_json", () => decode(element("")));
    await assertRefused("json_too_deep", () => decode(element("[".repeat(100))));
    await assertRefused("invalid_json", () =>
      decode(file("<smartLicenseSystemInfo><data>x</data></smartLicenseSystemInfo>")),
    );
  });

  it("when it is not UTF-8 or starts with a byte order mark that is not XML's", async () => {
    await assertRefused("invalid_utf8", () => decodeLicenseFile(Buffer.from([0x3c, 0xff])));
    await assertRefused("invalid_utf8", () =>
      decodeLicenseFile(Buffer.from(file(reportElement), "utf16le").fill(0xff, 0, 1)),
    );
  });

  it("when it is larger than the limit, before it is read", async () => {
    const text = bytesOf(file(reportElement));
    decodeLicenseFile(text, text.length);
    await assertRefused("message_too_large", () => decodeLicenseFile(text, text.length - 1));
    await assertRefused("message_too_large", () => decodeLicenseFile(Buffer.alloc(fileBytesMax + 1)));
  });
});
