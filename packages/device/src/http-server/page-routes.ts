// The web page of a device: one file, which holds nothing about the device. It gets everything through the same interface as
// everybody, after a login.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HttpAnswer, HttpRoute } from "./http-route.ts";

const pageFile = new URL("../../page/device.html", import.meta.url);

let page: Promise<HttpAnswer> | null = null;

/** Read once. Nothing runs but the one script and the one style sheet that stand in the file (CSP by hash). */
async function readPage(): Promise<HttpAnswer> {
  const body = await readFile(pageFile, "utf8");
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(body, "script")}`,
    `style-src ${hashOf(body, "style")}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": policy.join("; ") },
    body,
  };
}

function hashOf(html: string, tag: "script" | "style"): string {
  const [, text = ""] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(html) ?? [];
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

export const pageRoutes: readonly HttpRoute[] = [
  {
    method: "GET",
    path: "/",
    authorization: "anybody",
    purpose: "The web page; it asks for a login itself and holds nothing about the device",
    problems: "plain",
    bodyBytesMax: 0,
    answer: () => {
      page ??= readPage();
      return page;
    },
  },
];
