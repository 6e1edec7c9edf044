// From errors to answers, for whatever changes or looks at a running device.

import { AgentError } from "@countersign/agent";
import { type Refused, refusal } from "../device-control.ts";
import { DeviceError } from "../device-error.ts";

/** Turns the errors that a person can do something about into refusals; bugs and broken disks go on as they are. */
export async function answering<T>(change: () => Promise<T>): Promise<T | Refused> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof AgentError) && !(error instanceof DeviceError)) throw error;
    if (error instanceof AgentError && error.code === "storage_failed") throw error;
    if (error.code === "report_not_found") return refusal(error.code, "The requested item was not found", "");
    const said = error.code === "request_refused" && error.detail !== "" ? error.detail : error.message;
    return refusal(error.code, said, error.code === "request_refused" ? "" : error.remedy);
  }
}
