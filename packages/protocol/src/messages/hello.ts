// HELLO: is anybody there, what can it do, and what time is it. No state changes.

import * as v from "valibot";
import { epochMs } from "../schema.ts";
import { answerDataEntries, requestDataEntries } from "./request-data.ts";

export const helloRequestSchema = v.strictObject(requestDataEntries);
export const helloAnswerSchema = v.strictObject({ ...answerDataEntries, server_time: epochMs });
