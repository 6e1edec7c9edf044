// Conversion of licences of the time before Smart Licensing, led by the device: told to the manager once, on a person's word, and
// repeated until the manager says that they are deposited (CNV-2). The manager gives the same answer however often it is asked.

import { formatUdi, type LegacyLicense, type Udi } from "@countersign/protocol";
import { askedForMs, retryDelayMs } from "../back-off.ts";
import { startExchange } from "../communication.ts";
import type { AgentEffect, RefusedRequest } from "../effect.ts";
import type { ClassicResult } from "../event.ts";
import type { AgentState, Failure } from "../state.ts";
import { classicSyslog } from "../syslog.ts";
import { notify, recordEvent, type Transition, unchanged } from "../transition.ts";
import {
  type ClassicConversion,
  conversionOf,
  isRegistered,
  isRegisteredDevice,
  withConversion,
} from "./classic-state.ts";

/** While nobody has allowed it; the documents speak of about an hour. */
const allowanceMs = 3_600_000;

type Converted = Extract<ClassicResult, { readonly type: "conversion-answered" }>;
export type ConvertingDevice = { readonly udi: Udi; readonly licenses: readonly LegacyLicense[] };

export function requestConversion(state: AgentState, asked: readonly ConvertingDevice[], now: number): Transition {
  if (!isRegistered(state)) return refuse(state, "not_registered", "The device is not registered");
  if (asked.length === 0) return refuse(state, "nothing_to_convert", "The device has no licences to convert");
  const { done } = conversionOf(state);
  const open = asked.filter(({ udi }) => !(formatUdi(udi) in done));
  if (open.length === 0) return refuse(state, "already_converted", "The licences of this device are converted");
  const licenses = Object.fromEntries(open.map((one) => [formatUdi(one.udi), one.licenses]));
  return {
    state: withConversion(state, {
      attempt: { licenses, attempts: 0, failuresInARow: 0, startedAtMs: now, nextAttemptAtMs: now, lastFailure: null },
      failure: null,
    }),
    effects: [recordEvent("CONVERSION_START", { devices: String(open.length) })],
  };
}

function refuse(state: AgentState, code: RefusedRequest, message: string): Transition {
  return { state, effects: [notify({ type: "request-refused", request: "conversion", code, message })] };
}

/** What the manager has deposited by then stays so; its answer is taken when it still comes. */
export function stopConversion(state: AgentState): Transition {
  if (conversionOf(state).attempt === null) return unchanged(state);
  return { state: withConversion(state, { attempt: null }), effects: [recordEvent("CONVERSION_STOP")] };
}

/** When the next request is due; null while nothing is asked, or while no device that has something to convert is registered. */
export function nextConversionAtMs(state: AgentState): number | null {
  const { attempt } = conversionOf(state);
  return attempt === null || ready(state, attempt).length === 0 ? null : attempt.nextAttemptAtMs;
}

function ready(
  state: AgentState,
  { licenses }: NonNullable<ClassicConversion["attempt"]>,
): readonly ConvertingDevice[] {
  return state.installation.members.flatMap(({ udi }) => {
    const own = licenses[formatUdi(udi)];
    return own === undefined || !isRegisteredDevice(state, udi) ? [] : [{ udi, licenses: own }];
  });
}

export function startConversion(state: AgentState, now: number): Transition {
  const { attempt } = conversionOf(state);
  if (attempt === null) return unchanged(state);
  const counted = withConversion(state, { attempt: { ...attempt, attempts: attempt.attempts + 1 } });
  const converting = ready(state, attempt);
  return startExchange(counted, "CONVERSION", now, (exchangeId) => ({ type: "convert", exchangeId, converting }));
}

/** Each device by itself: who is converted, who waits for an administrator, and who never will be. */
export function acceptConversionAnswer(state: AgentState, { given, refused }: Converted, now: number): Transition {
  const { attempt, done } = conversionOf(state);
  const effects: AgentEffect[] = [];
  const newly: Record<string, ClassicConversion["done"][string]> = {};
  for (const { udi, payload, virtualAccount } of given) {
    const name = formatUdi(udi);
    newly[name] = { receivedAtMs: now, payload };
    effects.push(classicSyslog.converted(name, virtualAccount), recordEvent("CONVERSION_SUCCESS", { udi: name }));
  }
  const waiting = refused.filter(({ code }) => code === "conversion_not_allowed");
  const final = refused.filter(({ code }) => code !== "conversion_not_allowed");
  const isEnded = (name: string) => name in newly || final.some(({ udi }) => formatUdi(udi) === name);
  const [first] = [...final, ...waiting];
  const failure: Failure | null =
    first === undefined ? null : { stage: "refused", code: first.code, message: first.message, atMs: now };
  for (const { udi, code, message } of refused) {
    if (attempt?.lastFailure?.code === code) continue;
    const name = formatUdi(udi);
    effects.push(classicSyslog.conversionFailed(name, message), recordEvent("CONVERSION_FAIL", { udi: name, code }));
  }
  const left = Object.entries(attempt?.licenses ?? {}).filter(([name]) => !isEnded(name));
  return {
    state: withConversion(state, {
      attempt:
        attempt === null || left.length === 0
          ? null
          : {
              ...attempt,
              licenses: Object.fromEntries(left),
              failuresInARow: 0,
              nextAttemptAtMs: waiting.length > 0 ? now + allowanceMs : now,
              lastFailure: failure,
            },
      done: { ...done, ...newly },
      failure: final.length > 0 ? failure : null,
    }),
    effects,
  };
}

export function putOffConversion(state: AgentState, seconds: number, now: number): AgentState {
  const { attempt } = conversionOf(state);
  return attempt === null
    ? state
    : withConversion(state, { attempt: { ...attempt, nextAttemptAtMs: now + askedForMs(seconds) } });
}

export function retryConversion(
  state: AgentState,
  failure: Failure,
  retryAfterSeconds: number,
  now: number,
): Transition {
  const { attempt } = conversionOf(state);
  if (attempt === null) return unchanged(state);
  const failuresInARow = attempt.failuresInARow + 1;
  return {
    state: withConversion(state, {
      attempt: {
        ...attempt,
        failuresInARow,
        lastFailure: failure,
        nextAttemptAtMs: now + retryDelayMs(failuresInARow, retryAfterSeconds),
      },
    }),
    effects:
      attempt.lastFailure?.message === failure.message
        ? []
        : [recordEvent("CONVERSION_FAIL", { code: failure.code, error: failure.message })],
  };
}
