// What one message of the history came to, in one plain sentence (BET-14): the field leaves its reader to find the status
// in an answer of some thousand characters, and an example that is headed as a success holds a refusal.

import type { HistoryMessageView, MessageKind } from "../license-view.ts";

const meansOk: Readonly<Record<MessageKind, string>> = {
  trust_establishment:
    "the manager answered for every device that asked; each one's trust stands in `show license status`",
  trust_acknowledgement: "the manager knows that the trust code is installed",
  usage_reporting: "the manager acknowledged the reports",
  result_polling: "the acknowledgement that was waited for came",
  authorization_request: "the manager authorized the request",
  authorization_confirmation: "the manager knows that the authorization is installed",
  authorization_return: "the manager took the authorization back",
  trust_sync: "trust, policy and account names are those of the manager",
  hello: "the manager is there",
  registration: "the manager answered for every device that asked; the registration stands in `show license status`",
  id_renewal: "the ID certificate is renewed",
  authorization: "the manager said of each licence in use whether the account has enough of it",
  deregistration: "the manager has ended the registration",
  conversion:
    "the manager said of each device whether its old licences are deposited; it stands in `show license status`",
};

export function explainMessage({ kind, outcome }: HistoryMessageView): string {
  switch (outcome.type) {
    case "under_way":
      return "waiting: no answer yet";
    case "no_answer":
      return "no reply: nothing was refused and nothing is lost; it is sent again";
    case "answered":
      return outcome.body === ""
        ? "empty: an answer without content came; it is sent again"
        : explainAnswer(kind, outcome);
    default:
      return outcome satisfies never;
  }
}

function explainAnswer(
  kind: MessageKind,
  { status, body }: { readonly status: string; readonly body: string },
): string {
  const answer = readAnswer(body);
  switch (status) {
    case "OK":
      return `OK: ${meansOk[kind]}`;
    case "OK_POLL":
      return "OK_POLL: the manager has the reports and asks to come again for the acknowledgement";
    case "OK_TRY_AGAIN":
      return `OK_TRY_AGAIN: the manager was busy and decided nothing${waiting(answer.retryTimeSeconds)}`;
    case "FAILED":
      return ["FAILED: refused", ...refusalParts(answer)].join(", ");
    default:
      return "unreadable: what came is no answer of a manager; it is sent again";
  }
}

function refusalParts({ code, message, remedy }: ReadAnswer): readonly string[] {
  const parts = [code === "" ? "" : `code ${code}`, message === "" ? "" : `"${message}"`, remedy];
  return parts.filter((part) => part !== "");
}

function waiting(seconds: number | null): string {
  return seconds === null || seconds === 0 ? "; it is sent again" : `; it is sent again after ${seconds} s`;
}

type ReadAnswer = {
  readonly message: string;
  readonly retryTimeSeconds: number | null;
  readonly code: string;
  readonly remedy: string;
};

/** The history keeps what came, whatever it is: what cannot be read is left out. */
function readAnswer(body: string): ReadAnswer {
  const response = objectIn(objectIn(body).response);
  const data = objectIn(response.response_data);
  const { retry_time_seconds: seconds } = response;
  return {
    message: textOf(response.status_message),
    retryTimeSeconds: typeof seconds === "number" ? seconds : null,
    code: textOf(data.code),
    remedy: textOf(data.remedy),
  };
}

/** Members of a JSON text, or of an object that stands where a text belongs; none for anything else. */
function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "string") return isObject(value) ? value : {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
