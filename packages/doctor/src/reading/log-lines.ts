// Log lines and lines of the licensing agent's event log. What a later line takes back is not what is wrong now.

import type { FactBook } from "./fact-book.ts";

export type Line = { readonly line: number; readonly text: string };

const logLine = /%([A-Z][A-Z0-9_]*(?:-[A-Z][A-Z0-9_]*)*-\d-[A-Z0-9_]+): ?(.*)/;
const eventLine = /\b(SAEVT_[A-Z_]+)\b(.*)/;

/** Of these facilities only. A session has thousands of others. */
const facilities = /^(LICENSE-)?(SMART_LIC|CALL_HOME|PKI|CRYPTO_ENGINE|SYS|SSH|HTTP)-|^(LICENSE|SMART)/;

/** mnemonic → what it takes back. */
const takenBack: Readonly<Record<string, RegExp>> = {
  COMM_RESTORED: /COMM_FAILED|SL_MESSAGE_FAILED|AUTH_RENEW_FAILED|CRL_FETCH_FAIL/,
  TRUST_INSTALL_SUCCESS: /TRUST_CODE_INSTALL_FAILED|COMM_FAILED|TRUST_LOST|NOT_YET_VALID|CRL_FETCH_FAIL/,
  AGENT_REG_SUCCESS: /AGENT_REG_FAILED|COMM_FAILED|CALL_HOME_FAILED_TO_ENABLE|NOT_YET_VALID|CRL_FETCH_FAIL/,
  AUTH_RENEW_SUCCESS: /AUTH_RENEW_FAILED|COMM_FAILED|SL_MESSAGE_FAILED|CRL_FETCH_FAIL/,
  IN_COMPLIANCE: /OUT_OF_COMPLIANCE/,
  CONFIGAUTOSAVE: /NOCONFIGAUTOSAVE|CONFIG_NOT_SAVED/,
  AUTHORIZATION_INSTALL_SUCCESS: /AUTHORIZATION_INSTALL_FAILED|NOT_AUTHORIZED/,
};

export function readLogLine(at: Line, book: FactBook): boolean {
  const event = eventLine.exec(at.text);
  if (event !== null) {
    const [, name = "", rest = ""] = event;
    if (name === "SAEVT_COMM_RESTORED" || name === "SAEVT_INIT_COMPLETE")
      book.withdraw(({ kind, about }) => kind === "event" && about === "SAEVT_COMM_FAIL");
    book.add("event", `${name}${rest}`, at, name);
    return true;
  }
  const log = logLine.exec(at.text);
  if (log === null) return false;
  const [, mnemonic = "", text = ""] = log;
  if (!facilities.test(mnemonic)) return true;
  const past = takenBack[mnemonic.replace(/^.*-\d-/, "")];
  if (past !== undefined) book.withdraw(({ kind, about }) => kind === "log" && past.test(about));
  book.add("log", `${mnemonic}: ${text}`, at, mnemonic);
  return true;
}

/** `write memory` after the warning: the keys are saved. */
export function savedBy(text: string, book: FactBook): void {
  if (!/^\S{1,64}[#>] ?(write( mem(ory)?)?|wr|copy running-config startup-config)\s*$/i.test(text)) return;
  book.withdraw(({ kind, about }) => kind === "log" && /NOCONFIGAUTOSAVE|CONFIG_NOT_SAVED/.test(about));
}
