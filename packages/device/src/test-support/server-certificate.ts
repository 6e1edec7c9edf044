// A root and a certificate under it, made by openssl for one test.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type ServerCertificate = { readonly authority: string; readonly certificate: string; readonly key: string };

export function makeServerCertificate(names = "DNS:localhost,IP:127.0.0.1"): ServerCertificate {
  const folder = mkdtempSync(join(tmpdir(), "countersign-certificate-"));
  const openssl = (...given: string[]) => execFileSync("openssl", given, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca", "-subj", "/CN=Test root", "-days", "2");
    openssl("req", "-new", ...newKey, "-keyout", "key", "-out", "request", "-subj", "/CN=receiver");
    writeFileSync(join(folder, "names"), `subjectAltName=${names}\n`);
    const signing = ["-CA", "ca", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
    openssl("x509", "-req", "-in", "request", "-out", "certificate", ...signing);
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return { authority: read("ca"), certificate: read("certificate"), key: read("key") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
