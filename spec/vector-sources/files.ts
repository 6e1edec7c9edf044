// Licence files (spec/files.md). Signatures inside are not part of these vectors; payload hashes are.

import {
  encodeAccountInfo,
  encodeLicenseFile,
  encodePolicy,
  encodeRumReport,
  type LicenseFile,
  sha256Hex,
  signManagerObject,
  signReport,
} from "@countersign/protocol";
import {
  accountInfo,
  authorizationWish,
  policy,
  productTag,
  rumReport,
  sudi,
  trustRequest,
} from "@countersign/protocol/test-support/samples";
import type { VectorKeys } from "./stored-keys.ts";
import { accepted, base64Of, refused, type Vector, type VectorFile } from "./vector.ts";

const factsOf = (file: LicenseFile) => ({
  reports: file.reports.map((report) => sha256Hex(report.payload)),
  managerObjects: file.managerObjects.map((object) => ({
    type: object.header.type,
    payloadSha256: sha256Hex(object.payload),
  })),
  systemInfo: file.systemInfo,
  trustRequest: file.trustRequest?.device_list.map((device) => device.sudi.udi_serial_number) ?? null,
  authorizationRequest: file.authorizationRequest?.map((wish) => wish.sudi.udi_serial_number) ?? null,
});

export async function files(keys: VectorKeys): Promise<VectorFile> {
  const manager = keys.signing("signing", "issuing");
  const report = await signReport(encodeRumReport(rumReport), { kind: "builtin", sudi, productTag });
  const odd = await signReport(`${encodeRumReport(rumReport)} ]]> \uffff \u{1f600}`, {
    kind: "builtin",
    sudi,
    productTag,
  });
  const policyObject = await signManagerObject("policy", encodePolicy(policy), manager);
  const account = await signManagerObject("account", encodeAccountInfo(accountInfo), manager);
  const one: LicenseFile = { reports: [report], managerObjects: [], systemInfo: null };
  const all: LicenseFile = {
    reports: [report, odd],
    managerObjects: [policyObject, account],
    systemInfo: '{"hostname":"edge-1"}',
  };
  const asking: LicenseFile = { reports: [], managerObjects: [], systemInfo: null, trustRequest };
  const trustRequestIn = (content: unknown) =>
    `<smartLicenseTrustRequest><data><![CDATA[${JSON.stringify(content)}]]></data></smartLicenseTrustRequest>`;
  const authorizing: LicenseFile = {
    ...{ reports: [], managerObjects: [], systemInfo: '{"hostname":"edge-1"}' },
    authorizationRequest: [authorizationWish, { ...authorizationWish, keys: [], confirm_code: "0a1b2c3d" }],
  };
  const authorizationRequestIn = (content: unknown) =>
    `<smartLicenseAuthRequest><data><![CDATA[${JSON.stringify(content)}]]></data></smartLicenseAuthRequest>`;
  const text = JSON.stringify(report);
  const element = `<RUMReport><![CDATA[${text}]]></RUMReport>`;
  const wrap = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?><smartLicense>${inner}</smartLicense>`;
  const policyAlone = `<smartLicensePolicy><data><![CDATA[${JSON.stringify(policyObject)}]]></data></smartLicensePolicy>`;
  const policyIn = (name: string) =>
    wrap(`<${name}><data><![CDATA[${JSON.stringify(policyObject)}]]></data></${name}>`);
  const good: readonly [string, string, LicenseFile][] = [
    ["one report", encodeLicenseFile(one), one],
    ["reports, objects and system information, with characters that XML does not take", encodeLicenseFile(all), all],
    ["blanks between and around", wrap(`\n ${element.replace("><", ">\n<").replace("></", ">\n</")}\n`), one],
    ["CDATA in pieces", wrap(element.replaceAll(",", "]]><![CDATA[,")), one],
    [
      "escapes in place of CDATA",
      wrap(`<RUMReport>${text.replaceAll("&", "&amp;").replaceAll('"', "&#34;")}</RUMReport>`),
      one,
    ],
    ["a trust request", encodeLicenseFile(asking), asking],
    ["a request for authorization codes", encodeLicenseFile(authorizing), authorizing],
    ["a policy alone", policyAlone, { reports: [], managerObjects: [policyObject], systemInfo: null }],
  ];
  const doctype = (inside: string) =>
    `<?xml version="1.0"?><!DOCTYPE smartLicense ${inside}><smartLicense>${element}</smartLicense>`;
  const bad: readonly [string, string, string][] = [
    ["file_entity_refused", "a document type", doctype("")],
    ["file_entity_refused", "an internal entity", doctype('[<!ENTITY a "b">]')],
    ["file_entity_refused", "an external entity", doctype('[<!ENTITY a SYSTEM "file:///etc/hostname">]')],
    ["file_entity_refused", "an undeclared entity", wrap("<RUMReport>&a;</RUMReport>")],
    ["file_element_unknown", "an unknown element", wrap("<other/>")],
    ["file_element_unknown", "an element inside a report", wrap("<RUMReport><data/></RUMReport>")],
    ["file_element_unknown", "a report as root", element],
    ["file_malformed", "no XML", "hello"],
    ["file_malformed", "an element left open", `<smartLicense>${element}`],
    ["file_malformed", "an attribute", wrap(`<RUMReport id="1">${text}</RUMReport>`)],
    ["file_malformed", "a comment", wrap(`<!-- x -->${element}`)],
    ["file_malformed", "a processing instruction", wrap(`<?x y?>${element}`)],
    ["file_malformed", "text between elements", wrap(`x${element}`)],
    ["file_malformed", "text after the root", `${wrap(element)}x`],
    [
      "file_malformed",
      "another encoding",
      `<?xml version="1.0" encoding="ISO-8859-1"?><smartLicense>${element}</smartLicense>`,
    ],
    ["file_malformed", "XML 1.1", `<?xml version="1.1"?><smartLicense>${element}</smartLicense>`],
    ["file_malformed", "a policy under the element of acknowledgements", policyIn("smartLicenseRumAck")],
    [
      "file_malformed",
      "system information twice",
      wrap("<smartLicenseSystemInfo><data>{}</data></smartLicenseSystemInfo>".repeat(2)),
    ],
    ["file_malformed", "two trust requests", wrap(trustRequestIn(trustRequest).repeat(2))],
    ["payload_invalid", "a trust request for nobody", wrap(trustRequestIn({ ...trustRequest, device_list: [] }))],
    [
      "file_malformed",
      "two requests for authorization codes",
      wrap(authorizationRequestIn([authorizationWish]).repeat(2)),
    ],
    ["payload_invalid", "a request for authorization codes of nobody", wrap(authorizationRequestIn([]))],
    [
      "payload_invalid",
      "a request for authorization codes that asks and tells nothing",
      wrap(authorizationRequestIn([{ ...authorizationWish, keys: [] }])),
    ],
    [
      "payload_invalid",
      "a confirmation code in capitals",
      wrap(authorizationRequestIn([{ ...authorizationWish, confirm_code: "0A1B2C3D" }])),
    ],
    ["file_empty", "nothing", wrap("")],
    ["invalid_json", "a report cut off", wrap(`<RUMReport><![CDATA[${text.slice(0, -1)}]]></RUMReport>`)],
    [
      "duplicate_member",
      "a report with a member twice",
      wrap(`<RUMReport><![CDATA[${text.replace("{", '{"payload":"x",')}]]></RUMReport>`),
    ],
    ["envelope_invalid", "a report that is none", wrap("<RUMReport>{}</RUMReport>")],
  ];
  const vectors: Vector[] = [
    ...good.map(([name, body, file]) => ({
      name,
      kind: "file",
      body: base64Of(body),
      expected: accepted(factsOf(file)),
    })),
    ...bad.map(([code, name, body]) => ({ name, kind: "file", body: base64Of(body), expected: refused(code) })),
    {
      name: "bytes that are not UTF-8",
      kind: "file",
      body: base64Of(Buffer.from([0x3c, 0xff])),
      expected: refused("invalid_utf8"),
    },
  ];
  return {
    file: "files.json",
    about: "Licence files: spec/files.md. A report is named by the SHA-256 of its payload.",
    vectors,
  };
}
